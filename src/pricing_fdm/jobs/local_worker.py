"""The worker of a service without Redis: it does the jobs of the same process, one in each slot.

Leaving it stops all jobs; they are lost with the process.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.jobs.attempt import Dead
from pricing_fdm.jobs.keeper import KEEPER_END_S, Deliver, Keeper
from pricing_fdm.jobs.memory_store import MemoryStore
from pricing_fdm.jobs.record import QueueCounts
from pricing_fdm.jobs.runner import Runner

_NAME = "local"
_READY_LOOK_S = 0.2
_ALIVE_S = 1.0


class LocalWorker:
    """Takes jobs while the service is ready.

    Args:
        slots: Jobs at once.
        is_ready: Whether jobs can be done now.
        deliver: As for `Keeper`.
        on_change: Called when the worker begins or ceases to take jobs.
        on_tick: Called each second with how full the queue is.
    """

    def __init__(
        self,
        store: MemoryStore,
        runner: Runner,
        *,
        slots: int,
        is_ready: Callable[[], bool],
        deliver: Deliver | None,
        on_change: Callable[[], None],
        on_tick: Callable[[QueueCounts], None],
        supervisor: Supervisor,
    ) -> None:
        self._store = store
        self._runner = runner
        self._slots = slots
        self._is_ready = is_ready
        self._on_change = on_change
        self._on_tick = on_tick
        self._supervisor = supervisor
        self._leaving = False
        self._took_jobs = False
        self._keeper = Keeper(
            attempts=store,
            store=store,
            worker_id=_NAME,
            alive_s=lambda: _ALIVE_S if is_ready() else 0,
            deliver=deliver,
            on_tick=self._note,
        )

    @property
    def workers(self) -> int:
        """How many workers take jobs now: one, or none."""
        return int(self._is_ready())

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Does jobs while the context lasts."""
        async with contextlib.AsyncExitStack() as stack:
            running = self._supervisor.running
            keeper = running(BackgroundTask.QUEUE_KEEPER, self._keeper.keep, end_s=KEEPER_END_S)
            await stack.enter_async_context(keeper)
            for _ in range(self._slots):
                doing = running(BackgroundTask.LOCAL_JOBS, self._do_jobs)
                await stack.enter_async_context(doing)
            try:
                yield
            finally:
                self._leaving = True
                self._runner.hand_back()

    async def _do_jobs(self) -> None:
        while not self._leaving:
            while not self._is_ready():  # noqa: ASYNC110 - checks of many kinds change it
                await asyncio.sleep(_READY_LOOK_S)
            job_id = await self._store.take()
            with contextlib.suppress(Dead):
                await self._runner.run(job_id, 0)

    def _note(self, counts: QueueCounts | None) -> None:
        assert counts is not None  # noqa: S101 - memory always answers
        self._on_tick(counts)
        before, self._took_jobs = self._took_jobs, bool(counts.workers)
        if before is not self._took_jobs:
            self._on_change()
