"""Texts in this process, where there is no store that several share."""

from __future__ import annotations

import contextlib
import sys

from cachetools import TTLCache


class MemoryTexts:
    """A `SharedStore` of one process; the text used longest ago makes room.

    Args:
        max_bytes: Of all texts together.
        ttl_s: Seconds for which a text is kept.
    """

    def __init__(self, max_bytes: int, ttl_s: float) -> None:
        self._texts: TTLCache[str, str] = TTLCache(max_bytes, ttl_s, getsizeof=sys.getsizeof)

    async def get(self, key: str) -> str | None:
        """The text, None if it is not there."""
        return self._texts.get(key)

    async def put(self, key: str, text: str) -> None:
        """Keeps a text, unless it is larger than all of the memory."""
        with contextlib.suppress(ValueError):
            self._texts[key] = text
