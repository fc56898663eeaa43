"""How far PrusaSlicer is: it prints each step that it begins."""

from __future__ import annotations

import re

_STEP = re.compile(rb"\s*(\d{1,3}) => ")
_DONE = b"Slicing result exported"
# 2.5.0 prints this with 70 before the infill is even prepared, for which it prints 30.
_MISLABELLED = b"70 => Infilling layers"
_INFILL_PERCENT = 25


def prusa_percent(line: bytes) -> int | None:
    """Percentage of a line such as `20 => Generating perimeters`."""
    if line.startswith(_MISLABELLED):
        return _INFILL_PERCENT
    if line.startswith(_DONE):
        return 100
    step = _STEP.match(line)
    return int(step[1]) if step else None
