"""What requests and jobs are done with besides the pipeline, in a service and in a worker."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pricing_fdm.assembly import Assembly, create_fetcher, prove_and_log
from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.fetch.download import Fetcher
from pricing_fdm.fetch.post import Poster
from pricing_fdm.health.watchdog import Watchdog
from pricing_fdm.jobs.keeper import Deliver
from pricing_fdm.jobs.observer import JobObserver
from pricing_fdm.jobs.record import JobSource, SourceKind
from pricing_fdm.jobs.runner import Runner
from pricing_fdm.jobs.store import AttemptStore, StoreLimits
from pricing_fdm.model import Download
from pricing_fdm.quoting.job_admission import JobAdmission
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.settings import Settings
from pricing_fdm.telemetry.job_metrics import JobMetrics
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.uploads.store import UploadStore
from pricing_fdm.web.answers import quote_body
from pricing_fdm.web.jobs.callback import SignedCallbacks
from pricing_fdm.web.problems import STATUS, problem_body


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is built once for all requests and jobs."""

    settings: Settings
    assembly: Assembly
    metrics: ServiceMetrics
    supervisor: Supervisor
    fetcher: Fetcher
    watchdog: Watchdog
    uploads: UploadStore

    def limits(self) -> StoreLimits:
        """How many jobs are kept, and for how long."""
        jobs = self.settings.jobs
        return StoreLimits(jobs.queue_max_jobs, jobs.result_ttl_secs)

    def runner(
        self, attempts: AttemptStore, metrics: JobMetrics, admission: JobAdmission | None = None
    ) -> Runner:
        """What does the jobs, each with the shop that it was taken in with.

        Args:
            attempts: Where attempts are recorded.
            metrics: Of jobs.
            admission: In place of the one that requests have.
        """

        async def pipeline(version: str) -> Pipeline | None:
            found = await self.assembly.versions.pipeline_of(version)
            return replace(found, admission=admission) if found and admission else found

        return Runner(
            attempts=attempts,
            pipeline=pipeline,
            fetch=functools.partial(_fetch, self.fetcher, self.uploads, self.metrics),
            result_of=quote_body,
            problem_of=problem_body,
            observer=JobObserver(self.metrics, metrics, self.watchdog, STATUS),
            retry_s=self.settings.jobs.job_retry_secs,
            supervisor=self.supervisor,
        )

    @contextlib.asynccontextmanager
    async def callbacks(self) -> AsyncIterator[Deliver | None]:
        """What posts the ends of jobs; None where there is no secret to sign them with."""
        secret = self.settings.jobs.callback_secret.get_secret_value()
        if not secret:
            yield None
            return
        poster = Poster(self.settings.fetch.policy())
        async with self.supervisor.running(BackgroundTask.TRUST_STORE, poster.read_trust):
            yield SignedCallbacks(poster, secret).deliver


@contextlib.asynccontextmanager
async def build_surroundings(
    settings: Settings, assembly: Assembly, uploads: UploadStore, give_up: Callable[[], None]
) -> AsyncIterator[Surroundings]:
    """Builds metrics, supervisor, download and watchdog around what prices.

    Args:
        settings: Of the service or the worker.
        assembly: What prices.
        uploads: The store of uploads.
        give_up: Ends the process, whose slicer does not work.
    """
    metrics = ServiceMetrics((kind.code for kind in STATUS), assembly.state)
    assembly.estimates.on_ratio = metrics.observe_estimate_ratio
    supervisor = Supervisor(metrics.report_background_failure)
    fetcher = create_fetcher(settings.fetch)
    watchdog = Watchdog(
        functools.partial(prove_and_log, assembly),
        retry_s=settings.slicing.self_test_retry_secs,
        give_up=give_up,
    )
    async with supervisor.running(BackgroundTask.TRUST_STORE, fetcher.read_trust):
        yield Surroundings(settings, assembly, metrics, supervisor, fetcher, watchdog, uploads)


async def _fetch(
    fetcher: Fetcher,
    uploads: UploadStore,
    metrics: ServiceMetrics,
    source: JobSource,
    destination: Path,
) -> Download:
    """Brings a model into a file, and counts that."""
    store: Fetcher | UploadStore = fetcher if source.kind is SourceKind.URL else uploads
    return await metrics.counted(store.fetch(source.reference, destination))
