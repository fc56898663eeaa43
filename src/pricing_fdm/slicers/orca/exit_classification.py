"""What the end of an OrcaSlicer run means.

The table comes from OrcaSlicer 2.3.1's source (`Utils.hpp`, `CLI_*`) and agrees with 59 recorded
runs. The process exits with the negative code, so 206 is -50. Exit code 0 alone means nothing: with
`--slice 2`, for one, there is no G-code at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pricing_fdm.errors import (
    InternalError,
    ModelExceedsBuildVolume,
    ModelUnsliceable,
    PricingError,
    ResultIncomplete,
    SlicerCrashed,
    SlicingTimeout,
)
from pricing_fdm.model import QuoteWarning
from pricing_fdm.sandbox.process import Outcome
from pricing_fdm.slicers.exit_classification import (
    log_summary,
    raise_for_limits,
    slicer_warnings,
)
from pricing_fdm.slicers.messages import (
    COLLIDING,
    TOO_CLOSE,
    TOO_FINE,
    TOO_LARGE,
    UNREADABLE,
    meaning_of,
)

# Code of the CLI: what it means for the caller.
_MEANINGS: dict[int, tuple[type[PricingError], str]] = {
    -6: (ModelUnsliceable, UNREADABLE),
    -50: (ModelExceedsBuildVolume, TOO_LARGE),
    -52: (ModelExceedsBuildVolume, TOO_LARGE),
    -58: (SlicingTimeout, "Slicing did not finish in the time allowed."),
    -59: (ModelUnsliceable, TOO_FINE),
    -63: (ModelUnsliceable, TOO_CLOSE),
    -64: (ModelUnsliceable, TOO_CLOSE),
    -101: (ModelUnsliceable, COLLIDING),
}
# About our command line and our profiles, which the caller cannot change.
_OUR_FAULTS = frozenset({-1, -2, -3, -4, -5, -7, -8, -13, -17, -18, -19, -51, -61, -62})

_NOT_VALID = -51

_LAST_SHELL_CODE = 127  # a missing library or program


def classify_exit(
    outcome: Outcome, result: Mapping[str, Any] | None, *, has_gcode: bool, has_second_plate: bool
) -> tuple[QuoteWarning, ...]:
    """Returns the slicer's warnings of a good run and raises for every other.

    Args:
        outcome: How the process ended.
        result: The run's `result.json`; None when it is missing or cannot be read.
        has_gcode: The file that should hold the G-code is there and not empty.
        has_second_plate: It sliced more than the one plate that is priced.

    Raises:
        PricingError: As `Engine.slice` lists.
    """
    raise_for_limits(outcome)
    code = _cli_code(outcome, result)
    if code != 0:
        raise _error_for(code, outcome)
    if result is None or not has_gcode:
        raise ResultIncomplete(
            "The slicer reports success but left no result.", log_detail=log_summary(outcome)
        )
    if has_second_plate:
        raise ModelExceedsBuildVolume(
            "The bodies of this file do not fit on one plate.", log_detail=log_summary(outcome)
        )
    return _warnings(result)


def _cli_code(outcome: Outcome, result: Mapping[str, Any] | None) -> int:
    """The negative CLI code; an exit code of 0 does not outweigh a result that says otherwise."""
    if outcome.exit_code:
        is_negative = outcome.exit_code > _LAST_SHELL_CODE
        return outcome.exit_code - 256 if is_negative else outcome.exit_code
    stated = result.get("return_code", 0) if result else 0
    return stated if isinstance(stated, int) else -1


def _error_for(code: int, outcome: Outcome) -> PricingError:
    log = f"code {code}, {log_summary(outcome)}"
    if code in _MEANINGS:
        kind, sentence = _MEANINGS[code]
        return kind(sentence, log_detail=log)
    # -100 is "an exception while slicing" and -51 "not valid"; only the text says which.
    meaning = meaning_of(f"{outcome.stderr}\n{outcome.stdout}")
    if meaning and code not in _OUR_FAULTS - {_NOT_VALID}:
        return meaning[0](meaning[1], log_detail=log)
    if code in _OUR_FAULTS:
        return InternalError("The slicer refuses our own settings.", log_detail=log)
    return SlicerCrashed("The slicer failed at this model.", log_detail=log)


def _warnings(result: Mapping[str, Any]) -> tuple[QuoteWarning, ...]:
    plates = result.get("sliced_plates")
    texts = (
        plate.get("warning_message")
        for plate in (plates if isinstance(plates, list) else ())
        if isinstance(plate, dict)
    )
    return slicer_warnings(text for text in texts if isinstance(text, str))
