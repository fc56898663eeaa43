"""The worker of a service without Redis: so many jobs at once, only while it is ready."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import cast

from pricing_fdm.concurrency.supervisor import Supervisor
from pricing_fdm.jobs.attempt import Attempt, Dead
from pricing_fdm.jobs.local_worker import LocalWorker
from pricing_fdm.jobs.memory_store import MemoryStore
from pricing_fdm.jobs.record import JobState, QueueCounts
from pricing_fdm.jobs.runner import Runner
from pricing_fdm.jobs.store import StoreLimits
from tests.jobs.desk import REQUEST


@dataclass
class Stand:
    """In the place of a `Runner`: jobs end when they are let."""

    store: MemoryStore
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    running: int = 0
    most: int = 0
    dies: bool = False
    working: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self, job_id: str, _message: int) -> None:
        attempt = await self.store.begin(job_id)
        assert isinstance(attempt, Attempt)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.go_on.wait()
        finally:
            self.running -= 1
        if self.dies:
            await self.store.fail(attempt, {"code": "x"}, dead=True)
            raise Dead
        await self.store.complete(attempt, {})

    def hand_back(self) -> None:
        """Nothing: the tasks are cancelled."""


@dataclass
class Scene:
    store: MemoryStore
    runner: Stand
    worker: LocalWorker
    ready: list[bool]
    changes: list[int]
    ticks: list[QueueCounts]
    failures: list[BaseException]

    async def submit(self, count: int) -> list[str]:
        return [(await self.store.submit(REQUEST)).job_id for _ in range(count)]

    async def ended(self, ids: list[str]) -> list[JobState]:
        while True:
            jobs = [await self.store.read(job_id) for job_id in ids]
            states = [job.state for job in jobs if job is not None]
            if all(state.ended for state in states):
                return states
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def scene(*, ready: bool = True) -> AsyncIterator[Scene]:
    store = MemoryStore(StoreLimits(100, 60), upload_ttl_s=60)
    runner, is_ready = Stand(store), [ready]
    changes: list[int] = []
    ticks: list[QueueCounts] = []
    failures: list[BaseException] = []
    worker = LocalWorker(
        store,
        cast("Runner", runner),
        slots=2,
        is_ready=lambda: is_ready[0],
        deliver=None,
        on_change=lambda: changes.append(1),
        on_tick=ticks.append,
        supervisor=Supervisor(lambda _, error: failures.append(error)),
    )
    async with asyncio.timeout(60), worker.working():
        yield Scene(store, runner, worker, is_ready, changes, ticks, failures)
    assert failures == []


def test_as_many_jobs_run_as_there_are_slots() -> None:
    """The others wait; all end."""

    async def story() -> None:
        async with scene() as here:
            ids = await here.submit(5)
            while here.runner.running < 2:  # noqa: ASYNC110 - the worker changes it
                await asyncio.sleep(0.01)
            here.runner.go_on.set()
            assert await here.ended(ids) == [JobState.COMPLETED] * 5
            assert here.runner.most == 2

    asyncio.run(story())


def test_nothing_is_taken_before_the_service_is_ready() -> None:
    """Then by itself; listeners hear that a worker is there."""

    async def story() -> None:
        async with scene(ready=False) as here:
            here.runner.go_on.set()
            ids = await here.submit(2)
            while not here.ticks:  # noqa: ASYNC110 - the worker changes it
                await asyncio.sleep(0.01)
            assert (here.worker.workers, here.ticks[-1].waiting) == (0, 2)
            here.ready[0] = True
            assert await here.ended(ids) == [JobState.COMPLETED] * 2
            while not here.changes:  # noqa: ASYNC110 - the worker changes it
                await asyncio.sleep(0.01)
            assert here.worker.workers == 1

    asyncio.run(story())


def test_a_dead_letter_does_not_end_the_worker() -> None:
    """The next job is done."""

    async def story() -> None:
        async with scene() as here:
            here.runner.go_on.set()
            here.runner.dies = True
            assert await here.ended(await here.submit(3)) == [JobState.FAILED] * 3
            here.runner.dies = False
            assert await here.ended(await here.submit(1)) == [JobState.COMPLETED]

    asyncio.run(story())


def test_leaving_ends_what_is_being_done() -> None:
    """The end of the service waits for no job."""

    async def story() -> None:
        async with scene() as here:
            await here.submit(3)
            while here.runner.running < 2:  # noqa: ASYNC110 - the worker changes it
                await asyncio.sleep(0.01)
        assert here.runner.running == 0

    asyncio.run(story())
