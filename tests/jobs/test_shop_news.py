"""Redis makes every process look for another version of the shop."""

from __future__ import annotations

import asyncio

from pricing_fdm.jobs.connection import connect
from pricing_fdm.jobs.shop_news import ShopNews
from tests.harness.redis_server import RedisServer

PATIENCE_S = 30


def test_news_make_the_other_process_look_at_once(redis_server: RedisServer) -> None:
    """Though the next look would be in an hour; a Redis that is away stops no activation."""

    async def scenario() -> None:
        looks = asyncio.Semaphore(0)

        async def look() -> None:
            looks.release()

        async with connect(redis_server.new_url()) as redis:
            news = ShopNews(redis, look, 3600)
            tasks = [asyncio.create_task(work()) for work in (news.run, news.follow)]
            async with asyncio.timeout(PATIENCE_S):
                await looks.acquire()  # the first
                await looks.acquire()  # the subscription has begun
                await news.announce()
                await looks.acquire()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        async with connect("unix:///nowhere/redis.sock") as away:
            await ShopNews(away, look, 3600).announce()

    asyncio.run(scenario())
