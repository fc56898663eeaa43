"""What every store of jobs does, in Redis and in memory alike."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from pricing_fdm.errors import IdempotencyConflict, QueueFull
from pricing_fdm.jobs.attempt import Attempt
from pricing_fdm.jobs.memory_store import MemoryStore
from pricing_fdm.jobs.record import Idempotency, Job, JobSource, JobState, SourceKind
from pricing_fdm.jobs.store import AttemptStore, JobStore, StoreLimits, queue_full
from tests.jobs.desk import REQUEST, URL, desk

MAX_JOBS = 3
CANCELLED = {"code": "job_cancelled"}


@dataclass
class Queue:
    """Both sides of a store."""

    store: JobStore
    attempts: AttemptStore
    message: Callable[[str], Awaitable[int]]

    async def submit(self, idempotency: Idempotency | None = None, **changes: Any) -> str:
        return (await self.store.submit(replace(REQUEST, **changes), idempotency)).job_id

    async def job(self, job_id: str) -> Job:
        job = await self.store.read(job_id)
        assert job is not None
        return job

    async def begin(self, job_id: str) -> Attempt:
        attempt = await self.attempts.begin(job_id, await self.message(job_id))
        assert isinstance(attempt, Attempt)
        return attempt

    async def waiting(self) -> int:
        return (await self.attempts.keep("worker", alive_s=60)).waiting


@contextlib.asynccontextmanager
async def opened(kind: str, redis_url: str) -> AsyncIterator[Queue]:
    if kind == "redis":
        async with desk(redis_url, max_jobs=MAX_JOBS) as both:
            yield Queue(both.store, both.attempts, both.messages)
        return
    store = MemoryStore(StoreLimits(MAX_JOBS, 3600), upload_ttl_s=60)

    async def one(_job_id: str) -> int:
        return 1

    yield Queue(store, store, one)


Run = Callable[[Callable[[Queue], Awaitable[None]]], None]


@pytest.fixture(params=["redis", "memory"])
def run(request: pytest.FixtureRequest, redis_url: str) -> Run:
    """Runs a test's story over each store."""

    def run_(story: Callable[[Queue], Awaitable[None]]) -> None:
        async def told() -> None:
            async with opened(request.param, redis_url) as queue, asyncio.timeout(60):
                await story(queue)

        asyncio.run(told())

    return run_


def test_a_job_goes_from_the_queue_to_its_result(run: Run) -> None:
    """The record at each step; the progress never falls, and one result counts."""

    async def story(queue: Queue) -> None:
        job_id = await queue.submit()
        assert await queue.job(job_id) == Job(job_id, JobState.QUEUED)
        attempt = await queue.begin(job_id)
        assert (attempt.source, attempt.request_id) == (JobSource(SourceKind.URL, URL), "req-1")
        assert (attempt.number, attempt.counted, attempt.last) == (1, 1, False)
        for percent, shown in ((30, 30), (20, 30), (60, 60)):
            assert await queue.attempts.progress(attempt, percent, "slice")
            job = await queue.job(job_id)
            assert (job.state, job.progress, job.stage) == (JobState.PROCESSING, shown, "slice")
        assert await queue.attempts.complete(attempt, {"total_usd": 9.5})
        job = await queue.job(job_id)
        assert (job.state, job.progress, job.result) == (
            JobState.COMPLETED,
            100,
            {"total_usd": 9.5},
        )
        assert not await queue.attempts.progress(attempt, 70, "slice")
        assert not await queue.attempts.try_again(attempt, delay_s=1)
        assert (await queue.job(job_id)).result == {"total_usd": 9.5}

    run(story)


@pytest.mark.parametrize(
    "job_id", ["", "x", "*", "a" * 5000, "00000000-0000-4000-8000-000000000007", "\x00"]
)
def test_an_id_that_is_none_is_an_unknown_job(run: Run, job_id: str) -> None:
    """To read, and to cancel."""

    async def story(queue: Queue) -> None:
        assert await queue.store.read(job_id) is None
        assert await queue.store.cancel(job_id, CANCELLED) is None

    run(story)


def test_a_key_is_one_job_and_belongs_to_one_request(run: Run) -> None:
    """Also when the queue is full meanwhile."""

    async def story(queue: Queue) -> None:
        key = Idempotency("key", "one")
        ids = {await queue.submit(key) for _ in range(MAX_JOBS + 1)}
        assert len(ids) == 1
        with pytest.raises(IdempotencyConflict):
            await queue.submit(Idempotency("key", "two"))
        assert await queue.waiting() == 1

    run(story)


