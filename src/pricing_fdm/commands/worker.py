"""`pricing-fdm worker`: does the jobs of the queue.

Exit codes: 0 after a signal; 1 when this machine cannot price; 2 when a setting is wrong or
REDIS_URL is missing; 70 when the slicer failed three self-tests. SIGTERM and SIGINT: takes no more
jobs, lets those in hand finish for `DRAIN_GRACE_SECS`, hands the rest back. A second signal hands
all back and ends at once.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable

import structlog

from pricing_fdm import __version__
from pricing_fdm.assembly import Assembly, assemble
from pricing_fdm.commands.job_parts import JobObserver, Sources
from pricing_fdm.health.readiness import Check
from pricing_fdm.health.watchdog import Watchdog
from pricing_fdm.job_assembly import (
    create_callbacks,
    create_uploads,
    open_poster,
    remember_in_redis,
    sweeping,
)
from pricing_fdm.jobs.attempts import Attempts
from pricing_fdm.jobs.connection import connect
from pricing_fdm.jobs.examine import REDIS
from pricing_fdm.jobs.record import QueueCounts
from pricing_fdm.jobs.runner import OUTCOMES, Runner
from pricing_fdm.jobs.store import JobStore, StoreLimits
from pricing_fdm.jobs.worker import JobWorker
from pricing_fdm.process_assembly import (
    UNRECOVERABLE,
    create_metrics,
    create_supervisor,
    open_fetcher,
    prove,
    serving_metrics,
    watching,
)
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.settings import Settings, SettingsError, load_settings
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.job_metrics import JobMetrics
from pricing_fdm.telemetry.log_writer import log_in_background
from pricing_fdm.telemetry.logs import configure_logs
from pricing_fdm.web.jobs.codec import HttpCodec

_FORCED = 128
_LAST_WORDS_S = 0.8

_log = structlog.get_logger()


def run(_options: argparse.Namespace) -> int:
    """Works until a signal ends it."""
    settings = load_settings()
    if not settings.jobs.redis_url.get_secret_value():
        raise SettingsError(("REDIS_URL: a worker needs the Redis that holds the jobs",))
    configure_logs(settings.server.log_format, settings.server.log_level)
    with log_in_background():
        return asyncio.run(_work(settings))


async def _work(settings: Settings) -> int:
    async with assemble(settings) as assembly:
        if assembly.pipeline is None:
            faults = [f"{check.name}: {check.detail}" for check in assembly.readiness.checks()]
            print("This machine cannot price:", *faults, sep="\n  ", file=sys.stderr)
            return 1
        leaving = _Leaving()
        async with _working(settings, assembly, assembly.pipeline, leaving) as worker:
            await leaving.asked()
            _log.info(logs.WORKER_DRAINING)
            await worker.drain(settings.server.drain_grace_secs)
    _log.info(logs.WORKER_STOPPED)
    return leaving.exit_code


@contextlib.asynccontextmanager
async def _working(
    settings: Settings, assembly: Assembly, pipeline: Pipeline, leaving: _Leaving
) -> AsyncIterator[JobWorker]:
    """Puts the worker together, in order, and lets it take jobs once its self-test is good."""
    url = settings.jobs.redis_url.get_secret_value()
    ttl_s = settings.jobs.result_ttl_secs
    metrics = create_metrics(assembly)
    supervisor = create_supervisor(metrics)
    jobs = JobMetrics(metrics.registry, OUTCOMES)
    watchdog = Watchdog(
        functools.partial(prove, assembly),
        retry_s=settings.slicing.self_test_retry_secs,
        give_up=functools.partial(leaving.ask, UNRECOVERABLE),
    )
    uploads = create_uploads(settings)
    async with (
        open_fetcher(settings, supervisor) as fetcher,
        open_poster(settings, supervisor) as poster,
        connect(url) as client,
    ):
        remember_in_redis(assembly, client, settings)
        attempts = Attempts(
            client, result_ttl_s=ttl_s, call_retry_s=settings.jobs.callback_retry_secs
        )
        worker = JobWorker(
            url,
            lost_s=settings.jobs.worker_lost_secs,
            slots=settings.queue.slice_concurrency,
            runner=Runner(
                attempts=attempts,
                pipeline=pipeline,
                fetch=Sources(fetcher, uploads, metrics).fetch,
                codec=HttpCodec(),
                observer=JobObserver(metrics, jobs, watchdog, pipeline.engine.name),
                retry_s=settings.jobs.job_retry_secs,
                supervisor=supervisor,
            ),
            attempts=attempts,
            store=JobStore(client, StoreLimits(settings.jobs.queue_max_jobs, ttl_s)),
            callbacks=create_callbacks(settings.jobs, poster),
            is_ready=assembly.readiness.is_ready,
            on_tick=functools.partial(_note_queue, assembly, jobs),
            supervisor=supervisor,
        )
        leaving.at_once = worker.hand_back
        _log.info(logs.WORKER_STARTED, version=__version__, swept=assembly.swept)
        async with (
            sweeping(uploads, client, settings.jobs.upload_ttl_secs, supervisor),
            watching(watchdog, supervisor),
            serving_metrics(metrics, settings.server, supervisor),
            worker.working(),
        ):
            yield worker


def _note_queue(assembly: Assembly, jobs: JobMetrics, counts: QueueCounts | None) -> None:
    if counts is None:
        assembly.readiness.set(Check(REDIS, ok=False, detail="does not answer"))
        return
    assembly.readiness.set(Check(REDIS, ok=True, detail=f"{counts.waiting} jobs wait"))
    jobs.set_queue(unfinished=counts.unfinished, waiting=counts.waiting, dead=counts.dead)


class _Leaving:
    """Turns signals into an orderly leave, and the second one into a quick one.

    Attributes:
        exit_code: What the process ends with.
        at_once: Called at the second signal.
    """

    def __init__(self) -> None:
        self.exit_code = 0
        self.at_once: Callable[[], None] = lambda: None
        self._asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._on_signal, number)

    async def asked(self) -> None:
        """Returns when the worker should leave."""
        await self._asked.wait()

    def ask(self, exit_code: int) -> None:
        """Asks the worker to leave for a reason of its own."""
        self.exit_code = exit_code
        self._asked.set()

    def _on_signal(self, number: int) -> None:
        if not self._asked.is_set():
            self._asked.set()
            return
        self.at_once()
        self._loop.call_later(_LAST_WORDS_S, os._exit, _FORCED + number)
