"""Builds what service and worker share around the pipeline: download, metrics, watchdog.

`assembly` builds what prices; this is what a long-running process needs besides.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import structlog

from pricing_fdm import __version__
from pricing_fdm.assembly import Assembly
from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.fetch.download import Fetcher
from pricing_fdm.health.readiness import is_ready
from pricing_fdm.health.self_test import Proof
from pricing_fdm.health.watchdog import Watchdog
from pricing_fdm.settings import Settings
from pricing_fdm.settings.server import Server
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.web import problems

UNRECOVERABLE = 70
"""Exit code (EX_SOFTWARE) of a service whose slicer has failed three self-tests."""

_log = structlog.get_logger()


@contextlib.asynccontextmanager
async def open_fetcher(settings: Settings, supervisor: Supervisor) -> AsyncIterator[Fetcher]:
    """What downloads models."""
    policy = settings.fetch.policy()
    for caution in policy.cautions():
        _log.warning(logs.FETCH_POLICY_CAUTION, caution=caution)
    fetcher = Fetcher(
        policy,
        max_bytes=settings.fetch.max_bytes,
        total_timeout_s=settings.fetch.request_timeout_secs,
    )
    async with supervisor.running(BackgroundTask.TRUST_STORE, fetcher.read_trust):
        yield fetcher


def create_metrics(assembly: Assembly) -> ServiceMetrics:
    """The metrics of this process; some are read off the parts when they are scraped."""
    admission = assembly.admission
    metrics = ServiceMetrics(
        version=__version__,
        error_types=[kind.code for kind in problems.STATUS],
        slices_in_progress=lambda: admission.slicing,
        queue_depth=lambda: max(0, admission.admitted - admission.slicing),
        is_ready=assembly.readiness.is_ready,
        slicer_fallbacks=lambda: assembly.fallbacks,
        poison_refusals=lambda: assembly.poison_refusals,
        strays_reaped=lambda: assembly.strays_reaped,
        cache_results=lambda: assembly.cache_results,
    )
    if assembly.pipeline is not None:
        metrics.set_engine(assembly.pipeline.engine.name, assembly.pipeline.engine.version)
    if assembly.cage is not None:
        metrics.set_sandbox(assembly.cage.level)
    return metrics


@contextlib.asynccontextmanager
async def serving_metrics(
    metrics: ServiceMetrics, server: Server, supervisor: Supervisor
) -> AsyncIterator[None]:
    """Serves the metrics on a port of their own while the context lasts, if one is set."""
    if not server.metrics_port:
        yield
        return
    with metrics.served_at(server.pricing_fdm_host, server.metrics_port) as served:
        async with supervisor.running(BackgroundTask.METRICS_SERVER, served.keep_serving):
            yield


def create_supervisor(metrics: ServiceMetrics) -> Supervisor:
    """What runs the background tasks of this process; their failures are logged and counted."""

    def report(task: BackgroundTask, error: BaseException) -> None:
        _log.error(logs.BACKGROUND_TASK_FAILED, task=task.value, exc_info=error)
        metrics.count_background_failure(task)

    return Supervisor(report)


def watching(
    watchdog: Watchdog, supervisor: Supervisor
) -> contextlib.AbstractAsyncContextManager[None]:
    """The self-test runs beside the start, so that liveness does not wait for a slice."""
    return supervisor.running(BackgroundTask.WATCHDOG, watchdog.watch)


async def prove(assembly: Assembly) -> Proof:
    """Runs the self-test and tells the log how it went."""
    test = await assembly.prove()
    if test.proof is Proof.UNDECIDED:
        _log.warning(logs.SELF_TEST_PUT_OFF, detail=test.detail)
        return test.proof
    checks = assembly.readiness.checks()
    ready = is_ready(checks)
    tell = _log.info if ready else _log.error
    tell(logs.SELF_TEST_FINISHED, ready=ready, **{check.name: check.detail for check in checks})
    return test.proof
