"""What the end of a PrusaSlicer run means.

It has two exit codes, 0 and 1, and prints the reason; 2.9.2 exits with 0 for a part outside the
bed. So a run is good only if the G-code is there, and the printed text is looked up in a table, see
`messages`.
"""

from __future__ import annotations

import re

from pricing_fdm.errors import (
    InternalError,
    ResultIncomplete,
    SlicerCrashed,
)
from pricing_fdm.model import QuoteWarning
from pricing_fdm.sandbox.process import Outcome
from pricing_fdm.slicers.exit_classification import (
    log_summary,
    raise_for_limits,
    slicer_warnings,
)
from pricing_fdm.slicers.messages import meaning_of

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
    if outcome.limit is None and (meaning := meaning_of(printed)):
        kind, sentence = meaning
        raise kind(sentence, log_detail=log_summary(outcome))
    raise_for_limits(outcome)
    if any(text in printed for text in _OUR_FAULTS):
        raise InternalError("The slicer refuses our own settings.", log_detail=log_summary(outcome))
    if outcome.exit_code == 0:
        raise ResultIncomplete(
            "The slicer reports success but left no result.", log_detail=log_summary(outcome)
        )
    raise SlicerCrashed("The slicer failed at this model.", log_detail=log_summary(outcome))
