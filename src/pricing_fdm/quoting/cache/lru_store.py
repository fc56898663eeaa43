"""Texts in memory: no more bytes than allowed, none for longer than allowed."""

from __future__ import annotations

import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_OVERHEAD_BYTES = 256  # of an entry: its place in the dictionary, its time


class LruStore:
    """Keeps what was used last.

    Args:
        max_bytes: Of all entries together, as they lie in memory.
        ttl_s: Seconds for which an entry is kept.
        clock: Seconds that never go back.
    """

    def __init__(
        self, *, max_bytes: int, ttl_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_bytes = max_bytes
        self._ttl_s = ttl_s
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self.size_bytes = 0

    def get(self, key: str) -> str | None:
        """The text, None if it is not here or has expired."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._clock() >= entry.until_s:
            self.remove(key)
            return None
        self._entries.move_to_end(key)
        return entry.text

    def put(self, key: str, text: str) -> None:
        """Keeps a text, and lets go of what was not used for longest to make room."""
        self.remove(key)
        self._entries[key] = _Entry(text, self._clock() + self._ttl_s)
        self.size_bytes += _size_bytes(key, text)
        while self.size_bytes > self._max_bytes:
            self.remove(next(iter(self._entries)))

    def remove(self, key: str) -> None:
        """Lets go of a text, if it is here."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size_bytes -= _size_bytes(key, entry.text)


@dataclass(frozen=True, slots=True)
class _Entry:
    text: str
    until_s: float


def _size_bytes(key: str, text: str) -> int:
    return sys.getsizeof(key) + sys.getsizeof(text) + _OVERHEAD_BYTES
