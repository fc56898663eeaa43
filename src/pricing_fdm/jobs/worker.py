"""One worker: the threads of Dramatiq take jobs, the event loop of the main thread does them.

Child processes are started from the main thread only (see `sandbox/process.py`), so the loop runs
there. A thread passes its job to the loop and waits. The loop also proves that the worker is alive:
when it stands still, the worker counts as lost and its jobs go to others.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import dramatiq

from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.broker import JobBroker
from pricing_fdm.jobs.keeper import KEEPER_END_S, Deliver, Keeper
from pricing_fdm.jobs.record import QueueCounts
from pricing_fdm.jobs.runner import Runner
from pricing_fdm.jobs.store import AttemptStore, JobStore

_BEAT_S = 0.5
_LEAST_ALIVE_S = 5.0  # several ticks of the keeper: a busy machine may miss one
_THREAD_WAKES_MS = 250
_STOP_MS = 5000


class JobWorker:
    """Takes jobs while it is open.

    Args:
        lost_s: Seconds without a sign of life after which others take its jobs.
        slots: Jobs at once.
        is_ready: Whether jobs can be done here; called every half second.
        deliver: As for `Keeper`.
        on_tick: As for `Keeper`.
    """

    def __init__(
        self,
        url: str,
        *,
        lost_s: float,
        slots: int,
        runner: Runner,
        attempts: AttemptStore,
        store: JobStore,
        deliver: Deliver | None,
        is_ready: Callable[[], bool],
        on_tick: Callable[[QueueCounts | None], None],
        supervisor: Supervisor,
    ) -> None:
        self._supervisor = supervisor
        self._loop = asyncio.get_running_loop()
        self._lost_s = lost_s
        self._attempts = attempts
        self._runner = runner
        self._is_ready = is_ready
        self._open = False
        self._draining = False
        self._beat_s = time.monotonic()
        self._broker = JobBroker(
            url,
            lost_s=lost_s,
            threads=slots,
            perform=self._perform,
            is_open=lambda: self._open,
            is_alive=lambda: time.monotonic() - self._beat_s < self._lost_s / 2,
        )
        self._keeper = Keeper(
            attempts=attempts,
            store=store,
            worker_id=self._broker.broker_id,
            alive_s=lambda: max(lost_s, _LEAST_ALIVE_S) if self._open else 0,
            deliver=deliver,
            on_tick=on_tick,
        )
        self._dramatiq = dramatiq.Worker(
            self._broker, worker_threads=slots, worker_timeout=_THREAD_WAKES_MS
        )

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Does jobs while the context lasts; leave it after `drain`."""
        running = self._supervisor.running
        try:
            async with (
                running(BackgroundTask.HEARTBEAT, self._beat),
                running(BackgroundTask.QUEUE_KEEPER, self._keeper.keep, end_s=KEEPER_END_S),
            ):
                self._dramatiq.start()
                try:
                    yield
                finally:
                    self.hand_back()
                    await asyncio.to_thread(self._dramatiq.stop, _STOP_MS)
        finally:
            with contextlib.suppress(QueueUnavailable):
                await self._attempts.keep(self._broker.broker_id, alive_s=0)
            await asyncio.to_thread(self._broker.leave)

    async def drain(self, grace_s: float) -> None:
        """Takes no more jobs; returns when the running ones are done or the grace is over."""
        self._draining = True
        self._open = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                while self._broker.in_hand:  # noqa: ASYNC110 - threads change it
                    await asyncio.sleep(_BEAT_S / 10)

    def hand_back(self) -> None:
        """Stops all jobs now; other workers do them."""
        self._draining = True
        self._open = False
        self._runner.hand_back()

    def _perform(self, job_id: str, message: int) -> None:
        """Called in a thread of Dramatiq's."""
        asyncio.run_coroutine_threadsafe(self._runner.run(job_id, message), self._loop).result()

    async def _beat(self) -> None:
        while True:
            self._beat_s = time.monotonic()
            self._open = not self._draining and self._is_ready()
            await asyncio.sleep(_BEAT_S)
