"""How much the store of uploads holds, and whether there is room for more.

The store is measured by listing it, at most once a minute, and again when it seems full; what this
process adds meanwhile is counted byte by byte as it comes. What other gateways add is seen with the
next listing, so together they may exceed the limit by what they receive within a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

from pricing_fdm.errors import StoreFull

_FRESH_S = 60.0
_FULL_FRESH_S = 5.0
_RETRY_AFTER_S = 60
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """What the store holds, and how much it may."""

    taken_bytes: int
    limit_bytes: int


class Room:
    """Accounts for the bytes in one store.

    Args:
        measure: Lists the store.
    """

    def __init__(self, measure: Callable[[], Awaitable[Measured]]) -> None:
        self._measure = measure
        self._measured: Measured | None = None
        self._measured_at_s = -math.inf
        self._measuring = asyncio.Lock()
        self._arriving_bytes = 0  # of uploads that are being stored
        self._stored_bytes = 0  # of uploads that were stored since the measure

    @property
    def taken_bytes(self) -> float:
        """What the store holds, as far as this process knows; NaN before the first upload."""
        if self._measured is None:
            return math.nan
        return self._measured.taken_bytes + self._stored_bytes + self._arriving_bytes

    async def require(self, size_bytes: int) -> None:
        """Returns when there is room for this many bytes more.

        Raises:
            StoreFull: There is not.
            StoreUnavailable: The store cannot be measured now.
        """
        limit_bytes = 0
        for age_s in (_FRESH_S, _FULL_FRESH_S):
            limit_bytes = (await self._at_most_old(age_s)).limit_bytes
            if self.taken_bytes + size_bytes <= limit_bytes:
                return
        raise StoreFull(
            "There is no room for more uploads at the moment. Try again later.",
            retry_after_s=_RETRY_AFTER_S,
            log_detail=f"{self.taken_bytes / _MIB:.0f} MiB of {limit_bytes / _MIB:.0f} are taken",
        )

    @contextlib.contextmanager
    def upload(self, pieces: AsyncIterator[bytes]) -> Iterator[AsyncIterator[bytes]]:
        """Gives the pieces of one upload, as long as there is room for them.

        The upload counts as stored when the context is left without an error.
        """
        size_bytes = 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size_bytes
            async for piece in pieces:
                await self.require(len(piece))
                self._arriving_bytes += len(piece)
                size_bytes += len(piece)
                yield piece

        try:
            yield counted()
            self._stored_bytes += size_bytes
        finally:
            self._arriving_bytes -= size_bytes

    async def _at_most_old(self, age_s: float) -> Measured:
        async with self._measuring:
            if self._measured is None or time.monotonic() - self._measured_at_s > age_s:
                # An upload that ends while the store is listed is counted twice until the next
                # measure, rather than not at all.
                stored_before = self._stored_bytes
                self._measured = await self._measure()
                self._measured_at_s = time.monotonic()
                self._stored_bytes -= stored_before
            return self._measured
