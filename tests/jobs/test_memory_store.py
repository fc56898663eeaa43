"""What the store in memory does by itself; `test_store` has what it shares with Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from pricing_fdm.errors import InvalidRequest
from pricing_fdm.jobs.attempt import Attempt
from pricing_fdm.jobs.memory_store import MemoryStore
from pricing_fdm.jobs.record import Idempotency, JobSource, JobState, SourceKind
from pricing_fdm.jobs.store import StoreLimits
from tests.jobs.desk import REQUEST

UPLOAD = JobSource(SourceKind.UPLOAD, "key-of-an-upload")


@dataclass
class Memory:
    """A store of three jobs, kept for 100 s, and its clock."""

    now_s: float = 1e9
    changed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = MemoryStore(
            StoreLimits(3, 100), upload_ttl_s=20, call_retry_s=10, clock=lambda: self.now_s
        )
        self.store.on_change(self.changed.append)

    async def submit(self, key: str | None = None, **changes: Any) -> str:
        idempotency = None if key is None else Idempotency(key, "fingerprint")
        return (await self.store.submit(replace(REQUEST, **changes), idempotency)).job_id

    async def begin(self, job_id: str) -> Attempt:
        attempt = await self.store.begin(job_id)
        assert isinstance(attempt, Attempt)
        return attempt

    async def done(self, **changes: Any) -> str:
        job_id = await self.submit(**changes)
        await self.store.complete(await self.begin(job_id), {"of": job_id})
        return job_id


def run(story: Callable[[Memory], Awaitable[None]]) -> None:
    async def told() -> None:
        async with asyncio.timeout(60):
            await story(Memory())

    asyncio.run(told())


def test_a_job_is_forgotten_when_its_time_is_over() -> None:
    """Whatever its state; its key may then be used again, and its place is free."""

    async def story(memory: Memory) -> None:
        waiting, done = await memory.submit(key="a"), await memory.done()
        memory.now_s += 99
        assert await memory.store.read(waiting) is not None
        memory.now_s += 1
        assert await memory.store.read(waiting) is None
        assert await memory.store.read(done) is None
        assert await memory.submit(key="a") != waiting
        assert (await memory.store.keep("local", alive_s=1)).unfinished == 1

    run(story)


def test_only_so_many_ends_are_kept() -> None:
    """The oldest go first; a job that has not ended is never among them."""

    async def story(memory: Memory) -> None:
        waiting = await memory.submit()
        ended = [await memory.done(key=str(number)) for number in range(5)]
        kept = [job_id for job_id in ended if await memory.store.read(job_id)]
        assert kept == ended[-3:]
        assert await memory.store.read(waiting) is not None
        assert await memory.submit(key="0") not in ended, "its key is forgotten with it"
        assert await memory.submit(key="4") == ended[4]

    run(story)


def test_those_in_a_hurry_are_taken_first_and_each_job_once() -> None:
    """Who waits for a job is woken by one; a cancelled one is passed over."""

    async def story(memory: Memory) -> None:
        taking = asyncio.create_task(memory.store.take())
        await asyncio.sleep(0)
        first = await memory.submit()
        assert await taking == first
        await memory.store.complete(await memory.begin(first), {})
        gone, slow, quick = await memory.submit(), await memory.submit(), None
        await memory.store.cancel(gone, {})
        quick = await memory.submit(rush=True)
        assert [await memory.store.take(), await memory.store.take()] == [quick, slow]

    run(story)


def test_a_retry_is_taken_when_it_is_due() -> None:
    """And not before."""

    async def story(memory: Memory) -> None:
        job_id = await memory.submit()
        assert await memory.store.take() == job_id
        await memory.store.try_again(await memory.begin(job_id), delay_s=5)
        taking = asyncio.create_task(memory.store.take())
        await memory.store.keep("local", alive_s=1)
        await asyncio.sleep(0)
        assert not taking.done()
        memory.now_s += 5
        await memory.store.keep("local", alive_s=1)
        assert await taking == job_id

    run(story)


def test_the_link_is_gone_when_it_has_expired_and_when_the_job_has_ended() -> None:
    """A presigned URL is a password, also in memory."""

    async def story(memory: Memory) -> None:
        url = f"https://x.example/a?Expires={int(memory.now_s) + 10}"
        job_id = await memory.submit(source=JobSource(SourceKind.URL, url))
        memory.now_s += 11
        attempt = await memory.begin(job_id)
        assert attempt.source is None
        await memory.store.fail(attempt, {}, dead=False)
        done = await memory.done()
        kept = [memory.store._records[each].request.source.reference for each in (job_id, done)]
        assert kept == ["", ""]

    run(story)


def test_an_upload_is_released_when_no_job_has_needed_it_for_its_time() -> None:
    """Not while a job may read it; and then no new job can name it."""

    async def story(memory: Memory) -> None:
        keys = [UPLOAD.reference, "unknown"]
        job_id = await memory.submit(source=UPLOAD)
        assert await memory.store.release(keys) == ["unknown"]
        await memory.store.complete(await memory.begin(job_id), {})
        memory.now_s += 19
        assert await memory.store.release(keys) == ["unknown"]
        memory.now_s += 1
        assert sorted(await memory.store.release(keys)) == sorted(keys)
        with pytest.raises(InvalidRequest):
            await memory.submit(source=UPLOAD)

    run(story)


def test_a_callback_is_tried_three_times() -> None:
    """After the pauses that Redis makes."""

    async def story(memory: Memory) -> None:
        job_id = await memory.done(callback_url="https://caller.example/hook")
        for pause_s in (10, 60, None):
            call = await memory.store.claim_call()
            assert call is not None
            assert (call.job_id, call.url) == (job_id, "https://caller.example/hook")
            assert await memory.store.claim_call() is None, "it is being made"
            await memory.store.settle_call(call, delivered=False)
            memory.now_s += (pause_s or 1000) - 1
            assert await memory.store.claim_call() is None
            memory.now_s += 1

    run(story)


def test_every_change_is_announced() -> None:
    """What listens to a job reads it then."""

    async def story(memory: Memory) -> None:
        job_id = await memory.submit()
        attempt = await memory.begin(job_id)
        await memory.store.progress(attempt, 10, "slice")
        await memory.store.progress(attempt, 10, "slice")
        await memory.store.complete(attempt, {})
        assert memory.changed == [job_id] * 3
        job = await memory.store.read(job_id)
        assert job is not None
        assert job.state is JobState.COMPLETED

    run(story)
