"""Attempts at jobs are counted like the answers of the synchronous route."""

from __future__ import annotations

import pytest
from prometheus_client import generate_latest

from pricing_fdm.errors import ModelInvalid, PricingError, SlicerCrashed
from pricing_fdm.health.self_test import Proof
from pricing_fdm.health.watchdog import Watchdog
from pricing_fdm.jobs.attempt import Attempt
from pricing_fdm.jobs.observer import JobObserver
from pricing_fdm.jobs.record import Outcome
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.telemetry.job_metrics import JobMetrics
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.web.problems import STATUS
from tests.quoting.quotes import quote
from tests.telemetry.scraped import service_metrics, values


async def proven() -> Proof:
    """A self-test that is good."""
    return Proof.GOOD


def metrics_after(outcome: Outcome, end: Quote | PricingError | None) -> ServiceMetrics:
    """The metrics of a worker that has made one attempt."""
    metrics = service_metrics()
    watchdog = Watchdog(proven, retry_s=1, give_up=lambda: None)
    jobs = JobMetrics(metrics.registry, Outcome)
    observer = JobObserver(metrics, jobs, watchdog, STATUS)
    attempt = Attempt("job", 1, 1, {"material": "pla"}, "req-1", 2.5, None)
    observer.attempt_began(attempt)
    observer.attempt_ended(attempt, outcome, end, StageTimer())
    assert b"pricing_fdm_jobs_running 0.0" in generate_latest(metrics.registry)
    return metrics


@pytest.mark.parametrize(
    ("outcome", "end", "status"),
    [
        (Outcome.COMPLETED, quote(), "200"),
        (Outcome.FAILED, ModelInvalid("It is empty."), "422"),
        (Outcome.DEAD, SlicerCrashed("It crashed."), "500"),
    ],
)
def test_the_end_of_a_job_counts_as_one_answer_h2(
    outcome: Outcome, end: Quote | PricingError, status: str
) -> None:
    """H2: under the status that the synchronous route would have answered."""
    metrics = metrics_after(outcome, end)
    assert values(metrics, "pricing_fdm_requests_total") == {("pla", status): 1}
    errors = values(metrics, "pricing_fdm_errors_total")
    assert sum(errors.values()) == (0 if isinstance(end, Quote) else 1)
    if isinstance(end, PricingError):
        assert errors[end.code,] == 1


@pytest.mark.parametrize("outcome", [Outcome.RETRIED, Outcome.HANDED_BACK, Outcome.DROPPED])
def test_an_attempt_that_leaves_its_job_open_is_no_answer(outcome: Outcome) -> None:
    """The job's end is still to come, here or in another worker."""
    metrics = metrics_after(outcome, None)
    assert sum(values(metrics, "pricing_fdm_requests_total").values()) == 0
    assert sum(values(metrics, "pricing_fdm_errors_total").values()) == 0
    assert values(metrics, "pricing_fdm_job_attempts_total")[outcome.value,] == 1
