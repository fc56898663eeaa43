"""Reports to the metrics and to the watchdog how attempts at jobs go."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from pricing_fdm.errors import PricingError
from pricing_fdm.health.watchdog import Watchdog
from pricing_fdm.jobs.attempts import Attempt
from pricing_fdm.jobs.runner import COMPLETED, DEAD, FAILED
from pricing_fdm.quoting.pipeline import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.telemetry.job_metrics import JobMetrics
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.web.problems import STATUS


@dataclass(frozen=True, slots=True)
class JobObserver:
    """The `Observer` of the workers.

    Attributes:
        engine: Name of the first engine.
    """

    metrics: ServiceMetrics
    jobs: JobMetrics
    watchdog: Watchdog
    engine: str

    def attempt_began(self, attempt: Attempt) -> None:
        """Counts an attempt that has begun."""
        self.jobs.attempt_began(waited_s=attempt.waited_s, first=attempt.number == 1)

    def attempt_ended(
        self, attempt: Attempt, outcome: str, end: Quote | PricingError | None, clock: StageTimer
    ) -> None:
        """Counts an attempt that has ended and, where the job has ended with it, the answer."""
        self.jobs.attempt_ended(outcome)
        if end is not None:
            self.watchdog.saw_end(end, self.engine)
        if outcome not in {COMPLETED, FAILED, DEAD}:
            return
        status = HTTPStatus.OK
        if isinstance(end, PricingError):
            status = STATUS[type(end)]
            self.metrics.count_error(end.code)
        self.metrics.observe_quote(
            material=str(attempt.order.get("material")),
            status=int(status),
            timing_ms=clock.timing_ms(),
        )
