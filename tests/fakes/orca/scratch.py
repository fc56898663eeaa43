"""The folder OrcaSlicer makes below TMPDIR for each run.

Only its leaf is removed, and only by a run that succeeds; the parents always stay. A folder
that another user made blocks the project export of everyone else.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_PARENT = "orcaslicer_model"


def make_scratch() -> Path | None:
    """Creates the run's folder, or nothing when that is not allowed."""
    named = (os.environ.get(name, "") for name in ("TMPDIR", "TMP", "TEMP"))
    base = next((Path(path) for path in named if path and Path(path).is_dir()), Path("/tmp"))
    leaf = f"{time.strftime('%H_%M_%S')}#{os.getpid()}#1"
    folder = base / _PARENT / time.strftime("%a_%b_%d") / leaf
    try:
        folder.mkdir(parents=True)
    except OSError:
        return None
    return folder
