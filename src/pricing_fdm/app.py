"""Builds the service.

`create_app` first builds what can be refused before anything listens: tracer, store of uploads,
routes. The rest is built at the start of the lifespan, each thing from those before it: Redis
(where there is one), what prices (`assembly`), what is around it (`surroundings`), the jobs
(`queue_mode`), what runs beside (`upkeep`). It is taken down in the reverse order. Nothing is built
at import time.
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
from pricing_fdm.assembly import Assembly, assemble
from pricing_fdm.health.watchdog import UNRECOVERABLE
from pricing_fdm.queue_mode import LOST_WITH_THE_PROCESS, open_local_queue, open_redis_queue
from pricing_fdm.quoting.cache.answers import AnswerStore, MemoryAnswers
from pricing_fdm.quoting.estimating import Estimator
from pricing_fdm.settings import Settings, SettingsError
from pricing_fdm.settings.queue import UPLOADS_FOLDER
from pricing_fdm.settings.server import Server, Tracing
from pricing_fdm.shared_stores import ALONE, stores_in
from pricing_fdm.shop_source import shop_source
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop
from pricing_fdm.surroundings import build_surroundings
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.tracing import NullTracer, Tracer
from pricing_fdm.upkeep import upkeep, warn_of_root
from pricing_fdm.uploads.store import UploadStore
from pricing_fdm.web.app_state import STATE_KEY, AppState
from pricing_fdm.web.application import application
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
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        await enter(contextlib.aclosing(tracer))
        redis = await enter(_connect(settings)) if settings.jobs.address else None
        shared = ALONE if redis is None else stores_in(redis, settings.cache.cache_ttl_secs)
        assembly = await enter(assemble(settings, loaded, shared))
        folders = stack.enter_context(ExitStack())
        uploads = uploads or _uploads_in_a_folder(settings, assembly, folders)
        give_up = functools.partial(_give_up, app)
        around = await enter(build_surroundings(settings, assembly, uploads, give_up))
        # Where the server finds them: for a signal, and for what it refuses itself.
        app.state.admission, app.state.metrics = assembly.admission, around.metrics
        receiving = upload_places(settings.jobs.upload_places)
        queue = await enter(
            open_local_queue(around, receiving)
            if redis is None
            else open_redis_queue(around, redis, receiving)
        )
        kept = LOST_WITH_THE_PROCESS if redis is None else "kept in Redis"
        warn_of_root()
        _log.info(logs.SERVICE_STARTED, version=__version__, swept=assembly.swept, jobs=kept)
        await enter(upkeep(around, redis))
        state = AppState(
            admission=assembly.admission,
            readiness=assembly.readiness,
            shops=assembly.shops,
            versions=assembly.versions,
            fetcher=around.fetcher,
            answers=_open_answers(redis, settings.jobs.result_ttl_secs),
            backlog=assembly.backlog,
            uploads=UploadLimits(
                receiving, settings.fetch.max_bytes, settings.jobs.upload_timeout_secs
            ),
            metrics=around.metrics,
            tracer=tracer,
            watchdog=around.watchdog,
            queue=queue,
            estimator=Estimator(assembly.estimates),
        )
        yield {STATE_KEY: state}
    _log.info(logs.SERVICE_STOPPED)


def _connect(settings: Settings) -> Client:
    from pricing_fdm.jobs.connection import connect

    return connect(settings.jobs.address)


def _open_answers(redis: Client | None, ttl_s: int) -> AnswerStore:
    if redis is None:
        return MemoryAnswers(ttl_s)
    from pricing_fdm.jobs.shared_answers import RedisAnswers

    return RedisAnswers(redis, ttl_s=ttl_s)


def _uploads_in_a_folder(settings: Settings, assembly: Assembly, stack: ExitStack) -> UploadStore:
    """A store in a folder of this process, which is made for the first upload."""

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
