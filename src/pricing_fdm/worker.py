"""Builds the worker of the queue mode and runs it until a signal ends it.

Built in this order, each thing from those before it: Redis, what prices (`assembly`), metrics,
supervisor, download, callbacks, watchdog, the worker. It is taken down in the reverse order.

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
from pathlib import Path

import structlog

from pricing_fdm import __version__
from pricing_fdm.assembly import Assembly, assemble, create_fetcher, prove_and_log
from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.fetch.download import Fetcher
from pricing_fdm.fetch.post import Poster
from pricing_fdm.health.readiness import Check, Readiness
from pricing_fdm.health.watchdog import UNRECOVERABLE, Watchdog
from pricing_fdm.jobs.attempts import Attempts
from pricing_fdm.jobs.connection import Client, connect
from pricing_fdm.jobs.examine import REDIS
from pricing_fdm.jobs.needed_uploads import sweeping
from pricing_fdm.jobs.observer import JobObserver
from pricing_fdm.jobs.record import JobSource, Outcome, QueueCounts, SourceKind
from pricing_fdm.jobs.runner import Runner
from pricing_fdm.jobs.shared_results import RedisStore
from pricing_fdm.jobs.store import JobStore, StoreLimits
from pricing_fdm.jobs.worker import JobWorker
from pricing_fdm.model import Download
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.settings import Settings
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.job_metrics import JobMetrics
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.uploads.store import UploadStore
from pricing_fdm.web.answers import quote_body
from pricing_fdm.web.jobs.callback import SignedCallbacks
from pricing_fdm.web.metrics_port import metrics_port
from pricing_fdm.web.problems import STATUS, problem_body

_FORCED = 128
_LAST_WORDS_S = 0.8

_log = structlog.get_logger()


async def work(settings: Settings) -> int:
    """Does jobs until a signal ends it, and returns the exit code.

    Raises:
        SettingsError: The shop is faulty, or the store of uploads cannot be used.
    """
    shop = settings.shop.load()
    uploads = settings.jobs.upload_store(settings.slicing.temp_dir)
    async with contextlib.AsyncExitStack() as stack:
        redis = await stack.enter_async_context(connect(settings.jobs.address))
        store = RedisStore(redis, ttl_s=settings.cache.cache_ttl_secs)
        assembly = await stack.enter_async_context(assemble(settings, shop, store))
        if assembly.pipeline is None:
            faults = [f"{check.name}: {check.detail}" for check in assembly.readiness.checks()]
            print("This machine cannot price:", *faults, sep="\n  ", file=sys.stderr)
            return 1
        shutdown = _Shutdown()
        worker = await _open(
            settings, uploads, redis, assembly, assembly.pipeline, shutdown=shutdown, stack=stack
        )
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
    pipeline: Pipeline,
    *,
    shutdown: _Shutdown,
    stack: contextlib.AsyncExitStack,
) -> JobWorker:
    """Builds the worker; it takes jobs when its self-test is good."""
    enter, jobs, server = stack.enter_async_context, settings.jobs, settings.server
    metrics = ServiceMetrics((kind.code for kind in STATUS), assembly.state)
    job_metrics = JobMetrics(metrics.registry, Outcome)
    supervisor = Supervisor(metrics.report_background_failure)
    fetcher = create_fetcher(settings.fetch)
    await enter(supervisor.running(BackgroundTask.TRUST_STORE, fetcher.read_trust))
    deliver, secret = None, jobs.callback_secret.get_secret_value()
    if secret:
        poster = Poster(settings.fetch.policy())
        await enter(supervisor.running(BackgroundTask.TRUST_STORE, poster.read_trust))
        deliver = SignedCallbacks(poster, secret).deliver
    watchdog = Watchdog(
        functools.partial(prove_and_log, assembly),
        retry_s=settings.slicing.self_test_retry_secs,
        give_up=functools.partial(shutdown.ask, UNRECOVERABLE),
    )
    attempts = Attempts(
        redis, result_ttl_s=jobs.result_ttl_secs, call_retry_s=jobs.callback_retry_secs
    )
    worker = JobWorker(
        jobs.address,
        lost_s=jobs.worker_lost_secs,
        slots=settings.queue.slice_concurrency,
        runner=Runner(
            attempts=attempts,
            pipeline=pipeline,
            fetch=functools.partial(_fetch, fetcher, uploads, metrics),
            result_of=quote_body,
            problem_of=problem_body,
            observer=JobObserver(metrics, job_metrics, watchdog, pipeline.engine.name, STATUS),
            retry_s=jobs.job_retry_secs,
            supervisor=supervisor,
        ),
        attempts=attempts,
        store=JobStore(redis, StoreLimits(jobs.queue_max_jobs, jobs.result_ttl_secs)),
        deliver=deliver,
        is_ready=assembly.readiness.is_ready,
        on_tick=functools.partial(_note_queue, assembly.readiness, job_metrics),
        supervisor=supervisor,
    )
    shutdown.at_once = worker.hand_back
    _log.info(logs.WORKER_STARTED, version=__version__, swept=assembly.swept)
    sweep = sweeping(uploads, redis, jobs.upload_ttl_secs)
    await enter(supervisor.running(BackgroundTask.UPLOAD_SWEEP, sweep))
    await enter(supervisor.running(BackgroundTask.WATCHDOG, watchdog.watch))
    if server.metrics_port:
        await enter(metrics_port(metrics, server.pricing_fdm_host, server.metrics_port))
    await enter(worker.working())
    return worker


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


def _note_queue(readiness: Readiness, metrics: JobMetrics, counts: QueueCounts | None) -> None:
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
