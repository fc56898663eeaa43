"""What each end of a PrusaSlicer run means; the words are those of 2.5.0 and 2.9.2."""

from __future__ import annotations

import signal

import pytest

from pricing_fdm.errors import (
    InternalError,
    ModelExceedsBuildVolume,
    ModelUnsliceable,
    PricingError,
    ResultIncomplete,
    SlicerCrashed,
    SlicingTimeout,
)
from pricing_fdm.sandbox.process import Limit, Outcome
from pricing_fdm.slicers.prusa.exit_classification import classify_exit

ROWS: dict[str, tuple[int | None, int | None, Limit | None, str, bool, type[PricingError]]] = {
    "2.9.2 outside, exit 0": (
        0, None, None, "All objects are outside of the print volume.", False,
        ModelExceedsBuildVolume,
    ),
    "2.5.0 outside, abort": (
        None, signal.SIGABRT, None, "Objects could not fit on the bed", False,
        ModelExceedsBuildVolume,
    ),
    "thinner than a layer": (
        1, None, None, "No layers were detected. You might want to repair", False,
        ModelUnsliceable,
    ),
    "nothing to extrude": (1, None, None, "The print is empty. The model", False, ModelUnsliceable),
    "too few triangles": (1, None, None, "The input is an empty file", False, ModelUnsliceable),
    "unreadable": (1, None, None, "m: Loading of a model file failed.", False, ModelUnsliceable),
    "NaN": (1, None, None, "facet 5: vertex 1contains invalid coordinate", False, ModelUnsliceable),
    "out of memory": (1, None, None, "std::bad_alloc", False, ModelUnsliceable),
    "file size": (None, signal.SIGXFSZ, Limit.FILE_SIZE, "", True, ModelUnsliceable),
    "wall clock": (None, signal.SIGKILL, Limit.WALL, "", True, SlicingTimeout),
    "wall clock after a message": (
        None, signal.SIGKILL, Limit.WALL, "No layers were detected", False, SlicingTimeout,
    ),
    "CPU time": (None, signal.SIGXCPU, Limit.CPU, "", False, SlicingTimeout),
    "crash": (None, signal.SIGSEGV, None, "", False, SlicerCrashed),
    "crash with a file": (None, signal.SIGSEGV, None, "", True, SlicerCrashed),
    "bad value": (1, None, None, "Value out of range: fill_density", False, InternalError),
    "2.9.2 bad value": (
        1, None, None, "Error: The composite configation is not valid: x", False, InternalError,
    ),
    "unknown option": (1, None, None, "Unknown option --x", False, InternalError),
    "2.9.2 layer over nozzle, exit 0": (
        0, None, None, "Layer height can't be greater than nozzle diameter", False, InternalError,
    ),
    "exit 0 without G-code": (0, None, None, "", False, ResultIncomplete),
    "exit 1 with G-code": (1, None, None, "", True, SlicerCrashed),
    "unknown end": (7, None, None, "new words", False, SlicerCrashed),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_row_of_the_table(
    row: tuple[int | None, int | None, Limit | None, str, bool, type[PricingError]],
) -> None:
    """C8: (exit code or signal, words, G-code, limit) to one error each."""
    exit_code, ended_by_signal, limit, stderr, has_gcode, expected = row
    end = Outcome(exit_code, ended_by_signal, limit, "", stderr, 1.0, 1.0, 1)
    with pytest.raises(expected) as refusal:
        classify_exit(end, has_gcode=has_gcode)
    assert refusal.value.log_detail


def test_warnings_of_a_good_run_are_handed_on() -> None:
    """A mesh with a gap is sliced all the same; this line is the only sign."""
    stdout = "10 => Processing triangulated mesh\nEmpty layer between 11.2 and 12.\n"
    end = Outcome(0, None, None, stdout, "", 1.0, 1.0, 1)
    assert [warning.message for warning in classify_exit(end, has_gcode=True)] == [
        "Empty layer between 11.2 and 12."
    ]