def test_the_queue_is_bounded(run: Run) -> None:
    """An end makes room for one."""

    async def story(queue: Queue) -> None:
        ids = [await queue.submit() for _ in range(MAX_JOBS)]
        with pytest.raises(QueueFull):
            await queue.store.require_room()
        with pytest.raises(QueueFull):
            await queue.submit()
        await queue.attempts.complete(await queue.begin(ids[0]), {})
        await queue.store.require_room()
        await queue.submit()

    run(story)


def test_a_job_that_was_handed_back_has_lost_no_attempt(run: Run) -> None:
    """It is done again from its beginning, and counts as one that was never begun."""

    async def story(queue: Queue) -> None:
        job_id = await queue.submit()
        assert await queue.attempts.hand_back(await queue.begin(job_id))
        assert (await queue.job(job_id)).state is JobState.QUEUED
        attempt = await queue.begin(job_id)
        assert (attempt.number, attempt.counted) == (2, 1)

    run(story)


def test_a_failed_attempt_waits_for_the_next(run: Run) -> None:
    """Until its time has come; the third is the last."""

    async def story(queue: Queue) -> None:
        job_id = await queue.submit()
        for last in (False, False, True):
            attempt = await queue.begin(job_id)
            assert attempt.last is last
            assert await queue.attempts.try_again(attempt, delay_s=0.01)
            assert (await queue.job(job_id)).state is JobState.QUEUED
            await asyncio.sleep(0.02)
            await queue.attempts.keep("worker", alive_s=60)

    run(story)


def test_a_job_that_waits_is_cancelled_and_gone_from_the_queue(run: Run) -> None:
    """Nobody begins it, its place is free, and its end is told as a failure."""

    async def story(queue: Queue) -> None:
        job_id = await queue.submit(callback_url="https://caller.example/hook")
        cancelled = await queue.store.cancel(job_id, CANCELLED)
        assert cancelled == Job(job_id, JobState.FAILED, problem=CANCELLED)
        assert await queue.attempts.begin(job_id, 1) is None
        counts = await queue.attempts.keep("worker", alive_s=60)
        assert (counts.unfinished, counts.waiting) == (0, 0)
        call = await queue.attempts.claim_call()
        assert call is not None
        assert call.job_id == job_id

    run(story)


def test_a_job_that_waits_for_its_next_attempt_is_cancelled(run: Run) -> None:
    """It does not come back."""

    async def story(queue: Queue) -> None:
        job_id = await queue.submit()
        await queue.attempts.try_again(await queue.begin(job_id), delay_s=0.01)
        await queue.store.cancel(job_id, CANCELLED)
        await asyncio.sleep(0.02)
        await queue.attempts.keep("worker", alive_s=60)
        assert await queue.attempts.begin(job_id, await queue.message(job_id)) is None
        assert (await queue.job(job_id)).problem == CANCELLED

    run(story)


def test_a_job_that_is_being_done_is_cancelled(run: Run) -> None:
    """Its worker hears so at the next progress; what it still brings is dropped."""

    async def story(queue: Queue) -> None:
        job_id = await queue.submit()
        attempt = await queue.begin(job_id)
        await queue.store.cancel(job_id, CANCELLED)
        assert not await queue.attempts.progress(attempt, 50, "slice")
        assert not await queue.attempts.hand_back(attempt)
        assert not await queue.attempts.complete(attempt, {"total_usd": 1})
        assert (await queue.job(job_id)).problem == CANCELLED

    run(story)


def test_what_has_ended_is_not_cancelled(run: Run) -> None:
    """Its result stays; an end by cancelling stays as well."""

    async def story(queue: Queue) -> None:
        done, failed, cancelled = [await queue.submit() for _ in range(3)]
        await queue.attempts.complete(await queue.begin(done), {"total_usd": 1})
        await queue.attempts.fail(await queue.begin(failed), {"code": "x"}, dead=False)
        await queue.store.cancel(cancelled, CANCELLED)
        for job_id in (done, failed, cancelled):
            before = await queue.job(job_id)
            assert await queue.store.cancel(job_id, {"code": "other"}) == before

    run(story)


@pytest.mark.parametrize(("wait_s", "told_s"), [(0, 10), (7, 7), (900, 60)])
def test_a_full_queue_says_when_to_come_back(wait_s: int, told_s: int) -> None:
    """Within a minute, and by a guess where nothing is known."""
    assert queue_full(StoreLimits(5, 60), wait_s).retry_after_s == told_s
