from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from pricing_fdm.jobs.attempt import MOST_ATTEMPTS, Attempt, Exhausted
from pricing_fdm.jobs.attempts import DEAD_LETTER_TTL_S, Attempts
from pricing_fdm.jobs.record import JobSource, JobState, SourceKind
from tests.jobs.desk import Desk, at_desk

Story = Callable[[Desk], Awaitable[None]]


async def overtaken(desk: Desk) -> tuple[str, Attempt, Attempt]:
    """A job whose first worker froze, so that a second has begun it from the same message."""
    job_id = await desk.submit()
    return job_id, await desk.begin(job_id), await desk.begin(job_id)


async def first_result_wins(desk: Desk) -> None:
    job_id, frozen, newer = await overtaken(desk)
    assert await desk.attempts.complete(newer, {"from": "newer"})
    assert not await desk.attempts.complete(frozen, {"from": "frozen"})
    assert (await desk.job(job_id)).result == {"from": "newer"}


async def first_result_wins_also_when_it_is_the_older(desk: Desk) -> None:
    job_id, frozen, newer = await overtaken(desk)
    assert await desk.attempts.complete(frozen, {"from": "frozen"})
    assert not await desk.attempts.complete(newer, {"from": "newer"})
    assert (await desk.job(job_id)).result == {"from": "frozen"}


async def failure_of_the_older_is_dropped(desk: Desk) -> None:
    job_id, frozen, newer = await overtaken(desk)
    assert not await desk.attempts.fail(frozen, {"code": "slicing_timeout"}, dead=False)
    assert await desk.attempts.complete(newer, {})
    assert (await desk.job(job_id)).problem is None


async def failure_after_a_result_is_dropped(desk: Desk) -> None:
    job_id, frozen, newer = await overtaken(desk)
    assert await desk.attempts.complete(frozen, {})
    assert not await desk.attempts.fail(newer, {"code": "slicer_crashed"}, dead=True)
    assert (await desk.job(job_id)).state is JobState.COMPLETED


async def a_result_counts_while_the_job_waits_to_be_tried_again(desk: Desk) -> None:
    job_id, frozen, newer = await overtaken(desk)
    assert await desk.attempts.try_again(newer, delay_s=0)
    assert await desk.attempts.complete(frozen, {})
    await desk.attempts.keep("worker", alive_s=0)
    assert await desk.attempts.begin(job_id, await desk.messages(job_id)) is None


async def the_older_cannot_hand_back_what_the_newer_does(desk: Desk) -> None:
    job_id, frozen, _ = await overtaken(desk)
    assert not await desk.attempts.hand_back(frozen)
    assert not await desk.attempts.try_again(frozen, delay_s=0)
    assert (await desk.job(job_id)).state is JobState.PROCESSING


async def the_older_does_not_tell_progress(desk: Desk) -> None:
    job_id, frozen, newer = await overtaken(desk)
    assert await desk.attempts.progress(newer, 30, "slice")
    assert await desk.attempts.progress(frozen, 90, "extract")
    job = await desk.job(job_id)
    assert (job.progress, job.stage) == (30, "slice")


@pytest.mark.parametrize(
    "story",
    [
        first_result_wins,
        first_result_wins_also_when_it_is_the_older,
        failure_of_the_older_is_dropped,
        failure_after_a_result_is_dropped,
        a_result_counts_while_the_job_waits_to_be_tried_again,
        the_older_cannot_hand_back_what_the_newer_does,
        the_older_does_not_tell_progress,
    ],
    ids=lambda story: story.__name__,
)
def test_of_two_workers_on_one_job_one_is_heard(redis_url: str, story: Story) -> None:
    """Exactly one result, whoever was frozen, cut off or slow."""
    at_desk(redis_url, story)


def test_of_many_results_at_once_one_is_written_j1(redis_url: str) -> None:
    """J1: compare and set, in Redis and not in any process."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit()
        attempts = [await desk.begin(job_id) for _ in range(3)]
        written = await asyncio.gather(
            *(desk.attempts.complete(each, {"attempt": each.number}) for each in attempts)
        )
        assert sum(written) == 1
        assert (await desk.job(job_id)).result == {"attempt": written.index(True) + 1}

    at_desk(redis_url, story)


def test_the_one_that_ended_a_job_may_ask_again(redis_url: str) -> None:
    """Its answer may have been lost with the connection; it must not count itself as dropped."""

    async def story(desk: Desk) -> None:
        attempt = await desk.begin(await desk.submit())
        assert await desk.attempts.complete(attempt, {})
        assert await desk.attempts.complete(attempt, {})
        assert not await desk.attempts.fail(attempt, {}, dead=False)

    at_desk(redis_url, story)


def test_progress_never_falls(redis_url: str) -> None:
    """Also when another worker begins anew: a bar that runs backwards says that we lost work."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit()
        seen, attempt = [], await desk.begin(job_id)
        for percents in ((0, 20, 60, 40), (0, 10, 70)):
            attempt = await desk.begin(job_id)
            for percent in percents:
                assert await desk.attempts.progress(attempt, percent, "slice")
                seen.append((await desk.job(job_id)).progress)
        await desk.attempts.complete(attempt, {})
        seen.append((await desk.job(job_id)).progress)
        assert seen == [0, 20, 60, 60, 60, 60, 70, 100]

    at_desk(redis_url, story)


