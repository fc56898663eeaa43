"""Builds the worker of the queue mode and runs it until a signal ends it.

Built in this order, each thing from those before it: Redis, what prices (`assembly`), what is
around it (`surroundings`), callbacks, the worker, what runs beside (`upkeep`). It is taken down in
the reverse order.

SIGTERM and SIGINT: the worker takes no more jobs, lets those that it has finish for
`DRAIN_GRACE_SECS`, and hands the rest back. A second signal hands all back and ends at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import sys
from collections.abc import Callable

import structlog

from pricing_fdm import __version__
from pricing_fdm.assembly import Assembly, assemble
from pricing_fdm.concurrency.supervisor import BackgroundTask
from pricing_fdm.health.readiness import Check, Readiness
from pricing_fdm.health.watchdog import UNRECOVERABLE
from pricing_fdm.jobs.attempts import Attempts
from pricing_fdm.jobs.connection import Client, connect
from pricing_fdm.jobs.examine import REDIS
from pricing_fdm.jobs.needed_uploads import NeededUploads
from pricing_fdm.jobs.record import Outcome, QueueCounts
from pricing_fdm.jobs.redis_store import RedisJobStore
from pricing_fdm.jobs.upload_sweep import sweeping
from pricing_fdm.jobs.worker import JobWorker
from pricing_fdm.settings import Settings
from pricing_fdm.settings.queue import UPLOADS_FOLDER
from pricing_fdm.shared_stores import stores_in
from pricing_fdm.shop_source import shop_source
from pricing_fdm.surroundings import build_surroundings
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.job_metrics import JobMetrics
from pricing_fdm.telemetry.outage import OutageLog
from pricing_fdm.upkeep import upkeep, warn_of_root
from pricing_fdm.uploads.store import UploadStore

_FORCED = 128
_LAST_WORDS_S = 0.8

_log = structlog.get_logger()


async def work(settings: Settings) -> int:
    """Does jobs until a signal ends it, and returns the exit code.

    Raises:
        SettingsError: The shop is faulty, or the store of uploads cannot be used.
    """
    loaded = shop_source(settings).load()
    uploads = settings.jobs.upload_store(settings.slicing.temp_dir / UPLOADS_FOLDER)
    async with contextlib.AsyncExitStack() as stack:
        redis = await stack.enter_async_context(connect(settings.jobs.address))
        shared = stores_in(redis, settings.cache.cache_ttl_secs)
        assembly = await stack.enter_async_context(assemble(settings, loaded, shared))
        if assembly.pipeline is None:
            faults = [f"{check.name}: {check.detail}" for check in assembly.readiness.checks()]
            print("This machine cannot price:", *faults, sep="\n  ", file=sys.stderr)
            return 1
        shutdown = _Shutdown()
        worker = await _open(settings, uploads, redis, assembly, shutdown=shutdown, stack=stack)
        await shutdown.asked.wait()
        _log.info(logs.WORKER_DRAINING)
        await worker.drain(settings.server.drain_grace_secs)
    _log.info(logs.WORKER_STOPPED)
    return shutdown.exit_code


async def _open(
    settings: Settings,
    uploads: UploadStore,
    redis: Client,
    assembly: Assembly,
    *,
    shutdown: _Shutdown,
    stack: contextlib.AsyncExitStack,
) -> JobWorker:
    """Builds the worker; it takes jobs when its self-test is good."""
    enter, jobs = stack.enter_async_context, settings.jobs
    give_up = functools.partial(shutdown.ask, UNRECOVERABLE)
    around = await enter(build_surroundings(settings, assembly, uploads, give_up))
    job_metrics = JobMetrics(around.metrics.registry, Outcome)
    attempts = Attempts(
        redis, result_ttl_s=jobs.result_ttl_secs, call_retry_s=jobs.callback_retry_secs
    )
    worker = JobWorker(
        jobs.address,
        lost_s=jobs.worker_lost_secs,
        slots=settings.queue.slice_concurrency,
        runner=around.runner(attempts, job_metrics),
        attempts=attempts,
        store=RedisJobStore(redis, around.limits()),
        deliver=await enter(around.callbacks()),
        is_ready=assembly.readiness.is_ready,
        on_tick=functools.partial(_note_queue, assembly.readiness, job_metrics, OutageLog()),
        supervisor=around.supervisor,
    )
    shutdown.at_once = worker.hand_back
    warn_of_root()
    _log.info(logs.WORKER_STARTED, version=__version__, swept=assembly.swept)
    needed = NeededUploads(redis, kept_s=jobs.upload_ttl_secs)
    sweep = sweeping(uploads, needed.release, jobs.upload_ttl_secs)
    await enter(around.supervisor.running(BackgroundTask.UPLOAD_SWEEP, sweep))
    await enter(upkeep(around, redis))
    await enter(worker.working())
    return worker


def _note_queue(
    readiness: Readiness, metrics: JobMetrics, outage: OutageLog, counts: QueueCounts | None
) -> None:
    outage.note(answers=counts is not None)
    if counts is None:
        readiness.set(Check(REDIS, ok=False, detail="does not answer"))
        return
    readiness.set(Check(REDIS, ok=True, detail=f"{counts.waiting} jobs wait"))
    metrics.set_queue(unfinished=counts.unfinished, waiting=counts.waiting, dead=counts.dead)


class _Shutdown:
    """The first signal asks for the shutdown of the worker, a second one ends it at once.

    Attributes:
        asked: Set when the worker should end.
        exit_code: What the process ends with.
        at_once: Called at the second signal.
    """

    def __init__(self) -> None:
        self.exit_code = 0
        self.at_once: Callable[[], None] = lambda: None
        self.asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._on_signal, number)

    def ask(self, exit_code: int) -> None:
        """Asks for the shutdown without a signal."""
        self.exit_code = exit_code
        self.asked.set()

    def _on_signal(self, number: int) -> None:
        if not self.asked.is_set():
            self.asked.set()
            return
        self.at_once()
        self._loop.call_later(_LAST_WORDS_S, os._exit, _FORCED + number)
