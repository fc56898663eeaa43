"""Redis tells every gateway and worker that another version of the shop is active.

Which one is not said: each looks in the store of versions, where it stands. So news that come late,
twice or in another order do no harm, and lost ones only delay.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.connection import Client, answer_of, key
from pricing_fdm.jobs.news import RedisNews

_KIND = "shop"
_ACTIVE = "active"


class ShopNews:
    """The news of one process; keep `run` and `follow` running.

    Args:
        look: Looks in the store, and follows it.
        period_s: Seconds between two looks where there are no news.
    """

    def __init__(self, redis: Client, look: Callable[[], Awaitable[None]], period_s: float) -> None:
        self._redis = redis
        self._look = look
        self._period_s = period_s
        self._arrived = asyncio.Event()
        self.run = RedisNews(redis, self, kind=_KIND).run

    async def follow(self) -> None:
        """Looks when there are news, and every some seconds."""
        while True:
            self._arrived.clear()
            await self._look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._period_s):
                    await self._arrived.wait()

    async def announce(self) -> None:
        """Tells all processes, this one too; where Redis is away they look by themselves."""
        with contextlib.suppress(QueueUnavailable):
            await answer_of(self._redis.publish(key(_KIND, _ACTIVE), ""))

    def wake(self, _name: str) -> None:
        """Another version may be active."""
        self._arrived.set()

    def wake_all(self) -> None:
        """News may have been lost."""
        self._arrived.set()
