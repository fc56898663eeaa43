"""Whole answers, kept under the caller's Idempotency-Key: a repeated request gets the same one.

Of several equal requests at the same time, each is priced (they share the slice), and all get the
answer that is kept first. So nobody waits for another, and no lock can be left behind.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Protocol

from cachetools import TTLCache

_MEMORY_BYTES = 32 * 1024**2


class AnswerStore(Protocol):
    """Texts by key, in which they expire; raises `QueueUnavailable` when it does not answer."""

    async def get(self, key: str) -> str | None:
        """The text that is kept, None if there is none."""
        ...

    async def put_first(self, key: str, text: str) -> str:
        """Keeps a text unless there is one already; returns what is kept."""
        ...


class MemoryAnswers:
    """Answers in this process; the one used longest ago makes room.

    Args:
        ttl_s: Seconds for which an answer is kept.
    """

    def __init__(self, ttl_s: float) -> None:
        self._texts: TTLCache[str, str] = TTLCache(_MEMORY_BYTES, ttl_s, getsizeof=sys.getsizeof)

    async def get(self, key: str) -> str | None:
        """See `AnswerStore`."""
        return self._texts.get(key)

    async def put_first(self, key: str, text: str) -> str:
        """See `AnswerStore`."""
        with contextlib.suppress(ValueError):  # larger than all of the memory
            return self._texts.setdefault(key, text)
        return text
