"""Wherever a finding is remembered: damage and silence cost a slice and nothing else."""

from __future__ import annotations

import asyncio

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.quoting.cache.lru_store import LruStore
from pricing_fdm.quoting.cache.negative_cache import NegativeCache
from pricing_fdm.quoting.cache.record import to_text
from pricing_fdm.quoting.cache.result_cache import Result, ResultCache, Unreachable
from tests.quoting.cache.slice_results import finding


class Store:
    """A shared store in this process.

    Attributes:
        texts: What it holds; a test may damage it.
        silent: Whether it does not answer.
    """

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.silent = False
        self.asked = 0

    async def get(self, key: str) -> str | None:
        self.asked += 1
        if self.silent:
            raise Unreachable
        return self.texts.get(key)

    async def put(self, key: str, text: str) -> None:
        if self.silent:
            raise Unreachable
        self.texts[key] = text


def memory(store: Store | None = None) -> tuple[ResultCache, LruStore]:
    shelf = LruStore(max_bytes=100_000, ttl_s=60)
    memory = ResultCache(shelf, NegativeCache(remember_s=60))
    if store is not None:
        memory.share(store)
    return memory, shelf


def test_what_one_process_found_out_the_other_knows() -> None:
    """And keeps nearer from then on."""

    async def test() -> None:
        store = Store()
        (one, _), (other, _) = memory(store), memory(store)
        await one.remember("a", finding())
        assert await other.finding("a") == finding()
        assert await other.finding("a") == finding()
        assert store.asked == 1
        assert await other.finding("b") is None

    asyncio.run(test())


def test_a_damaged_entry_in_memory_is_a_miss_and_gone() -> None:
    """It must not be damaged for as long as it lives."""

    async def test() -> None:
        one, shelf = memory()
        shelf.put("a", to_text(finding()).replace("stl-binary", "stl-binarz"))
        assert await one.finding("a") is None
        assert one.counts == {Result.CORRUPT: 1}
        assert shelf.get("a") is None

    asyncio.run(test())


def test_a_damaged_entry_in_the_store_is_a_miss_and_mended_by_the_next_slice() -> None:
    """It is not taken into memory."""

    async def test() -> None:
        store = Store()
        one, shelf = memory(store)
        store.texts["a"] = "rubbish"
        assert await one.finding("a") is None
        assert one.counts == {Result.CORRUPT: 1}
        assert shelf.get("a") is None
        await one.remember("a", finding())
        assert store.texts["a"] == to_text(finding())

    asyncio.run(test())


def test_a_store_that_is_silent_fails_nothing() -> None:
    """The service works without it."""

    async def test() -> None:
        store = Store()
        store.silent = True
        one, _ = memory(store)
        assert await one.finding("a") is None
        await one.remember("a", finding())
        assert await one.finding("a") == finding()
        assert one.counts == {Result.UNREACHABLE: 2}

    asyncio.run(test())


def test_one_that_remembers_nothing_remembers_nothing() -> None:
    """`CACHE_TTL_SECS=0`, and the self-test, which must do the work."""

    async def test() -> None:
        none = ResultCache.none()
        await none.remember("a", finding())
        none.remember_refusal("a", ModelInvalid("It is open."))
        assert await none.finding("a") is None
        assert none.refusal("a") is None

    asyncio.run(test())


def test_every_result_is_told_from_the_start() -> None:
    """A rate over a counter that appears with its first event misses that event."""
    one, _ = memory()
    assert one.totals() == dict.fromkeys((result.value for result in Result), 0)