def test_who_works_on_a_job_that_has_ended_is_told(redis_url: str) -> None:
    """So that it stops slicing for nobody."""

    async def story(desk: Desk) -> None:
        _, frozen, newer = await overtaken(desk)
        await desk.attempts.complete(newer, {})
        assert not await desk.attempts.progress(frozen, 50, "slice")

    at_desk(redis_url, story)


def test_what_is_handed_back_goes_first_and_is_not_counted(redis_url: str) -> None:
    """A deployment must not cost a job its tries, nor its place."""

    async def story(desk: Desk) -> None:
        first, second = await desk.submit(), await desk.submit()
        await desk.redis.lpop("pricing-fdm:queue:standard")
        for _ in range(MOST_ATTEMPTS + 2):
            attempt = await desk.begin(first)
            assert attempt.counted == 1
            assert await desk.attempts.hand_back(attempt)
            assert (await desk.lane())[0] == first
        assert (await desk.lane())[-1] == second
        assert (await desk.job(first)).state is JobState.QUEUED

    at_desk(redis_url, story)


def test_a_job_is_tried_again_when_its_time_has_come(redis_url: str) -> None:
    """Not before: an origin that just failed needs a moment."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit()
        attempt = await desk.begin(job_id)
        await desk.redis.delete("pricing-fdm:queue:standard")
        assert await desk.attempts.try_again(attempt, delay_s=0.3)
        counts = await desk.attempts.keep("worker", alive_s=0)
        assert (counts.waiting, await desk.lane()) == (1, [])
        await asyncio.sleep(0.4)
        await asyncio.gather(*(desk.attempts.keep("worker", alive_s=0) for _ in range(10)))
        assert await desk.lane() == [job_id]
        assert (await desk.begin(job_id)).counted == 2

    at_desk(redis_url, story)


def test_a_job_that_cost_three_workers_is_not_begun_again_j2(redis_url: str) -> None:
    """J2: nobody told that the first three had ended; the fourth is told not to try."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit()
        for number in range(1, MOST_ATTEMPTS + 1):
            attempt = await desk.begin(job_id)
            assert (attempt.counted, attempt.last) == (number, number == MOST_ATTEMPTS)
        exhausted = await desk.attempts.begin(job_id, 1)
        assert isinstance(exhausted, Exhausted)
        assert exhausted.request_id == "req-1"
        assert await desk.attempts.fail(exhausted, {"code": "slicer_crashed"}, dead=True)
        assert (await desk.job(job_id)).problem == {"code": "slicer_crashed"}
        kept_s = await desk.redis.ttl(f"pricing-fdm:job:{job_id}")
        assert kept_s > DEAD_LETTER_TTL_S - 60

    at_desk(redis_url, story)


@pytest.mark.parametrize("why", ["unknown", "ended", "older message"])
def test_a_message_without_meaning_is_void(redis_url: str, why: str) -> None:
    """Messages come more than once; only the newest of a job that waits means anything."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit()
        if why == "unknown":
            await desk.redis.delete(f"pricing-fdm:job:{job_id}")
        attempt = None if why == "unknown" else await desk.begin(job_id)
        if why == "ended":
            assert attempt is not None
            await desk.attempts.complete(attempt, {})
        elif attempt is not None:
            await desk.attempts.hand_back(attempt)
        assert await desk.attempts.begin(job_id, 1) is None

    at_desk(redis_url, story)


def test_what_comes_late_makes_no_record_anew(redis_url: str) -> None:
    """An expired job must not come back as a key without an end."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit()
        attempt = await desk.begin(job_id)
        await desk.redis.flushdb()
        assert not await desk.attempts.progress(attempt, 50, "slice")
        assert not await desk.attempts.complete(attempt, {})
        assert not await desk.attempts.hand_back(attempt)
        assert await desk.redis.keys("*") == []

    at_desk(redis_url, story)


def test_a_callback_is_tried_three_times_and_forgotten(redis_url: str) -> None:
    """By whichever worker; what one has taken no other takes."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit(callback_url="https://caller.example/hook")
        assert await desk.attempts.claim_call() is None
        await desk.attempts.complete(await desk.begin(job_id), {})
        for tries in (1, 2, 3):
            claims = await asyncio.gather(*(desk.attempts.claim_call() for _ in range(5)))
            [call] = [claim for claim in claims if claim]
            assert (call.job_id, call.tries) == (job_id, tries)
            assert call.url == "https://caller.example/hook"
            assert "caller.example" not in repr(call)
            await desk.attempts.settle_call(call, delivered=False)
            await desk.redis.zadd("pricing-fdm:calls", {job_id: 0}, xx=True)  # time passes
        assert await desk.attempts.claim_call() is None
        assert await desk.redis.exists(f"pricing-fdm:callback:{job_id}") == 0

    at_desk(redis_url, story)


def test_a_callback_that_was_taken_is_made(redis_url: str) -> None:
    """Once is enough; the address of the caller goes."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit(callback_url="https://caller.example/hook")
        await desk.attempts.fail(await desk.begin(job_id), {}, dead=False)
        call = await desk.attempts.claim_call()
        assert call is not None
        await desk.attempts.settle_call(call, delivered=True)
        assert await desk.redis.exists("pricing-fdm:calls", f"pricing-fdm:callback:{job_id}") == 0

    at_desk(redis_url, story)


