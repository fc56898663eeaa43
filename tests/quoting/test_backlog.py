"""What waits at the printers is known to all processes, and costs no quote when it is not."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from pricing_fdm.quoting.backlog import Backlog
from pricing_fdm.quoting.cache.result_cache import Unreachable


class Texts:
    """A store that several processes share, and that may be away."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.is_away = False

    async def get(self, key: str) -> str | None:
        if self.is_away:
            raise Unreachable
        return self.texts.get(key)

    async def put(self, key: str, text: str) -> None:
        if self.is_away:
            raise Unreachable
        self.texts[key] = text


def test_what_one_process_is_told_the_others_know() -> None:
    """A gateway is told, a worker counts it."""

    async def story() -> None:
        store = Texts()
        gateway, worker = Backlog(store), Backlog(store)
        assert await worker.hours("mk3s") is None
        await gateway.put("mk3s", Decimal("12.5"))
        assert await worker.hours("mk3s") == Decimal("12.5")
        assert await worker.hours("xl") is None

    asyncio.run(story())


def test_without_a_store_a_process_knows_what_it_was_told() -> None:
    """The last word counts."""

    async def story() -> None:
        backlog = Backlog()
        await backlog.put("mk3s", Decimal(3))
        await backlog.put("mk3s", Decimal(0))
        assert await backlog.hours("mk3s") == 0

    asyncio.run(story())


def test_a_store_that_is_away_leaves_what_was_known() -> None:
    """And whoever says something new is told that it was not taken."""

    async def story() -> None:
        store = Texts()
        backlog = Backlog(store)
        await backlog.put("mk3s", Decimal(3))
        store.is_away = True
        assert await backlog.hours("mk3s") == 3
        with pytest.raises(Unreachable):
            await backlog.put("mk3s", Decimal(9))
        assert await backlog.hours("mk3s") == 3

    asyncio.run(story())
