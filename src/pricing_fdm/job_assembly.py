"""Builds what gateways and workers of the queue mode share: the store of uploads, the poster."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import AsyncIterator

import structlog
from starlette.routing import Route

from pricing_fdm.assembly import Assembly
from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor, every
from pricing_fdm.errors import QueueUnavailable, StoreUnavailable
from pricing_fdm.fetch.post import Poster
from pricing_fdm.jobs.broadcast import JobBroadcast
from pricing_fdm.jobs.connection import Client, connect
from pricing_fdm.jobs.needed_uploads import NeededUploads
from pricing_fdm.jobs.shared_results import RedisStore
from pricing_fdm.jobs.store import JobStore, StoreLimits
from pricing_fdm.jobs.watch import QueueWatch
from pricing_fdm.settings import Settings, SettingsError
from pricing_fdm.settings.queue import Jobs
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.gateway_metrics import add_gateway_metrics
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.uploads.store import UploadStore
from pricing_fdm.web.jobs import status, submit
from pricing_fdm.web.jobs.callback import SignedCallbacks
from pricing_fdm.web.jobs.parts import QUEUE_KEY, QueueParts
from pricing_fdm.web.jobs.upload import upload_places
from pricing_fdm.web.page import Page
from pricing_fdm.web.paths import EVENTS_PATH, JOB_QUOTE_PATH, STATUS_PATH, UPLOAD_PATH

_UPLOADS_FOLDER = "pricing-fdm-uploads"
_EXAMINE_S = 5.0
_SWEEPS_PER_TTL = 4

_log = structlog.get_logger()


def create_uploads(settings: Settings) -> UploadStore:
    """The store of uploads.

    Raises:
        SettingsError: OBJECT_STORE_URL is none, or its folder cannot be made.
    """
    default = (settings.slicing.temp_dir.absolute() / _UPLOADS_FOLDER).as_uri()
    try:
        return UploadStore(
            settings.jobs.object_store_url or default,
            ttl_s=settings.jobs.upload_ttl_secs,
            max_bytes=settings.jobs.upload_store_bytes,
        )
    except ValueError as error:
        raise SettingsError((f"OBJECT_STORE_URL: {error}",)) from error


def create_callbacks(jobs: Jobs, poster: Poster) -> SignedCallbacks | None:
    """Who tells callers of the end of their jobs; None where there is no secret to sign with."""
    secret = jobs.callback_secret.get_secret_value()
    return SignedCallbacks(poster, secret) if secret else None


@contextlib.asynccontextmanager
async def open_poster(settings: Settings, supervisor: Supervisor) -> AsyncIterator[Poster]:
    """What posts to callers' URLs."""
    poster = Poster(settings.fetch.policy())
    async with supervisor.running(BackgroundTask.TRUST_STORE, poster.read_trust):
        yield poster


class Queue:
    """The queue mode of a gateway: its routes, and what they work with.

    Raises:
        SettingsError: As `create_uploads`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._uploads = create_uploads(settings)

    def routes(self) -> list[Route]:
        """What a gateway answers beside every service."""
        return [
            Route(JOB_QUOTE_PATH, submit.post_quote, methods=["POST"]),
            Route(UPLOAD_PATH, submit.post_upload, methods=["POST"]),
            Route(STATUS_PATH, status.get_status),
            Route(EVENTS_PATH, status.get_events),
            *Page().routes(),
        ]

    @contextlib.asynccontextmanager
    async def opened(
        self, assembly: Assembly, supervisor: Supervisor, metrics: ServiceMetrics
    ) -> AsyncIterator[dict[str, QueueParts]]:
        """The state that the routes look into; tended while the context lasts."""
        settings, jobs = self._settings, self._settings.jobs
        async with (
            connect(jobs.redis_url.get_secret_value()) as redis,
            open_poster(settings, supervisor) as poster,
        ):
            store = JobStore(redis, StoreLimits(jobs.queue_max_jobs, jobs.result_ttl_secs))
            broadcast = JobBroadcast(redis, store)
            assembly.admission.on_drain(broadcast.wake_all)
            watch = QueueWatch(redis, store, assembly.readiness, broadcast.wake_all)
            await watch.look()
            remember_in_redis(assembly, redis, settings)
            async with (
                supervisor.running(BackgroundTask.REDIS_CHECK, every(_EXAMINE_S, watch.look)),
                supervisor.running(BackgroundTask.JOB_NEWS, broadcast.run),
                sweeping(self._uploads, redis, jobs.upload_ttl_secs, supervisor),
            ):
                parts = QueueParts(
                    store=store,
                    broadcast=broadcast,
                    watch=watch,
                    admission=assembly.admission,
                    uploads=self._uploads,
                    poster=poster,
                    offers_callbacks=bool(jobs.callback_secret.get_secret_value()),
                    stream_places=status.stream_places(jobs.event_stream_places),
                    upload_places=upload_places(jobs.upload_places),
                    max_upload_bytes=settings.fetch.max_bytes,
                    upload_timeout_s=jobs.upload_timeout_secs,
                )
                add_gateway_metrics(
                    metrics.registry,
                    workers=lambda: math.nan if watch.workers is None else watch.workers,
                    event_streams=lambda: parts.stream_places.taken,
                    uploads=lambda: parts.upload_places.taken,
                    upload_store_bytes=lambda: self._uploads.taken_bytes,
                )
                yield {QUEUE_KEY: parts}


def remember_in_redis(assembly: Assembly, redis: Client, settings: Settings) -> None:
    """Shares what is found out about models with all gateways and workers."""
    if settings.cache.cache_ttl_secs:
        assembly.share_results(RedisStore(redis, ttl_s=settings.cache.cache_ttl_secs))


def sweeping(
    uploads: UploadStore, redis: Client, ttl_s: float, supervisor: Supervisor
) -> contextlib.AbstractAsyncContextManager[None]:
    """Old uploads go while the context lasts; every gateway and worker does it, none must."""
    needed = NeededUploads(redis, kept_s=ttl_s)
    work = every(ttl_s / _SWEEPS_PER_TTL, functools.partial(_sweep, uploads, needed))
    return supervisor.running(BackgroundTask.UPLOAD_SWEEP, work)


async def _sweep(uploads: UploadStore, needed: NeededUploads) -> None:
    try:
        swept = await uploads.sweep(needed.release)
    except (StoreUnavailable, QueueUnavailable) as error:
        _log.warning(logs.UPLOADS_UNSWEPT, detail=error.log_detail)
        return
    if swept:
        _log.info(logs.UPLOADS_SWEPT, swept=swept)
