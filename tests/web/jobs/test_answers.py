"""The JSON of a job is the same in `/status`, in an event and in a callback."""

from __future__ import annotations

import pytest

from pricing_fdm.jobs.record import Job, JobState
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.web.answers import quote_body
from pricing_fdm.web.jobs.answers import duration_text, status_body
from pricing_fdm.web.jobs.schemas import JobStatus
from tests.quoting.quotes import quote


@pytest.mark.parametrize(
    ("job", "workers", "body"),
    [
        (Job("1", JobState.QUEUED), None, {"status": "queued"}),
        (Job("1", JobState.QUEUED), 0, {"status": "queued", "workers": 0}),
        (
            Job("1", JobState.PROCESSING, progress=40, stage="slice"),
            2,
            {"status": "processing", "progress": 40, "stage": "slice"},
        ),
        (Job("1", JobState.PROCESSING), 2, {"status": "processing", "progress": 0}),
        (
            Job("1", JobState.FAILED, progress=40, problem={"code": "model_invalid"}),
            2,
            {"status": "failed", "data": {"error": {"code": "model_invalid"}}},
        ),
    ],
    ids=["queued", "nobody is there", "slicing", "begun", "failed"],
)
def test_each_state_has_the_fields_that_mean_something_in_it(
    job: Job, workers: int | None, body: dict[str, object]
) -> None:
    """Progress of a failed job, or workers while one is at work, would only confuse."""
    assert status_body(job, workers) == body


def test_a_completed_job_has_the_quote_unchanged_and_a_summary() -> None:
    """The summary is what a client of the original gateway reads."""
    result = quote_body(quote(), StageTimer())
    body = status_body(Job("1", JobState.COMPLETED, progress=100, result=result), 2)
    JobStatus.model_validate(body)
    assert set(body) == {"status", "data"}
    assert body["data"]["quote"] is result
    assert body["data"]["summary"] == {
        "total_cost": result["total_usd"],
        "print_time": duration_text(result["print_time_hours"]),
        "material": "PLA",
        "complexity": "low",
        "layer_height": 0.2,
        "infill_percentage": 20,
    }


@pytest.mark.parametrize(
    ("hours", "text"),
    [(0.0001, "0h 01m"), (0.5, "0h 30m"), (0.9999, "1h 00m"), (4.25, "4h 15m"), (100, "100h 00m")],
)
def test_a_print_time_is_written_in_hours_and_minutes(hours: float, text: str) -> None:
    """At least a minute, and never 60 of them."""
    assert duration_text(hours) == text
