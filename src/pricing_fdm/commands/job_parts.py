"""Joins a worker to the rest: the sources of models, and who hears of each end."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from pricing_fdm.errors import ModelTooLarge, PricingError, SourceError
from pricing_fdm.fetch.download import Fetcher
from pricing_fdm.health.watchdog import Watchdog
from pricing_fdm.jobs.attempts import Attempt
from pricing_fdm.jobs.record import JobSource, SourceKind, Uploads
from pricing_fdm.jobs.runner import COMPLETED, DEAD, FAILED
from pricing_fdm.model import Download
from pricing_fdm.quoting.pipeline import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.telemetry.job_metrics import JobMetrics
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.web.problems import STATUS


@dataclass(frozen=True, slots=True)
class Sources:
    """Where models come from."""

    fetcher: Fetcher
    uploads: Uploads
    metrics: ServiceMetrics

    async def fetch(self, source: JobSource, destination: Path) -> Download:
        """Brings a model into a file, and counts that."""
        try:
            download = await self._fetch(source, destination)
        except (SourceError, ModelTooLarge) as error:
            self.metrics.count_source(error.outcome)
            raise
        self.metrics.observe_download(download)
        return download

    async def _fetch(self, source: JobSource, destination: Path) -> Download:
        if source.kind is SourceKind.URL:
            return await self.fetcher.fetch(source.reference, destination)
        return await self.uploads.fetch(source.reference, destination)


@dataclass(frozen=True, slots=True)
class JobObserver:
    """Tells the metrics and the watchdog how attempts go."""

    metrics: ServiceMetrics
    jobs: JobMetrics
    watchdog: Watchdog
    engine: str

    def attempt_began(self, attempt: Attempt) -> None:
        """A slot is taken."""
        self.jobs.attempt_began(waited_s=attempt.waited_s, first=attempt.number == 1)

    def attempt_ended(
        self, attempt: Attempt, outcome: str, end: Quote | PricingError | None, clock: StageTimer
    ) -> None:
        """It is free again. A quote counts as answered when the job has ended by it."""
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
