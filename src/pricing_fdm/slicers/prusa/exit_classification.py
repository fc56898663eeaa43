"""What the end of a PrusaSlicer run means.

It has two exit codes, 0 and 1, and prints the reason; 2.9.2 exits with 0 for a part outside the
bed. So a run is good only if the G-code is there, and the printed text is looked up in one table,
made from runs of 2.5.0 and 2.9.2.
"""

from __future__ import annotations

import re

from pricing_fdm.errors import (
    InternalError,
    ModelExceedsBuildVolume,
    ModelUnsliceable,
    PricingError,
    ResultIncomplete,
    SlicerCrashed,
)
from pricing_fdm.model import QuoteWarning
from pricing_fdm.sandbox.process import Outcome
from pricing_fdm.slicers.exit_classification import (
    NOTHING_TO_PRINT,
    TOO_LARGE,
    UNREADABLE,
    log_summary,
    raise_for_limits,
    slicer_warnings,
)

_MEANINGS: tuple[tuple[str, type[PricingError], str], ...] = (
    ("could not fit on the bed", ModelExceedsBuildVolume, TOO_LARGE),
    ("outside of the print volume", ModelExceedsBuildVolume, TOO_LARGE),
    ("No layers were detected", ModelUnsliceable, NOTHING_TO_PRINT),
    ("The print is empty", ModelUnsliceable, NOTHING_TO_PRINT),
    ("no extrusions in the first layer", ModelUnsliceable, NOTHING_TO_PRINT),
    ("The input is an empty file", ModelUnsliceable, UNREADABLE),
    ("Loading of a model file failed", ModelUnsliceable, UNREADABLE),
    ("invalid coordinate", ModelUnsliceable, UNREADABLE),
)
# About our command line and our profiles, which the caller cannot change.
_OUR_FAULTS = (
    "Unknown option",
    "Invalid value",
    "Value out of range",
    "No such file",
    "Layer height can't be greater",
    "Error parsing",
    "configation is not valid",
)
_WARNING = re.compile(
    r"^(?:Empty layer between .*|Detected print stability issue.*)$", re.MULTILINE
)


def classify_exit(outcome: Outcome, *, has_gcode: bool) -> tuple[QuoteWarning, ...]:
    """Returns the slicer's warnings of a good run and raises for every other.

    Args:
        outcome: How the process ended.
        has_gcode: The G-code file is there and not empty.

    Raises:
        PricingError: As `Engine.slice` lists.
    """
    printed = f"{outcome.stderr}\n{outcome.stdout}"
    if outcome.exit_code == 0 and has_gcode:
        return slicer_warnings(_WARNING.findall(printed))
    for text, kind, sentence in _MEANINGS:
        if text in printed and outcome.limit is None:
            raise kind(sentence, log_detail=log_summary(outcome))
    raise_for_limits(outcome)
    if any(text in printed for text in _OUR_FAULTS):
        raise InternalError("The slicer refuses our own settings.", log_detail=log_summary(outcome))
    if outcome.exit_code == 0:
        raise ResultIncomplete(
            "The slicer reports success but left no result.", log_detail=log_summary(outcome)
        )
    raise SlicerCrashed("The slicer failed at this model.", log_detail=log_summary(outcome))
