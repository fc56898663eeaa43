"""Finds a slicer on this machine and asks it for its version.

A name without a slash is looked up on PATH and beside our own Python, where `make setup` puts
OrcaSlicer. Neither slicer has a `--version`; both state it when asked for `--help`.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from pricing_fdm.sandbox.process import Limits, run
from pricing_fdm.sandbox.sandbox import Level, Sandbox
from pricing_fdm.slicers.engine import SlicerUnavailable
from pricing_fdm.slicers.environment import slicer_environment

_HELP_BYTES = 512 * 1024  # the version stands in the first lines, which must not be forgotten
_CAGED = " (SANDBOX=none tells whether the sandbox is why)"
_PROBE_LIMITS = Limits(wall_s=20, cpu_s=20, memory_bytes=4 * 1024**3, file_size_bytes=16 * 1024**2)


def find_binary(name: str) -> Path | None:
    """Absolute path of the program `name`, None when it is not there."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    return Path(found).absolute() if found else None


async def version_of(binary: Path, pattern: re.Pattern[str], cage: Sandbox) -> str:
    """Runs `binary --help` in `cage` and returns the first group of `pattern` in what it prints.

    Raises:
        SlicerUnavailable: It does not start, or is not the program that `pattern` describes.
    """
    with tempfile.TemporaryDirectory(prefix="pricing-fdm-probe-") as folder:
        try:
            outcome = await run(
                [str(binary), "--help"],
                cwd=Path(folder),
                env=slicer_environment(binary, Path(folder)),
                limits=replace(_PROBE_LIMITS, cage=cage),
                keep_output_bytes=_HELP_BYTES,
            )
        except OSError as error:
            raise SlicerUnavailable(f"{binary} does not start: {error.strerror}") from error
    match = pattern.search(outcome.stdout) or pattern.search(outcome.stderr)
    if match is None:
        last_words = (outcome.stderr or outcome.stdout).strip()[-200:]
        raise SlicerUnavailable(
            f"{binary} does not say its version (exit code {outcome.exit_code}): {last_words}"
            f"{_CAGED if cage.level is not Level.NONE else ''}"
        )
    return match.group(1)
