"""Limits and signals end a run of any slicer with the same errors."""

from __future__ import annotations

import signal

import pytest

from pricing_fdm.errors import ModelUnsliceable, PricingError, SlicerCrashed, SlicingTimeout
from pricing_fdm.sandbox.process import Limit, Outcome
from pricing_fdm.slicers.exit_classification import log_summary, raise_for_limits


def outcome(
    ended_by_signal: int | None = None, limit: Limit | None = None, stderr: str = ""
) -> Outcome:
    """An end of a process; without a signal it exited with 1."""
    exit_code = None if ended_by_signal else 1
    return Outcome(exit_code, ended_by_signal, limit, "", stderr, 1.0, 1.0, 1)


@pytest.mark.parametrize(
    ("end", "expected", "detail"),
    [
        (outcome(signal.SIGKILL, Limit.WALL), SlicingTimeout, "in the time allowed"),
        (outcome(signal.SIGXCPU, Limit.CPU), SlicingTimeout, "in the time allowed"),
        (outcome(signal.SIGKILL, Limit.SILENCE), SlicingTimeout, "did not get any further"),
        (outcome(signal.SIGXFSZ, Limit.FILE_SIZE), ModelUnsliceable, "toolpath"),
        (outcome(stderr="std::bad_alloc"), ModelUnsliceable, "more memory"),
        (outcome(signal.SIGABRT, stderr="std::bad_alloc"), ModelUnsliceable, "more memory"),
        (outcome(signal.SIGSEGV), SlicerCrashed, "crashed"),
    ],
    ids=["wall clock", "CPU", "silence", "file size", "memory", "memory by signal", "crash"],
)
def test_each_end_has_its_error(end: Outcome, expected: type[PricingError], detail: str) -> None:
    """The caller reads what to do, the log how it ended."""
    with pytest.raises(expected, match=detail) as error:
        raise_for_limits(end)
    assert log_summary(end) in str(error.value.log_detail)


def test_an_exit_by_itself_is_left_to_the_engine() -> None:
    """Its code and its words differ from slicer to slicer."""
    raise_for_limits(outcome(stderr="Unknown option"))


def test_the_log_gets_the_end_of_a_long_output() -> None:
    """The last lines say what went wrong."""
    summary = log_summary(outcome(stderr="x" * 10_000 + "the reason"))
    assert summary.startswith("exit code 1 after 1.0 s; ")
    assert "the reason" in summary
    assert len(summary) < 2100