def test_a_callback_of_an_expired_job_is_forgotten(redis_url: str) -> None:
    """There is nothing left to tell."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit(callback_url="https://caller.example/hook")
        await desk.attempts.complete(await desk.begin(job_id), {})
        await desk.redis.delete(f"pricing-fdm:job:{job_id}")
        assert await desk.attempts.claim_call() is None
        assert await desk.redis.exists(f"pricing-fdm:callback:{job_id}") == 0

    at_desk(redis_url, story)


async def _age(desk: Desk, job_id: str, left_s: int) -> None:
    """Lets all keys of a job come near their end, as time would."""
    for kind in ("job", "callback", "source"):
        await desk.redis.expire(f"pricing-fdm:{kind}:{job_id}", left_s)
    await desk.redis.zadd("pricing-fdm:active", {job_id: (await desk.redis.time())[0] + left_s})


async def _least_left_s(desk: Desk, job_id: str) -> float:
    """Seconds until something of an unfinished job goes."""
    ends_s = await desk.redis.zscore("pricing-fdm:active", job_id)
    assert ends_s is not None
    kinds = ("job", "callback", "source")
    left_s = [await desk.redis.ttl(f"pricing-fdm:{kind}:{job_id}") for kind in kinds]
    return min(*left_s, ends_s - (await desk.redis.time())[0])


@pytest.mark.parametrize("step", ["begin", "try again", "hand back"])
def test_what_a_job_needs_lives_as_long_as_its_record(redis_url: str, step: str) -> None:
    """A job that had waited for long lost its callback, and a retry blamed an expired link."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit(callback_url="https://caller.example/hook")
        attempt = await desk.begin(job_id)
        await _age(desk, job_id, 5)
        if step == "begin":
            await desk.begin(job_id)
        elif step == "try again":
            await desk.attempts.try_again(attempt, delay_s=300.5)
        else:
            await desk.attempts.hand_back(attempt)
        least_s = 3600 + (300 if step == "try again" else 0)
        assert least_s - 60 < await _least_left_s(desk, job_id) <= least_s + 1

    at_desk(redis_url, story, ttl_s=3600)


def test_a_link_is_not_kept_longer_than_it_is_good_by_a_retry_j6(redis_url: str) -> None:
    """J6: a job that is begun again does not make a password live longer."""

    async def story(desk: Desk) -> None:
        soon = (await desk.redis.time())[0] + 100
        link = f"https://b.example/x.stl?Expires={soon}&Signature=s"
        job_id = await desk.submit(source=JobSource(SourceKind.URL, link))
        attempt = await desk.begin(job_id)
        assert attempt.source is not None
        assert 60 < await desk.redis.ttl(f"pricing-fdm:source:{job_id}") <= 101

    at_desk(redis_url, story)


def test_a_callback_outlives_the_pause_before_its_next_try(redis_url: str) -> None:
    """The record of its job, too: both may be kept for a minute only."""

    async def story(desk: Desk) -> None:
        attempts = Attempts(desk.redis, result_ttl_s=60, call_retry_s=600)
        job_id = await desk.submit(callback_url="https://caller.example/hook")
        await attempts.complete(await desk.begin(job_id), {})
        call = await attempts.claim_call()
        assert call is not None
        await attempts.settle_call(call, delivered=False)
        for kind in ("job", "callback"):
            assert await desk.redis.ttl(f"pricing-fdm:{kind}:{job_id}") > 600

    at_desk(redis_url, story, ttl_s=60)


def test_a_worker_counts_as_long_as_it_shows_life_and_takes_jobs(redis_url: str) -> None:
    """By the clock of Redis; one that takes none any longer is gone at once."""

    async def story(desk: Desk) -> None:
        async def workers(name: str, alive_s: float) -> int:
            return (await desk.attempts.keep(name, alive_s=alive_s)).workers

        assert await workers("stays", 600) == 1
        assert await workers("stays", 600) == 1
        assert await workers("leaves", 600) == 2
        assert await workers("leaves", 0) == 1
        assert await workers("freezes", 0.3) == 2
        async with asyncio.timeout(30):
            while (await desk.store.counts()).workers != 1:  # noqa: ASYNC110 - Redis changes it
                await asyncio.sleep(0.02)

    at_desk(redis_url, story)
