"""The result cache: slice results in memory and, in the queue mode, in a store that all share.

A price is never cached: rates, margin and quantity may change every day. A refusal that is the
model's own fault is kept for a short time (the negative cache); failures of the service itself are
not. A store that does not answer and a damaged entry cost a slice and nothing else.
"""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol

from cachetools import TTLCache

from pricing_fdm.errors import ModelError
from pricing_fdm.model import SliceResult
from pricing_fdm.quoting.cache.record import Corrupt, to_result, to_text

_MOST_REFUSALS = 10_000  # about 5 MB


class Lookup(StrEnum):
    """What a lookup came to; the values of the metric's label `result`.

    `HIT`: answered from memory or store. `SHARED`: by a slice that another caller had begun.
    `REFUSED`: by a refusal in the negative cache. `MISS`: sliced. `CORRUPT` and `UNREACHABLE` come
    besides the miss that follows: an entry was damaged; the store did not answer.
    """

    HIT = "hit"
    SHARED = "shared"
    REFUSED = "refused"
    MISS = "miss"
    CORRUPT = "corrupt"
    UNREACHABLE = "unreachable"


class Unreachable(Exception):
    """The shared store does not answer."""


class SharedStore(Protocol):
    """A store of texts for several processes, in which they expire."""

    async def get(self, key: str) -> str | None:
        """The text, None if it is not there.

        Raises:
            Unreachable: The store does not answer.
        """
        ...

    async def put(self, key: str, text: str) -> None:
        """Keeps a text.

        Raises:
            Unreachable: As for `get`.
        """
        ...


class ResultCache:
    """Slice results and refusals, by key.

    Args:
        max_bytes: Of all results together; the one used longest ago makes room.
        ttl_s: Seconds for which a result is kept; 0 keeps nothing at all.
        refusal_ttl_s: Seconds for which a refusal is kept; 0 keeps none.
        store: Read and written as well, where there is one.

    Attributes:
        counts: How often each lookup result came.
    """

    def __init__(
        self,
        *,
        max_bytes: int,
        ttl_s: float,
        refusal_ttl_s: float,
        store: SharedStore | None = None,
    ) -> None:
        self.counts: Counter[Lookup] = Counter()
        self._texts: TTLCache[str, str] = TTLCache(max_bytes, ttl_s, getsizeof=sys.getsizeof)
        self._refusals: TTLCache[str, ModelError] = TTLCache(_MOST_REFUSALS, refusal_ttl_s)
        self._keeps = ttl_s > 0
        self._store = store if self._keeps else None

    @classmethod
    def none(cls) -> ResultCache:
        """A cache that keeps nothing."""
        return cls(max_bytes=0, ttl_s=0, refusal_ttl_s=0)

    def totals(self) -> dict[str, int]:
        """How often each lookup result came, with those that never did."""
        return {result.value: self.counts[result] for result in Lookup}

    async def lookup(self, key: str) -> SliceResult | None:
        """The slice result, None if it is not known."""
        text = self._texts.get(key)
        is_near = text is not None
        if text is None:
            text = await self._from_store(key)
        if text is None:
            return None
        try:
            result = to_result(text)
        except Corrupt:
            self.counts[Lookup.CORRUPT] += 1
            self._texts.pop(key, None)
            return None
        if not is_near:
            self._keep(key, text)
        self.counts[Lookup.HIT] += 1
        return result

    def at_hand(self, key: str) -> SliceResult | None:
        """The slice result if this process has it; not counted as a lookup."""
        text = self._texts.get(key)
        try:
            return to_result(text) if text is not None else None
        except Corrupt:
            return None

    async def remember(self, key: str, result: SliceResult) -> None:
        """Keeps a slice result."""
        if not self._keeps:
            return
        text = to_text(result)
        self._keep(key, text)
        if self._store is not None:
            try:
                await self._store.put(key, text)
            except Unreachable:
                self.counts[Lookup.UNREACHABLE] += 1

    def raise_if_refused(self, key: str) -> None:
        """Raises the refusal of this key again, if there was one a short time ago."""
        refusal = self._refusals.get(key)
        if refusal is not None:
            self.counts[Lookup.REFUSED] += 1
            raise type(refusal)(refusal.detail, log_detail=refusal.log_detail)

    @contextlib.contextmanager
    def refusals_of(self, key: str) -> Iterator[None]:
        """Keeps a refusal that is the model's own fault, and lets it pass."""
        try:
            yield
        except ModelError as error:
            if self._keeps:
                self._refusals[key] = type(error)(error.detail, log_detail=error.log_detail)
            raise

    def count_slice(self, *, shared: bool) -> None:
        """Counts a lookup that a slice answers: a new one, or one that is being made."""
        self.counts[Lookup.SHARED if shared else Lookup.MISS] += 1

    def _keep(self, key: str, text: str) -> None:
        with contextlib.suppress(ValueError):  # larger than the whole cache
            self._texts[key] = text

    async def _from_store(self, key: str) -> str | None:
        if self._store is None:
            return None
        try:
            return await self._store.get(key)
        except Unreachable:
            self.counts[Lookup.UNREACHABLE] += 1
            return None
