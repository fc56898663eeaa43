"""Builds the service.

`create_app` first builds what can be refused before anything listens: tracer, store of uploads,
routes. The rest is built at the start of the lifespan, each thing from those before it: Redis
(where there is one), what prices (`assembly`), metrics, supervisor, download, watchdog, the jobs
(`queue_mode`). It is taken down in the reverse order. Nothing is built at import time.
"""

from __future__ import annotations

import contextlib
import functools
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from starlette.applications import Starlette

from pricing_fdm import __version__
from pricing_fdm.assembly import (
    Assembly,
    assemble,
    create_fetcher,
    prove_and_log,
    warn_of_root,
    watching_shop,
)
from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.health.watchdog import UNRECOVERABLE, Watchdog
from pricing_fdm.queue_mode import (
    LOST_WITH_THE_PROCESS,
    Surroundings,
    following_versions,
    open_local_queue,
    open_redis_queue,
)
from pricing_fdm.quoting.backlog import Backlog
from pricing_fdm.quoting.cache.answers import AnswerStore, MemoryAnswers
from pricing_fdm.quoting.cache.result_cache import SharedStore
from pricing_fdm.quoting.estimate_record import KEPT_S
from pricing_fdm.quoting.estimating import Estimator
from pricing_fdm.settings import Settings, SettingsError
from pricing_fdm.settings.queue import UPLOADS_FOLDER
from pricing_fdm.settings.server import Server, Tracing
from pricing_fdm.shop_source import shop_source
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.telemetry.tracing import NullTracer, Tracer
from pricing_fdm.uploads.store import UploadStore
from pricing_fdm.web.app_state import STATE_KEY, AppState
from pricing_fdm.web.application import application
from pricing_fdm.web.metrics_port import metrics_port
from pricing_fdm.web.problems import STATUS
from pricing_fdm.web.upload import UploadLimits, upload_places

if TYPE_CHECKING:
    from pricing_fdm.jobs.connection import Client

_log = structlog.get_logger()


def create_app(settings: Settings) -> Starlette:
    """The ASGI application; what it works with is built when it starts.

    Raises:
        SettingsError: The shop is faulty; tracing is on, and a variable of OpenTelemetry's cannot
            be used; or the store of uploads cannot be.
    """
    loaded = shop_source(settings).load()
    tracer = _create_tracer(settings.server)
    jobs = settings.jobs
    shared = jobs.address or jobs.object_store_url
    uploads = jobs.upload_store(settings.slicing.temp_dir / UPLOADS_FOLDER) if shared else None
    return application(
        functools.partial(_lifespan, settings, loaded, tracer, uploads),
        loaded.shop,
        tokens=settings.server.tokens,
        admin_tokens=settings.server.admin_tokens,
        origins=settings.server.origins,
        quotes=not jobs.gateway_only,
        metrics=not settings.server.metrics_port,
    )


@contextlib.asynccontextmanager
async def _lifespan(
    settings: Settings,
    loaded: LoadedShop,
    tracer: Tracer,
    uploads: UploadStore | None,
    app: Starlette,
) -> AsyncIterator[dict[str, AppState]]:
    server = settings.server
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        await enter(contextlib.aclosing(tracer))
        redis, store = _connect(settings) if settings.jobs.address else (None, None)
        answers = _open_answers(redis, settings.jobs.result_ttl_secs)
        if redis is not None:
            await enter(redis)
        backlog = Backlog(_shared_backlog(redis))
        assembly = await enter(assemble(settings, loaded, store, backlog, _shared_notes(redis)))
        metrics = ServiceMetrics((kind.code for kind in STATUS), assembly.state)
        assembly.estimates.on_ratio = metrics.observe_estimate_ratio
        # Where the server finds them: for a signal, and for what it refuses itself.
        app.state.admission, app.state.metrics = assembly.admission, metrics
        supervisor = Supervisor(metrics.report_background_failure)
        fetcher = create_fetcher(settings.fetch)
        await enter(supervisor.running(BackgroundTask.TRUST_STORE, fetcher.read_trust))
        watchdog = Watchdog(
            functools.partial(prove_and_log, assembly),
            retry_s=settings.slicing.self_test_retry_secs,
            give_up=functools.partial(_give_up, app),
        )
        around = Surroundings(
            settings=settings,
            assembly=assembly,
            metrics=metrics,
            supervisor=supervisor,
            fetcher=fetcher,
            watchdog=watchdog,
            uploads=_open_uploads(uploads, settings, assembly, stack.enter_context(ExitStack())),
        )
        receiving = upload_places(settings.jobs.upload_places)
        queue = await enter(
            open_local_queue(around, receiving)
            if redis is None
            else open_redis_queue(around, redis, receiving)
        )
        kept = LOST_WITH_THE_PROCESS if redis is None else "kept in Redis"
        warn_of_root()
        _log.info(logs.SERVICE_STARTED, version=__version__, swept=assembly.swept, jobs=kept)
        await enter(supervisor.running(BackgroundTask.WATCHDOG, watchdog.watch))
        await enter(watching_shop(assembly.shops, settings.shop.shop_watch_secs, supervisor))
        await enter(following_versions(assembly.versions, supervisor, redis))
        if server.metrics_port:
            await enter(metrics_port(metrics, server.pricing_fdm_host, server.metrics_port))
        state = AppState(
            admission=assembly.admission,
            readiness=assembly.readiness,
            shops=assembly.shops,
            versions=assembly.versions,
            fetcher=fetcher,
            answers=answers,
            backlog=backlog,
            uploads=UploadLimits(
                receiving, settings.fetch.max_bytes, settings.jobs.upload_timeout_secs
            ),
            metrics=metrics,
            tracer=tracer,
            watchdog=watchdog,
            queue=queue,
            estimator=Estimator(assembly.estimates),
        )
        yield {STATE_KEY: state}
    _log.info(logs.SERVICE_STOPPED)


def _connect(settings: Settings) -> tuple[Client, SharedStore]:
    """Redis, and the slice results in it."""
    from pricing_fdm.jobs.connection import connect
    from pricing_fdm.jobs.shared_results import RedisStore

    redis = connect(settings.jobs.address)
    return redis, RedisStore(redis, ttl_s=settings.cache.cache_ttl_secs)


def _shared_backlog(redis: Client | None) -> SharedStore | None:
    if redis is None:
        return None
    from pricing_fdm.jobs.shared_results import BACKLOG, RedisStore

    return RedisStore(redis, ttl_s=None, kind=BACKLOG)


def _shared_notes(redis: Client | None) -> SharedStore | None:
    if redis is None:
        return None
    from pricing_fdm.jobs.shared_results import ESTIMATE, RedisStore

    return RedisStore(redis, ttl_s=KEPT_S, kind=ESTIMATE)


def _open_answers(redis: Client | None, ttl_s: int) -> AnswerStore:
    if redis is None:
        return MemoryAnswers(ttl_s)
    from pricing_fdm.jobs.shared_answers import RedisAnswers

    return RedisAnswers(redis, ttl_s=ttl_s)


def _open_uploads(
    uploads: UploadStore | None, settings: Settings, assembly: Assembly, stack: ExitStack
) -> UploadStore:
    """The store that was named, or a folder of this process, made for the first upload."""
    if uploads is not None:
        return uploads

    def folder() -> Path:
        return stack.enter_context(assembly.workspaces.folder()).path

    return settings.jobs.upload_store(folder)


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
