"""Listeners of a job are woken by its changes, each reads it, and none leaves anything behind.

`test_news` does the same over Redis, with its outages.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.attempt import Attempt
from pricing_fdm.jobs.broadcast import JobBroadcast
from pricing_fdm.jobs.memory_store import MemoryStore
from pricing_fdm.jobs.record import Job, JobState
from pricing_fdm.jobs.store import StoreLimits
from tests.jobs.desk import REQUEST


@dataclass
class Stand(MemoryStore):
    """A store that may be away."""

    away: bool = False

    def __post_init__(self) -> None:
        super().__init__(StoreLimits(10, 60), upload_ttl_s=60)

    async def read(self, job_id: str) -> Job | None:
        if self.away:
            raise QueueUnavailable("away", retry_after_s=1)
        return await super().read(job_id)


async def opened() -> tuple[Stand, JobBroadcast, str]:
    store = Stand()
    broadcast = JobBroadcast(store)
    store.on_change(broadcast.wake)
    return store, broadcast, (await store.submit(REQUEST)).job_id


def test_each_change_is_told_until_the_end() -> None:
    """In the order in which it came; then the listener is let go."""

    async def story() -> None:
        store, broadcast, job_id = await opened()
        told: list[Job] = []

        async def next_told() -> None:
            change = await anext(changes)
            assert isinstance(change, Job)
            told.append(change)

        async with asyncio.timeout(60), aclosing(broadcast.changes(job_id)) as changes:
            await next_told()
            attempt = await store.begin(job_id)
            assert isinstance(attempt, Attempt)
            await next_told()
            await store.progress(attempt, 42, "slice")
            await next_told()
            await store.complete(attempt, {"total_usd": 1})
            await next_told()
            assert [change async for change in changes] == []
        assert [job.progress for job in told] == [0, 0, 42, 100]
        assert [told[0].state, told[-1].state] == [JobState.QUEUED, JobState.COMPLETED]
        assert broadcast._listeners == {}

    asyncio.run(story())


def test_a_store_that_is_away_is_told_once_and_again_when_it_is_back() -> None:
    """Woken for whatever reason, a listener reads anew."""

    async def story() -> None:
        store, broadcast, job_id = await opened()
        async with asyncio.timeout(60), aclosing(broadcast.changes(job_id)) as changes:
            assert isinstance(await anext(changes), Job)
            store.away = True
            broadcast.wake_all()
            assert isinstance(await anext(changes), QueueUnavailable)
            broadcast.wake_all()
            assert await anext(changes) is None
            store.away = False
            broadcast.wake_all()
            assert isinstance(await anext(changes), Job)
        assert broadcast._listeners == {}

    asyncio.run(story())


def test_a_job_that_is_forgotten_ends_its_listeners() -> None:
    """An unknown one has none at all."""

    async def story() -> None:
        store, broadcast, job_id = await opened()
        async with asyncio.timeout(60), aclosing(broadcast.changes(job_id)) as changes:
            await anext(changes)
            store._forget(job_id)
            assert [change async for change in changes] == []
        assert [change async for change in broadcast.changes("unknown")] == []

    asyncio.run(story())
