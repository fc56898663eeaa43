"""How much the store of uploads holds, and whether there is room for more.

The store is measured by listing it, at most once a minute, and again when it seems full; what this
process adds meanwhile is counted byte by byte as it comes. What other gateways add is seen with the
next measure, so together they may exceed the limit by what they take in within a minute.
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
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        measure: Callable[[], Awaitable[Measured]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._measure = measure
        self._clock = clock
        self._measured: Measured | None = None
        self._measured_at_s = -math.inf
        self._measuring = asyncio.Lock()
        self._coming_bytes = 0  # of uploads that are being stored
        self._come_bytes = 0  # of uploads that were stored since the measure

    @property
    def taken_bytes(self) -> float:
        """What the store holds, as far as this process knows; NaN before the first upload."""
        if self._measured is None:
            return math.nan
        return self._measured.taken_bytes + self._come_bytes + self._coming_bytes

    async def require(self, size_bytes: int) -> None:
        """Returns when there is room for as many bytes more.

        Raises:
            StoreFull: There is not.
            StoreUnavailable: The store cannot be measured now.
        """
        measured = await self._at_most_old(_FRESH_S)
        if self.taken_bytes + size_bytes <= measured.limit_bytes:
            return
        measured = await self._at_most_old(_FULL_FRESH_S)
        if self.taken_bytes + size_bytes > measured.limit_bytes:
            raise StoreFull(
                "There is no room for more uploads at the moment. Try again later.",
                retry_after_s=_RETRY_AFTER_S,
                log_detail=f"{self.taken_bytes / _MIB:.0f} MiB of "
                f"{measured.limit_bytes / _MIB:.0f} are taken",
            )

    @contextlib.contextmanager
    def upload(self) -> Iterator[Upload]:
        """Accounts for one upload, which is stored when the context is left without an error."""
        upload = Upload(self)
        try:
            yield upload
            self._come_bytes += upload.size_bytes
        finally:
            self._coming_bytes -= upload.size_bytes

    async def take(self, size_bytes: int) -> None:
        """Accounts for bytes of an upload that is being stored; raises as `require`."""
        await self.require(size_bytes)
        self._coming_bytes += size_bytes

    async def _at_most_old(self, age_s: float) -> Measured:
        async with self._measuring:
            if self._measured is None or self._clock() - self._measured_at_s > age_s:
                # An upload that ends while the store is listed is counted twice until the next
                # measure, rather than not at all.
                come_before = self._come_bytes
                self._measured = await self._measure()
                self._measured_at_s = self._clock()
                self._come_bytes -= come_before
            return self._measured


class Upload:
    """The bytes of one upload."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.size_bytes = 0

    async def counted(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The pieces, as long as there is room for them."""
        async for piece in pieces:
            await self._room.take(len(piece))
            self.size_bytes += len(piece)
            yield piece
