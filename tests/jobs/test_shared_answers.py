"""Answers in Redis: the first under a key stays, for all gateways and for its time."""

from __future__ import annotations

import asyncio

import pytest

from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.connection import connect
from pricing_fdm.jobs.shared_answers import RedisAnswers
from tests.harness.service import free_port


def test_the_first_answer_stays_and_no_key_is_readable(redis_url: str) -> None:
    """Also of many at once; a caller's key may be a secret of his."""

    async def story() -> None:
        async with connect(redis_url) as redis:
            answers = [RedisAnswers(redis, ttl_s=60) for _ in range(2)]
            assert await answers[0].get("the key") is None
            told = await asyncio.gather(
                *(answers[number % 2].put_first("the key", str(number)) for number in range(20))
            )
            assert len(set(told)) == 1
            assert await answers[1].get("the key") == told[0]
            [name] = await redis.keys("*")
            assert "the key" not in str(name)
            assert 0 < await redis.ttl(name) <= 60

    asyncio.run(story())


def test_a_redis_that_is_away_is_an_error() -> None:
    """Whoever asked decides what that means."""

    async def story() -> None:
        async with connect(f"redis://127.0.0.1:{free_port()}") as redis:
            with pytest.raises(QueueUnavailable):
                await RedisAnswers(redis, ttl_s=60).get("key")

    asyncio.run(story())
