"""Whole answers in Redis, for all gateways of a queue."""

from __future__ import annotations

from pricing_fdm.jobs.connection import Client, answer_of, digest
from pricing_fdm.jobs.connection import key as redis_key

_KIND = "answer"


class RedisAnswers:
    """An `AnswerStore` whose keys are hashed.

    Args:
        ttl_s: Seconds for which an answer is kept.
    """

    def __init__(self, client: Client, *, ttl_s: int) -> None:
        self._client = client
        self._ttl_s = ttl_s

    async def get(self, key: str) -> str | None:
        """See `AnswerStore`."""
        text = await answer_of(self._client.get(redis_key(_KIND, digest(key))))
        return text if isinstance(text, str) else None

    async def put_first(self, key: str, text: str) -> str:
        """See `AnswerStore`."""
        name = redis_key(_KIND, digest(key))
        if await answer_of(self._client.set(name, text, nx=True, ex=self._ttl_s)):
            return text
        return await self.get(key) or text
