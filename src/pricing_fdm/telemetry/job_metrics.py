"""The metrics of jobs, beside those of every service.

Every worker reports the length of the same queue: take the maximum of them, not the sum.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Gauge

from pricing_fdm.telemetry.series import counter, histogram

_WAIT_BUCKETS_S = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)


class JobMetrics:
    """Metrics of jobs, in the registry of the service.

    Args:
        outcomes: How an attempt at a job can end.
    """

    def __init__(self, registry: CollectorRegistry, outcomes: Iterable[str]) -> None:
        self._attempts = counter(
            registry,
            "pricing_fdm_job_attempts",
            "Attempts at jobs that ended, by how.",
            outcome=outcomes,
        )
        self._wait = histogram(
            registry,
            "pricing_fdm_job_wait_seconds",
            "Time from handing in a job until its first attempt.",
            _WAIT_BUCKETS_S,
        )
        self._running = Gauge(
            "pricing_fdm_jobs_running", "Jobs that this worker does now.", registry=registry
        )
        self._unfinished = Gauge(
            "pricing_fdm_jobs_unfinished",
            "Jobs in the queue, waiting or being done.",
            registry=registry,
        )
        self._waiting = Gauge(
            "pricing_fdm_jobs_waiting", "Jobs that no worker has taken.", registry=registry
        )
        self._dead = Gauge(
            "pricing_fdm_dead_letters", "Dead letters of the last seven days.", registry=registry
        )

    def attempt_began(self, *, waited_s: float, first: bool) -> None:
        """A worker has begun a job."""
        self._running.inc()
        if first:
            self._wait.observe(waited_s)

    def attempt_ended(self, outcome: str) -> None:
        """The worker has ended an attempt."""
        self._running.dec()
        self._attempts.labels(outcome).inc()

    def set_queue(self, *, unfinished: int, waiting: int, dead: int) -> None:
        """States how full the queue is."""
        self._unfinished.set(unfinished)
        self._waiting.set(waiting)
        self._dead.set(dead)
