from __future__ import annotations

import asyncio

from pricing_fdm.jobs.ending import end
from tests.jobs.desk import Desk, at_desk


def test_a_task_that_talks_to_redis_ends_j5(redis_url: str) -> None:
    """J5: a cancellation that a command swallowed kept a worker's slot for ever."""

    async def story(desk: Desk) -> None:
        attempt = await desk.begin(await desk.submit())

        async def tell() -> None:
            while True:
                await desk.attempts.progress(attempt, 1, "slice")
                await asyncio.sleep(3600)

        for number in range(300):
            telling = asyncio.create_task(tell())
            for _ in range(number % 12):
                await asyncio.sleep(0)
            async with asyncio.timeout(30):
                await end(telling)
            assert telling.done()

    at_desk(redis_url, story)


def test_how_a_task_ended_is_nobody_s_matter() -> None:
    """It is being taken down; its error was told where it happened."""

    async def story() -> None:
        async def fail() -> None:
            raise RuntimeError("on the way out")

        failing = asyncio.create_task(fail())
        await asyncio.sleep(0)
        await end(failing)

    asyncio.run(story())
