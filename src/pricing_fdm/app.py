"""Builds the service.

`create_app` first builds what can be refused before anything listens: tracer, store of uploads,
routes. The rest is built at the start of the lifespan, each thing from those before it: Redis
(where there is one), what prices (`assembly`), metrics, supervisor, download, the queue mode,
watchdog. It is taken down in the reverse order. Nothing is built at import time.
"""

from __future__ import annotations

import contextlib
import functools
import math
import signal
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import structlog
from starlette.applications import Starlette

from pricing_fdm import __version__
from pricing_fdm.assembly import Assembly, assemble, create_fetcher, prove_and_log
from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor, every
from pricing_fdm.health.watchdog import UNRECOVERABLE, Watchdog
from pricing_fdm.quoting.cache.result_cache import SharedStore
from pricing_fdm.settings import Settings, SettingsError
from pricing_fdm.settings.server import Server, Tracing
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.gateway_metrics import add_gateway_metrics
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.telemetry.tracing import NullTracer, Tracer
from pricing_fdm.web.app_state import STATE_KEY, AppState, QueueState
from pricing_fdm.web.application import application
from pricing_fdm.web.metrics_port import metrics_port
from pricing_fdm.web.places import Places
from pricing_fdm.web.problems import STATUS
from pricing_fdm.web.upload import UploadLimits, upload_places

if TYPE_CHECKING:
    from pricing_fdm.jobs.connection import Client
    from pricing_fdm.uploads.store import UploadStore

_EXAMINE_REDIS_S = 5.0

_log = structlog.get_logger()


def create_app(settings: Settings) -> Starlette:
    """The ASGI application; what it works with is built when it starts.

    Raises:
        SettingsError: The shop is faulty; tracing is on, and a variable of OpenTelemetry's cannot
            be used; or the store of uploads cannot be.
    """
    shop = settings.shop.load()
    tracer = _create_tracer(settings.server)
    jobs = settings.jobs
    uploads = jobs.upload_store(settings.slicing.temp_dir) if jobs.address else None
    return application(
        functools.partial(_lifespan, settings, shop, tracer, uploads),
        shop,
        tokens=settings.server.tokens,
        quotes=not jobs.gateway_only,
        jobs=bool(jobs.address),
        metrics=not settings.server.metrics_port,
    )


@contextlib.asynccontextmanager
async def _lifespan(
    settings: Settings, shop: Shop, tracer: Tracer, uploads: UploadStore | None, app: Starlette
) -> AsyncIterator[dict[str, AppState]]:
    server = settings.server
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        await enter(contextlib.aclosing(tracer))
        redis, store = _connect(settings) if uploads else (None, None)
        if redis is not None:
            await enter(redis)
        assembly = await enter(assemble(settings, shop, store))
        metrics = ServiceMetrics((kind.code for kind in STATUS), assembly.state)
        # Where the server finds them: for a signal, and for what it refuses itself.
        app.state.admission, app.state.metrics = assembly.admission, metrics
        supervisor = Supervisor(metrics.report_background_failure)
        fetcher = create_fetcher(settings.fetch)
        await enter(supervisor.running(BackgroundTask.TRUST_STORE, fetcher.read_trust))
        receiving = upload_places(settings.jobs.upload_places)
        queue = None
        if redis is not None and uploads is not None:
            opened = _open_queue(
                settings,
                redis,
                uploads,
                assembly,
                metrics,
                receiving=receiving,
                supervisor=supervisor,
            )
            queue = await enter(opened)
        watchdog = Watchdog(
            functools.partial(prove_and_log, assembly),
            retry_s=settings.slicing.self_test_retry_secs,
            give_up=functools.partial(_give_up, app),
        )
        _log.info(logs.SERVICE_STARTED, version=__version__, swept=assembly.swept)
        await enter(supervisor.running(BackgroundTask.WATCHDOG, watchdog.watch))
        if server.metrics_port:
            await enter(metrics_port(metrics, server.pricing_fdm_host, server.metrics_port))
        state = AppState(
            admission=assembly.admission,
            readiness=assembly.readiness,
            shop=shop,
            profiles=assembly.profiles,
            pipeline=assembly.pipeline,
            fetcher=fetcher,
            uploads=UploadLimits(
                receiving, settings.fetch.max_bytes, settings.jobs.upload_timeout_secs
            ),
            metrics=metrics,
            tracer=tracer,
            watchdog=watchdog,
            queue=queue,
        )
        yield {STATE_KEY: state}
    _log.info(logs.SERVICE_STOPPED)


def _connect(settings: Settings) -> tuple[Client, SharedStore]:
    """Redis, and the slice results in it."""
    from pricing_fdm.jobs.connection import connect
    from pricing_fdm.jobs.shared_results import RedisStore

    redis = connect(settings.jobs.address)
    return redis, RedisStore(redis, ttl_s=settings.cache.cache_ttl_secs)


@contextlib.asynccontextmanager
async def _open_queue(
    settings: Settings,
    redis: Client,
    uploads: UploadStore,
    assembly: Assembly,
    metrics: ServiceMetrics,
    *,
    receiving: Places,
    supervisor: Supervisor,
) -> AsyncIterator[QueueState]:
    """Builds the queue mode and keeps its background tasks running."""
    from pricing_fdm.jobs.broadcast import JobBroadcast
    from pricing_fdm.jobs.needed_uploads import sweeping
    from pricing_fdm.jobs.store import JobStore, StoreLimits
    from pricing_fdm.jobs.watch import QueueWatch
    from pricing_fdm.web.jobs.status import stream_places

    jobs = settings.jobs
    store = JobStore(redis, StoreLimits(jobs.queue_max_jobs, jobs.result_ttl_secs))
    broadcast = JobBroadcast(redis, store)
    assembly.admission.on_drain(broadcast.wake_all)
    watch = QueueWatch(redis, store, assembly.readiness, broadcast.wake_all)
    await watch.look()
    state = QueueState(
        store=store,
        broadcast=broadcast,
        watch=watch,
        uploads=uploads,
        policy=settings.fetch.policy(),
        offers_callbacks=bool(jobs.callback_secret.get_secret_value()),
        stream_places=stream_places(jobs.event_stream_places),
    )
    add_gateway_metrics(
        metrics.registry,
        workers=lambda: math.nan if watch.workers is None else watch.workers,
        event_streams=lambda: state.stream_places.taken,
        uploads=lambda: receiving.taken,
        upload_store_bytes=lambda: uploads.taken_bytes,
    )
    sweep = sweeping(uploads, redis, jobs.upload_ttl_secs)
    async with (
        supervisor.running(BackgroundTask.REDIS_CHECK, every(_EXAMINE_REDIS_S, watch.look)),
        supervisor.running(BackgroundTask.JOB_NEWS, broadcast.run),
        supervisor.running(BackgroundTask.UPLOAD_SWEEP, sweep),
    ):
        yield state


def _give_up(app: Starlette) -> None:
    """Ends the service in its ordinary way, with the exit code that says why."""
    app.state.exit_code = UNRECOVERABLE
    signal.raise_signal(signal.SIGINT)


def _create_tracer(server: Server) -> Tracer:
    if server.tracing is Tracing.NONE:
        return NullTracer()
    try:
        from pricing_fdm.telemetry.otlp import OtlpTracer  # an optional extra

        return OtlpTracer(__version__)
    except (ValueError, RuntimeError) as error:
        fault = f"TRACING: OpenTelemetry refuses one of its own variables OTEL_*: {error}"
        raise SettingsError((fault,)) from error
