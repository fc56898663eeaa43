"""Builds the jobs of a service: in Redis for a fleet of workers, or in this process.

The routes are the same for both. Without Redis the service is its own worker: the same runner, the
same pipeline, beside the requests. What only Redis needs is loaded only with it: 24 MB.
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from pricing_fdm.concurrency.supervisor import BackgroundTask, every
from pricing_fdm.health.readiness import Check, Readiness
from pricing_fdm.jobs.broadcast import JobBroadcast
from pricing_fdm.jobs.local_worker import LocalWorker
from pricing_fdm.jobs.memory_store import MemoryStore
from pricing_fdm.jobs.record import Outcome, QueueCounts
from pricing_fdm.jobs.store import JobStore
from pricing_fdm.jobs.upload_sweep import sweeping
from pricing_fdm.quoting.job_admission import JobAdmission
from pricing_fdm.surroundings import Surroundings
from pricing_fdm.telemetry.gateway_metrics import add_gateway_metrics
from pricing_fdm.telemetry.job_metrics import JobMetrics
from pricing_fdm.web.app_state import QueueState
from pricing_fdm.web.jobs.status import stream_places
from pricing_fdm.web.places import Places

if TYPE_CHECKING:
    from pricing_fdm.jobs.connection import Client

LOST_WITH_THE_PROCESS = "kept in this process and lost with it; REDIS_URL keeps them elsewhere"

_JOBS = "jobs"
_EXAMINE_REDIS_S = 5.0


@contextlib.asynccontextmanager
async def open_redis_queue(
    around: Surroundings, redis: Client, receiving: Places
) -> AsyncIterator[QueueState]:
    """Jobs in Redis, which workers do; keeps what a gateway does beside its requests running."""
    from pricing_fdm.jobs.needed_uploads import NeededUploads  # noqa: PLC0415
    from pricing_fdm.jobs.news import RedisNews  # noqa: PLC0415
    from pricing_fdm.jobs.redis_store import RedisJobStore  # noqa: PLC0415
    from pricing_fdm.jobs.watch import QueueWatch  # noqa: PLC0415

    running, ttl_s = around.supervisor.running, around.settings.jobs.upload_ttl_secs
    store = RedisJobStore(redis, around.limits())
    broadcast = JobBroadcast(store)
    watch = QueueWatch(redis, store, around.assembly.readiness, broadcast.wake_all)
    await watch.look()
    state = _state(around, store, broadcast, lambda: watch.workers, receiving)
    news = RedisNews(redis, broadcast)
    sweep = sweeping(around.uploads, NeededUploads(redis, kept_s=ttl_s).release, ttl_s)
    async with (
        running(BackgroundTask.REDIS_CHECK, every(_EXAMINE_REDIS_S, watch.look)),
        running(BackgroundTask.JOB_NEWS, news.run),
        running(BackgroundTask.UPLOAD_SWEEP, sweep),
    ):
        yield state


@contextlib.asynccontextmanager
async def open_local_queue(around: Surroundings, receiving: Places) -> AsyncIterator[QueueState]:
    """Jobs in this process, done by it as soon as there is a slicer."""
    jobs, assembly = around.settings.jobs, around.assembly
    store = MemoryStore(
        around.limits(),
        upload_ttl_s=jobs.upload_ttl_secs,
        call_retry_s=jobs.callback_retry_secs,
    )
    broadcast = JobBroadcast(store)
    store.on_change(broadcast.wake)
    assembly.readiness.set(Check(_JOBS, ok=True, detail=LOST_WITH_THE_PROCESS, needed=False))
    sweep = sweeping(around.uploads, store.release, jobs.upload_ttl_secs)
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        await enter(around.supervisor.running(BackgroundTask.UPLOAD_SWEEP, sweep))
        workers: Callable[[], int] = lambda: 0  # noqa: E731
        if assembly.pipeline is not None:
            metrics = JobMetrics(around.metrics.registry, Outcome)
            worker = LocalWorker(
                store,
                around.runner(store, metrics, JobAdmission(assembly.admission)),
                slots=around.settings.queue.slice_concurrency,
                is_ready=assembly.readiness.is_ready,
                deliver=await enter(around.callbacks()),
                on_change=broadcast.wake_all,
                on_tick=functools.partial(_note_queue, assembly.readiness, metrics),
                supervisor=around.supervisor,
            )
            await enter(worker.working())
            workers = lambda: worker.workers  # noqa: E731
        yield _state(around, store, broadcast, workers, receiving)


def _state(
    around: Surroundings,
    store: JobStore,
    broadcast: JobBroadcast,
    workers: Callable[[], int | None],
    receiving: Places,
) -> QueueState:
    jobs, uploads = around.settings.jobs, around.uploads
    around.assembly.admission.on_drain(broadcast.wake_all)
    state = QueueState(
        store=store,
        broadcast=broadcast,
        workers=workers,
        uploads=uploads,
        policy=around.settings.fetch.policy(),
        offers_callbacks=bool(jobs.callback_secret.get_secret_value()),
        stream_places=stream_places(jobs.event_stream_places),
    )
    add_gateway_metrics(
        around.metrics.registry,
        workers=lambda: math.nan if (count := workers()) is None else count,
        event_streams=lambda: state.stream_places.taken,
        uploads=lambda: receiving.taken,
        upload_store_bytes=lambda: uploads.taken_bytes,
    )
    return state


def _note_queue(readiness: Readiness, metrics: JobMetrics, counts: QueueCounts) -> None:
    detail = f"{LOST_WITH_THE_PROCESS}; jobs that wait: {counts.waiting}"
    readiness.set(Check(_JOBS, ok=True, detail=detail, needed=False))
    metrics.set_queue(unfinished=counts.unfinished, waiting=counts.waiting, dead=counts.dead)
