"""What is known of the store's size between two looks at it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from pricing_fdm.errors import StoreFull
from pricing_fdm.uploads.room import Measured, Room

LIMIT = 100


@dataclass
class Store:
    """A store that can be measured. Its time is all that the room knows of."""

    taken: int = 0
    measures: int = 0
    now_s: float = 0.0
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def measure(self) -> Measured:
        self.measures += 1
        await self.hold.wait()
        return Measured(self.taken, LIMIT)

    def room(self, monkeypatch: pytest.MonkeyPatch) -> Room:
        clock = SimpleNamespace(monotonic=lambda: self.now_s)
        monkeypatch.setattr("pricing_fdm.uploads.room.time", clock)
        self.hold.set()
        return Room(self.measure)


async def pieces(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield bytes(size)


async def put(room: Room, *sizes: int) -> None:
    with room.upload(pieces(*sizes)) as counted:
        async for _ in counted:
            pass


def test_a_store_is_not_listed_for_every_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    """A remote one costs a request for each thousand of its objects."""

    async def story() -> None:
        store = Store()
        room = store.room(monkeypatch)
        assert math.isnan(room.taken_bytes)
        for _ in range(10):
            await put(room, 2, 3)
        assert (store.measures, room.taken_bytes) == (1, 50)
        store.taken, store.now_s = 40, 61
        await put(room, 1)
        assert (store.measures, room.taken_bytes) == (2, 41)

    asyncio.run(story())


def test_a_full_store_is_looked_at_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep may have made room, here or in another gateway."""

    async def story() -> None:
        store = Store(taken=LIMIT)
        room = store.room(monkeypatch)
        for _ in range(5):
            with pytest.raises(StoreFull):
                await room.require(1)
        assert store.measures == 1
        store.taken, store.now_s = 10, 6
        await room.require(90)
        assert store.measures == 2

    asyncio.run(story())


def test_what_ends_while_the_store_is_listed_still_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The list may have been made before it was there."""

    async def story() -> None:
        store = Store()
        room = store.room(monkeypatch)
        with room.upload(pieces(70)) as arriving:
            await anext(arriving)
            store.hold.clear()
            store.now_s = 61
            measuring = asyncio.create_task(room.require(1))
            await asyncio.sleep(0)
        store.hold.set()
        await measuring
        assert room.taken_bytes == 70
        with pytest.raises(StoreFull):
            await room.require(31)

    asyncio.run(story())
