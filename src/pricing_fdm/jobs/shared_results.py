"""Texts in Redis that gateways and workers share: slice results, the backlog, what was estimated.

It never holds up a quote: a command may take a quarter of a second, and after one that did not
answer no other is sent for some seconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import redis

from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.connection import Client, answer_of
from pricing_fdm.jobs.connection import key as redis_key
from pricing_fdm.quoting.cache.result_cache import Unreachable

_ANSWER_S = 0.25
_PAUSE_S = 5.0
RESULT, BACKLOG, ESTIMATE = "result", "backlog", "estimate"
"""The kinds of texts."""

_T = TypeVar("_T")


class RedisStore:
    """A `SharedStore`.

    Args:
        ttl_s: Seconds for which a text is kept; None: until another takes its place.
        kind: Of the texts, as their keys have it.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        client: Client,
        *,
        ttl_s: int | None,
        kind: str = RESULT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kind = kind
        self._client = client
        self._ttl_s = ttl_s
        self._clock = clock
        self._silent_until_s = 0.0

    async def get(self, key: str) -> str | None:
        """The text, None if it is not there; bytes that are no text are an empty one."""
        try:
            text = await self._ask(lambda: self._client.get(redis_key(self._kind, key)))
        except UnicodeDecodeError:
            return ""
        return text if isinstance(text, str) else None

    async def put(self, key: str, text: str) -> None:
        """Keeps a text."""
        await self._ask(lambda: self._client.set(redis_key(self._kind, key), text, ex=self._ttl_s))

    async def _ask(self, command: Callable[[], Awaitable[_T]]) -> _T:
        if self._clock() < self._silent_until_s:
            raise Unreachable
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await answer_of(command())
        except (QueueUnavailable, TimeoutError, redis.RedisError) as error:
            self._silent_until_s = self._clock() + _PAUSE_S
            raise Unreachable from error
