from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pricing_fdm.jobs.record import Outcome
from pricing_fdm.telemetry.job_metrics import JobMetrics


def samples(registry: CollectorRegistry) -> dict[str, float]:
    """Every sample by name and label."""
    return {
        f"{sample.name}{list(sample.labels.values()) or ''}": sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_every_outcome_is_there_with_zero_before_it_happens() -> None:
    """An alert on a rate misses the first of a series that begins with 1."""
    registry = CollectorRegistry()
    JobMetrics(registry, Outcome)
    seen = samples(registry)
    for outcome in Outcome:
        assert seen[f"pricing_fdm_job_attempts_total['{outcome}']"] == 0


def test_an_attempt_is_counted_when_it_ends_and_its_wait_once_for_a_job() -> None:
    """A job that is tried three times has waited once."""
    registry = CollectorRegistry()
    metrics = JobMetrics(registry, Outcome)
    metrics.attempt_began(waited_s=3, first=True)
    metrics.attempt_ended("retried")
    metrics.attempt_began(waited_s=9, first=False)
    seen = samples(registry)
    assert seen["pricing_fdm_jobs_running"] == 1
    assert seen["pricing_fdm_job_attempts_total['retried']"] == 1
    assert seen["pricing_fdm_job_wait_seconds_count"] == 1
    assert seen["pricing_fdm_job_wait_seconds_sum"] == 3


def test_the_queue_is_told_as_it_was_heard_of() -> None:
    """Once a second, by every worker, of the one queue."""
    registry = CollectorRegistry()
    JobMetrics(registry, Outcome).set_queue(unfinished=7, waiting=4, dead=2)
    seen = samples(registry)
    assert seen["pricing_fdm_jobs_unfinished"] == 7
    assert seen["pricing_fdm_jobs_waiting"] == 4
    assert seen["pricing_fdm_dead_letters"] == 2
