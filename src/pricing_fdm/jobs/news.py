"""Redis tells every process of what has changed: jobs, or the shop. One subscription for each."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Protocol

from redis.asyncio.client import PubSub

from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.connection import Client, answer_of, key

_JOBS = "news"  # as in `lua/common.lua`
_SILENCE_S = 15.0
_AGAIN_S = 1.0


class Broadcast(Protocol):
    """Whom the news are for."""

    def wake(self, name: str, /) -> None:
        """This has changed."""

    def wake_all(self) -> None:
        """Anything may have changed."""


class RedisNews:
    """Passes on to a broadcast what Redis publishes; keep `run` running.

    Args:
        kind: Of the keys that are published about.
    """

    def __init__(self, redis: Client, broadcast: Broadcast, *, kind: str = _JOBS) -> None:
        self._redis = redis
        self._broadcast = broadcast
        self._kind = kind

    async def run(self) -> None:
        """Passes messages on until it is cancelled; subscribes again after each loss of Redis."""
        while True:
            with contextlib.suppress(QueueUnavailable):  # `/ready` and every request report it
                await self._pass_on()
            await asyncio.sleep(_AGAIN_S)

    async def _pass_on(self) -> None:
        async with contextlib.aclosing(self._redis.pubsub()) as news:
            await answer_of(news.psubscribe(key(self._kind, "*")))
            try:
                await self._receive(news)
            finally:
                self._broadcast.wake_all()  # to see that Redis is away, if it is

    async def _receive(self, news: PubSub) -> None:
        """Returns when the subscription has fallen silent.

        Raises:
            QueueUnavailable: Its connection is lost.
        """
        pinged = False
        while True:
            message = await answer_of(news.get_message(timeout=_SILENCE_S))
            if message is not None:
                pinged = False
                self._take(message)
            elif pinged:
                return
            else:  # nothing has happened, or the connection was lost unnoticed
                pinged = True
                await answer_of(news.ping())

    def _take(self, message: dict[str, str]) -> None:
        if message["type"] == "psubscribe":
            self._broadcast.wake_all()  # changes before the subscription reached nobody
        elif message["type"] == "pmessage":
            self._broadcast.wake(message["channel"].rpartition(":")[2])
