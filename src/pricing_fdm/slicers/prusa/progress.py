"""How far PrusaSlicer is: it prints each step that it begins."""

from __future__ import annotations

import re

_STEP = re.compile(rb"\s*(\d{1,3}) => ")
_DONE = b"Slicing result exported"
# 2.5.0 prints this with 70 before the infill is even prepared, for which it prints 30.
_MISLABELLED = b"70 => Infilling layers"
_INFILL = 30
# Its own figures number the steps. These are the shares of the time that had passed when a step
# began, measured with 2.5.0 on parts that take half a minute: perimeters, infill, support, G-code.
_PERCENT_OF_TIME = {10: 2, 20: 3, 30: 40, 85: 53, 88: 65, 90: 65}


def prusa_percent(line: bytes) -> int | None:
    """Percentage of the time at a line such as `20 => Generating perimeters`."""
    if line.startswith(_DONE):
        return 100
    step = _STEP.match(line)
    if step is None:
        return None
    number = _INFILL if line.startswith(_MISLABELLED) else int(step[1])
    begun = [percent for label, percent in _PERCENT_OF_TIME.items() if label <= number]
    return max(begun, default=0)
