"""Redis may help a quote, and may never be in its way."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator

import pytest

from pricing_fdm.jobs.connection import connect
from pricing_fdm.jobs.shared_results import RedisStore
from pricing_fdm.quoting.cache.result_cache import Unreachable
from tests.harness.redis_server import RedisServer, running_redis


class Clock:
    """Seconds that a test sets."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


def test_a_text_comes_back_until_it_expires(redis: RedisServer) -> None:
    """By Redis' own clock: nobody tidies up."""

    async def test() -> None:
        async with connect(redis.new_url()) as client:
            shelf = RedisStore(client, ttl_s=60)
            assert await shelf.get("a") is None
            await shelf.put("a", "text")
            assert await shelf.get("a") == "text"
            (key,) = await client.keys()
            assert 0 < await client.pttl(key) <= 60_000
            await client.pexpire(key, 1)
            async with asyncio.timeout(60):
                while await shelf.get("a") is not None:  # noqa: ASYNC110 - Redis' clock
                    await asyncio.sleep(0.01)

    asyncio.run(test())


def test_bytes_that_are_no_text_are_an_empty_one(redis: RedisServer) -> None:
    """Damage, and no reason to stop asking."""

    async def test() -> None:
        async with connect(redis.new_url()) as client:
            shelf = RedisStore(client, ttl_s=60)
            await shelf.put("a", "text")
            await client.set((await client.keys())[0], b"\xff\xfe")
            assert await shelf.get("a") == ""
            await shelf.put("a", "text")
            assert await shelf.get("a") == "text"

    asyncio.run(test())


def test_a_redis_that_stands_still_is_waited_for_once(redis: RedisServer) -> None:
    """A quarter of a second, then not at all for some seconds, then again."""

    async def test() -> None:
        clock = Clock()
        async with connect(redis.new_url()) as client:
            shelf = RedisStore(client, ttl_s=60, clock=clock)
            await shelf.put("a", "text")
            redis.process.send_signal(signal.SIGSTOP)
            with pytest.raises(Unreachable):
                await shelf.get("a")
            began_s = time.monotonic()
            for _ in range(100):
                with pytest.raises(Unreachable):
                    await shelf.get("a")
            assert time.monotonic() - began_s < 20, "each call waited"
            redis.process.send_signal(signal.SIGCONT)
            clock.now_s = 5.1
            assert await shelf.get("a") == "text"

    asyncio.run(test())


def test_a_redis_that_is_gone_or_full_is_unreachable(redis: RedisServer) -> None:
    """Neither is an error of any quote."""

    async def test() -> None:
        clock = Clock()
        async with connect(redis.new_url()) as client:
            shelf = RedisStore(client, ttl_s=60, clock=clock)
            await client.config_set("maxmemory", "1")
            with pytest.raises(Unreachable):
                await shelf.put("a", "text")
            redis.stop()
            clock.now_s = 6
            with pytest.raises(Unreachable):
                await shelf.get("a")

    asyncio.run(test())
