from __future__ import annotations

import asyncio
import uuid

import pytest

from pricing_fdm.errors import IdempotencyConflict, QueueFull
from pricing_fdm.jobs.record import Idempotency, Job, JobSource, JobState, SourceKind
from tests.jobs.desk import REQUEST, URL, Desk, at_desk


def test_a_job_is_queued_with_all_that_was_asked(redis_url: str) -> None:
    """The gateway that answers the question may be another than the one that took the job."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit(rush=True)
        assert await desk.job(job_id) == Job(job_id, JobState.QUEUED)
        attempt = await desk.begin(job_id)
        assert attempt.order == {"material": "pla", "infill": 20, "layer_thickness": 200}
        assert (attempt.source, attempt.request_id) == (JobSource(SourceKind.URL, URL), "req-1")
        assert 0 <= attempt.waited_s < 60
        assert (await desk.job(job_id)).attempt == 1

    at_desk(redis_url, story)


@pytest.mark.parametrize(
    "job_id",
    ["", "x", "../etc", "*", "a" * 5000, str(uuid.uuid4()).upper(), str(uuid.uuid4()), "\x00"],
    ids=["empty", "word", "path", "pattern", "long", "upper case", "unknown", "control"],
)
def test_an_id_that_is_none_is_an_unknown_job(redis_url: str, job_id: str) -> None:
    """It comes out of a path, where anything may stand."""

    async def story(desk: Desk) -> None:
        assert await desk.store.read(job_id) is None

    at_desk(redis_url, story)


def test_the_same_key_twice_in_parallel_is_one_job_j3(redis_url: str) -> None:
    """J3: a client that repeats a request it heard no answer to pays for one slice."""

    async def story(desk: Desk) -> None:
        key = Idempotency("customer's key", "fingerprint")
        ids = await asyncio.gather(*(desk.submit(key) for _ in range(20)))
        assert len(set(ids)) == 1
        assert await desk.lane() == [ids[0]]
        again = await desk.store.submit(REQUEST, key)
        assert (again.job_id, again.repeated) == (ids[0], True)

    at_desk(redis_url, story)


def test_a_key_belongs_to_one_request(redis_url: str) -> None:
    """Else a client with a faulty key generator gets the price of another part."""

    async def story(desk: Desk) -> None:
        await desk.submit(Idempotency("key", "one"))
        with pytest.raises(IdempotencyConflict):
            await desk.submit(Idempotency("key", "two"))
        assert len(await desk.lane()) == 1

    at_desk(redis_url, story)


def test_a_repeated_request_is_answered_also_when_the_queue_is_full(redis_url: str) -> None:
    """It asks for nothing new."""

    async def story(desk: Desk) -> None:
        key = Idempotency("key", "one")
        job_id = await desk.submit(key)
        assert await desk.submit(key) == job_id

    at_desk(redis_url, story, max_jobs=1)


def test_the_queue_is_bounded_j7(redis_url: str) -> None:
    """J7: refused at once, also when many come together; an end makes room for one."""

    async def story(desk: Desk) -> None:
        results = await asyncio.gather(*(desk.submit() for _ in range(8)), return_exceptions=True)
        refused = [each for each in results if isinstance(each, QueueFull)]
        taken = [each for each in results if isinstance(each, str)]
        assert (len(taken), len(refused)) == (3, 5)
        assert all(1 <= each.retry_after_s <= 60 for each in refused)
        await desk.attempts.complete(await desk.begin(taken[0]), {})
        await desk.submit()
        with pytest.raises(QueueFull):
            await desk.submit()

    at_desk(redis_url, story, max_jobs=3)


def test_when_to_come_back_follows_from_how_fast_jobs_end(redis_url: str) -> None:
    """A fixed number would be a flood after an hour of outage, or a wait for nothing."""

    async def story(desk: Desk) -> None:
        now_s = (await desk.redis.time())[0]
        await desk.redis.rpush("pricing-fdm:pace", *(now_s - 10 * n for n in range(11)))
        for _ in range(20):
            await desk.submit()
        with pytest.raises(QueueFull) as full:
            await desk.submit()
        assert 19 <= full.value.retry_after_s <= 25  # a tenth of 20 jobs, one in 10 s

    at_desk(redis_url, story, max_jobs=20)


def test_a_job_that_was_lost_does_not_hold_its_place_for_ever(redis_url: str) -> None:
    """Whatever may go wrong, the place comes back when the record is gone."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit()
        await desk.redis.zadd("pricing-fdm:active", {job_id: 1})
        await desk.submit()
        assert (await desk.store.counts()).unfinished == 1

    at_desk(redis_url, story, max_jobs=1)


def test_every_key_has_an_end_j7(redis_url: str) -> None:
    """J7: what nobody asks for again goes by itself, whatever becomes of the service."""

    async def story(desk: Desk) -> None:
        for rush in (False, True):
            await desk.submit(
                Idempotency(f"key {rush}", "f"), rush=rush, callback_url="https://caller.example"
            )
        done, dead, again = [await desk.submit(callback_url="https://x.example") for _ in range(3)]
        await desk.attempts.complete(await desk.begin(done), {})
        await desk.attempts.fail(await desk.begin(dead), {}, dead=True)
        await desk.attempts.try_again(await desk.begin(again), delay_s=100)
        await desk.attempts.keep("worker", alive_s=60)
        names = await desk.redis.keys("*")
        assert len(names) > 12
        endless = [name for name in names if await desk.redis.ttl(name) == -1]
        assert endless == []
        assert all(str(name).startswith("pricing-fdm:") for name in names)

    at_desk(redis_url, story)


def test_the_link_is_gone_when_the_job_has_ended_j6(redis_url: str) -> None:
    """J6: a presigned URL is a password; no value in Redis has it after the end."""

    async def story(desk: Desk) -> None:
        for ending in ("complete", "fail"):
            job_id = await desk.submit()
            assert await desk.redis.get(f"pricing-fdm:source:{job_id}") == URL
            assert 0 < await desk.redis.ttl(f"pricing-fdm:source:{job_id}") <= 3600
            attempt = await desk.begin(job_id)
            assert attempt.source == JobSource(SourceKind.URL, URL)
            assert "canary" not in repr(attempt)
            if ending == "complete":
                await desk.attempts.complete(attempt, {})
            else:
                await desk.attempts.fail(attempt, {}, dead=False)
        for name in await desk.redis.keys("*"):
            assert "canary" not in await _dump(desk, str(name)), name

    at_desk(redis_url, story)


def test_the_link_is_kept_no_longer_than_it_is_good_j6(redis_url: str) -> None:
    """J6: its own query says how long."""

    async def story(desk: Desk) -> None:
        soon = (await desk.redis.time())[0] + 100
        source = JobSource(SourceKind.URL, f"https://b.example/x.stl?Expires={soon}&Signature=s")
        job_id = await desk.submit(source=source)
        assert 90 <= await desk.redis.ttl(f"pricing-fdm:source:{job_id}") <= 101
        await desk.redis.delete(f"pricing-fdm:source:{job_id}")
        assert (await desk.begin(job_id)).source is None

    at_desk(redis_url, story)


async def _dump(desk: Desk, name: str) -> str:
    """Whatever lies under a key, as text."""
    redis = desk.redis
    match await redis.type(name):
        case "string":
            return str(await redis.get(name))
        case "hash":
            return repr(await redis.hgetall(name))
        case "list":
            return repr(await redis.lrange(name, 0, -1))
        case "zset":
            return repr(await redis.zrange(name, 0, -1))
    raise AssertionError(name)
