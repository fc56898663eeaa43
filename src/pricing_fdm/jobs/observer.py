"""Reports to the metrics and to the watchdog how attempts at jobs go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from pricing_fdm.errors import PricingError
from pricing_fdm.health.watchdog import Watchdog
from pricing_fdm.jobs.attempt import Attempt
from pricing_fdm.jobs.record import Outcome
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.telemetry.job_metrics import JobMetrics
from pricing_fdm.telemetry.metrics import ServiceMetrics


@dataclass(frozen=True, slots=True)
class JobObserver:
    """Counts attempts and answers, and lets the watchdog see how slices end.

    Attributes:
        status_of: The HTTP status of each error, as the synchronous route would answer it.
    """

    metrics: ServiceMetrics
    jobs: JobMetrics
    watchdog: Watchdog
    status_of: Mapping[type[PricingError], HTTPStatus]

    def attempt_began(self, attempt: Attempt) -> None:
        """Counts an attempt that has begun."""
        self.jobs.attempt_began(waited_s=attempt.waited_s, first=attempt.number == 1)

    def attempt_ended(
        self,
        attempt: Attempt,
        outcome: Outcome,
        end: Quote | PricingError | None,
        timer: StageTimer,
    ) -> None:
        """Counts an attempt that has ended and, where the job has ended with it, the answer."""
        self.jobs.attempt_ended(outcome)
        if end is not None:
            self.watchdog.note_end(end)
        if outcome not in {Outcome.COMPLETED, Outcome.FAILED, Outcome.DEAD}:
            return
        status = HTTPStatus.OK
        if isinstance(end, Quote):
            self.metrics.count_review(end.price)
        if isinstance(end, PricingError):
            status = self.status_of[type(end)]
            self.metrics.count_error(end.code)
        self.metrics.observe_quote(
            material=str(attempt.order.get("material")),
            status=int(status),
            timing_ms=timer.timing_ms(),
        )
