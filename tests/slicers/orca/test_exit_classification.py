"""What each end of an OrcaSlicer run means: the table, against 59 runs of the real program."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

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
from pricing_fdm.slicers.orca.exit_classification import classify_exit

RECORDED: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("recorded_runs.json").read_text()
)

# What the caller should hear of each recorded run that did not end well. All others are good runs
# here; those among them whose profile was wrong (0 g, no density) fail at extraction.
REFUSED: dict[str, type[PricingError]] = {
    **dict.fromkeys(
        ("corrupt_bin", "corrupt_txt", "truncated", "header_only", "empty", "zerotri", "flat"),
        ModelUnsliceable,
    ),
    **dict.fromkeys(
        ("toobig", "toobig_noarr", "tall", "tall_orient", "mach_small"), ModelExceedsBuildVolume
    ),
    "tiny": ModelUnsliceable,
    **dict.fromkeys(
        (
            *("nofile", "incompat", "fila_no_type", "fila_no_from", "fila_project", "proc_raw"),
            *("mach_raw", "all_raw", "proc_no_compat", "proc_no_type", "proc_thick"),
            *("proc_thickfirst", "proc_negative", "mach_user_noinh", "mach_absE", "notjson"),
            *("emptyjson", "missing_json"),
        ),
        InternalError,
    ),
}
GOOD = {"return_code": 0, "sliced_plates": [{"warning_message": ""}]}


def outcome(
    exit_code: int | None = 0,
    *,
    ended_by_signal: int | None = None,
    limit: Limit | None = None,
    stdout: str = "",
    stderr: str = "",
) -> Outcome:
    """An end of a process."""
    return Outcome(exit_code, ended_by_signal, limit, stdout, stderr, 1.0, 1.0, 1)


def test_all_recorded_runs_are_known() -> None:
    """A case that nobody judged would pass for a good one."""
    assert len(RECORDED) == 59
    assert set(REFUSED) <= set(RECORDED)


@pytest.mark.parametrize("case", RECORDED)
def test_recorded_run_is_classified_right(case: str) -> None:
    """C8: exit code, result.json and files as the real program left them."""
    run = RECORDED[case]
    end = outcome(run["exit"], stdout=run["stdout"], stderr=run["stderr"])
    files = {"has_gcode": "plate_1.gcode" in run["files"], "has_second_plate": False}
    result = {"return_code": run["return_code"]}
    if case not in REFUSED:
        classify_exit(end, result, **files)
        return
    with pytest.raises(REFUSED[case]) as refusal:
        classify_exit(end, result, **files)
    assert "json" not in refusal.value.detail
    assert "exit code" in (refusal.value.log_detail or "")


@pytest.mark.parametrize(
    ("end", "result", "files", "expected"),
    [
        (outcome(), None, True, ResultIncomplete),
        (outcome(), GOOD, False, ResultIncomplete),
        (outcome(), {"return_code": -50}, True, ModelExceedsBuildVolume),
        (outcome(), {"return_code": "odd"}, True, InternalError),
        (outcome(204), None, False, ModelExceedsBuildVolume),
        (outcome(198), None, False, SlicingTimeout),
        (outcome(155), None, False, ModelUnsliceable),
        (outcome(156, stderr="std::bad_alloc\n"), None, False, ModelUnsliceable),
        (outcome(156, stderr="a new exception\n"), None, False, SlicerCrashed),
        (
            outcome(205, stderr="The object exceeds the maximum build volume height.\n"),
            None,
            False,
            ModelExceedsBuildVolume,
        ),
        (outcome(254, stderr="Invalid option --x\n"), None, False, InternalError),
        (outcome(127), None, False, SlicerCrashed),
        (outcome(1), None, False, SlicerCrashed),
        (outcome(None, ended_by_signal=signal.SIGSEGV), None, False, SlicerCrashed),
        (outcome(None, ended_by_signal=signal.SIGKILL), GOOD, True, SlicerCrashed),
        (
            outcome(None, ended_by_signal=signal.SIGKILL, limit=Limit.WALL),
            GOOD,
            True,
            SlicingTimeout,
        ),
        (
            outcome(None, ended_by_signal=signal.SIGXCPU, limit=Limit.CPU),
            None,
            False,
            SlicingTimeout,
        ),
        (
            outcome(None, ended_by_signal=signal.SIGXFSZ, limit=Limit.FILE_SIZE),
            None,
            False,
            ModelUnsliceable,
        ),
        (
            outcome(None, ended_by_signal=signal.SIGABRT, stderr="std::bad_alloc"),
            None,
            False,
            ModelUnsliceable,
        ),
    ],
    ids=[
        "success without result.json",
        "success without G-code",
        "exit 0, result says otherwise",
        "exit 0, result says nonsense",
        "partly outside",
        "its own time limit",
        "toolpaths collide",
        "out of memory",
        "unknown exception",
        "too tall",
        "unknown option",
        "missing library",
        "unknown exit code",
        "segmentation fault",
        "killed from outside although the files are there",
        "wall clock",
        "CPU time",
        "file size",
        "out of memory by signal",
    ],
)
def test_every_row_of_the_table(
    end: Outcome, result: dict[str, Any] | None, files: bool, expected: type[PricingError]
) -> None:
    """C8: (exit code or signal, result, files, limit) to one error each."""
    with pytest.raises(expected):
        classify_exit(end, result, has_gcode=files, has_second_plate=False)


def test_a_second_plate_means_that_not_all_was_priced() -> None:
    """What does not fit goes to plate 2, with exit code 0."""
    with pytest.raises(ModelExceedsBuildVolume):
        classify_exit(outcome(), GOOD, has_gcode=True, has_second_plate=True)


def test_warnings_of_the_plates_are_handed_on() -> None:
    """Empty ones are no warnings; a strange shape is none either."""
    plates = [{"warning_message": "floating"}, {"warning_message": ""}, "odd", {}]
    warnings = classify_exit(
        outcome(),
        {"return_code": 0, "sliced_plates": plates},
        has_gcode=True,
        has_second_plate=False,
    )
    assert [warning.message for warning in warnings] == ["floating"]
