"""Runs `pricing-fdm` as a person at a terminal does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def pricing_fdm(
    *arguments: str | Path,
    environment: dict[str, str] | None = None,
    piped: str | None = None,
    patience_s: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end; a text may be piped into it."""
    return subprocess.run(
        [sys.executable, "-m", "pricing_fdm", *map(str, arguments)],
        input=piped,
        env={"PATH": os.environ["PATH"], "SLICER": "prusa", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=patience_s,
        check=False,
    )
