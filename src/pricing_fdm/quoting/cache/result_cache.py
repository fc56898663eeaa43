"""What the service remembers: findings here and, where there is one, in a store that all share.

A store that does not answer, and an entry that is damaged, cost a slice and nothing else: neither
is an error of any quote.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Protocol

from pricing_fdm.errors import ModelError
from pricing_fdm.model import SliceResult
from pricing_fdm.quoting.cache.lru_store import LruStore
from pricing_fdm.quoting.cache.negative_cache import NegativeCache
from pricing_fdm.quoting.cache.record import Corrupt, to_finding, to_text


class Result(StrEnum):
    """How a question fared; the values of the metric's label `result`.

    `HIT`: answered from memory or store. `SHARED`: by a slice that another caller had begun.
    `REFUSED`: by a refusal that is remembered. `MISS`: sliced. `CORRUPT` and `UNREACHABLE` come
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
    """A store of texts for several processes, which forgets by itself."""

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
    """Findings and refusals by key.

    Args:
        shelf: None remembers nothing at all.

    Attributes:
        counts: How often each result came.
    """

    def __init__(self, shelf: LruStore | None, refusals: NegativeCache) -> None:
        self.counts: Counter[Result] = Counter()
        self._shelf = shelf
        self._refusals = refusals
        self._shared: SharedStore | None = None

    @classmethod
    def none(cls) -> ResultCache:
        """One that remembers nothing."""
        return cls(None, NegativeCache(remember_s=0))

    def totals(self) -> dict[str, int]:
        """How often each result came, those too that never did."""
        return {result.value: self.counts[result] for result in Result}

    def share(self, shelf: SharedStore) -> None:
        """Looks into a shared store, too, from now on."""
        self._shared = shelf

    async def finding(self, key: str) -> SliceResult | None:
        """What was found out, None if that is not known."""
        if self._shelf is None:
            return None
        text = self._shelf.get(key)
        if text is not None:
            finding = self._read(text)
            if finding is None:
                self._shelf.remove(key)
            return finding
        text = await self._look_up(key)
        finding = None if text is None else self._read(text)
        if text is not None and finding is not None:
            self._shelf.put(key, text)
        return finding

    async def remember(self, key: str, finding: SliceResult) -> None:
        """Keeps what was found out."""
        if self._shelf is None:
            return
        text = to_text(finding)
        self._shelf.put(key, text)
        if self._shared is not None:
            try:
                await self._shared.put(key, text)
            except Unreachable:
                self.counts[Result.UNREACHABLE] += 1

    def refusal(self, key: str) -> ModelError | None:
        """Why the model was refused a short time ago, None if it was not."""
        return None if self._shelf is None else self._refusals.get(key)

    def remember_refusal(self, key: str, error: ModelError) -> None:
        """Keeps for a short time why a model was refused."""
        if self._shelf is not None:
            self._refusals.put(key, error)

    async def _look_up(self, key: str) -> str | None:
        if self._shared is None:
            return None
        try:
            return await self._shared.get(key)
        except Unreachable:
            self.counts[Result.UNREACHABLE] += 1
            return None

    def _read(self, text: str) -> SliceResult | None:
        try:
            return to_finding(text)
        except Corrupt:
            self.counts[Result.CORRUPT] += 1
            return None
