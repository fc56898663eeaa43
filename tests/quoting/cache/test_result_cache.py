"""The result cache: damage and silence cost a slice and nothing else."""

from __future__ import annotations

import asyncio
import sys

import pytest

from pricing_fdm.errors import ModelInvalid, SlicerCrashed
from pricing_fdm.quoting.cache.record import to_text
from pricing_fdm.quoting.cache.result_cache import Lookup, ResultCache, Unreachable
from tests.quoting.cache.slice_results import slice_result


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


def result_cache(
    store: Store | None = None, *, max_bytes: int = 100_000, ttl_s: float = 60
) -> ResultCache:
    return ResultCache(max_bytes=max_bytes, ttl_s=ttl_s, refusal_ttl_s=60, store=store)


def test_what_one_process_sliced_another_knows() -> None:
    """It is then in its own memory, too."""

    async def test() -> None:
        store = Store()
        one, other = result_cache(store), result_cache(store)
        await one.remember("a", slice_result())
        assert await other.lookup("a") == slice_result()
        assert await other.lookup("a") == slice_result()
        assert store.asked == 1
        assert await other.lookup("b") is None
        assert other.counts == {Lookup.HIT: 2}

    asyncio.run(test())


def test_a_damaged_entry_in_memory_is_a_miss_and_gone() -> None:
    """It does not stay damaged until it expires."""

    async def test() -> None:
        cache = result_cache()
        cache._texts["a"] = to_text(slice_result()).replace("stl-binary", "stl-binarz")
        assert await cache.lookup("a") is None
        assert cache.counts == {Lookup.CORRUPT: 1}
        assert "a" not in cache._texts

    asyncio.run(test())


def test_a_damaged_entry_in_the_store_is_a_miss_and_mended_by_the_next_slice() -> None:
    """It is not taken into memory."""

    async def test() -> None:
        store = Store()
        cache = result_cache(store)
        store.texts["a"] = "rubbish"
        assert await cache.lookup("a") is None
        assert cache.counts == {Lookup.CORRUPT: 1}
        assert "a" not in cache._texts
        await cache.remember("a", slice_result())
        assert store.texts["a"] == to_text(slice_result())

    asyncio.run(test())


def test_a_store_that_does_not_answer_fails_nothing() -> None:
    """The service works without it."""

    async def test() -> None:
        store = Store()
        store.silent = True
        cache = result_cache(store)
        assert await cache.lookup("a") is None
        await cache.remember("a", slice_result())
        assert await cache.lookup("a") == slice_result()
        assert cache.counts == {Lookup.UNREACHABLE: 2, Lookup.HIT: 1}

    asyncio.run(test())


def test_the_one_used_longest_ago_makes_room() -> None:
    """Memory is bounded by bytes; a result larger than all of it is not kept and fails nothing."""

    async def test() -> None:
        cache = result_cache(max_bytes=3 * sys.getsizeof(to_text(slice_result())))
        for key in ("a", "b", "c"):
            await cache.remember(key, slice_result())
        assert await cache.lookup("a") is not None
        await cache.remember("d", slice_result())
        known = [key for key in "abcd" if await cache.lookup(key) is not None]
        assert known == ["a", "c", "d"]
        tiny = result_cache(max_bytes=100)
        await tiny.remember("a", slice_result())
        assert await tiny.lookup("a") is None

    asyncio.run(test())


def test_a_result_expires_and_is_not_renewed_by_being_read() -> None:
    """Otherwise a popular one would live for ever."""

    async def test() -> None:
        cache = result_cache(ttl_s=0.3)
        await cache.remember("a", slice_result())
        async with asyncio.timeout(30):
            while await cache.lookup("a") is not None:  # noqa: ASYNC110 - nobody sets an event
                await asyncio.sleep(0.01)

    asyncio.run(test())


def test_a_refusal_is_repeated_without_a_second_look() -> None:
    """Word for word, for the same key only."""
    cache = result_cache()
    with pytest.raises(ModelInvalid), cache.refusals_of("a"):
        raise ModelInvalid("It is open.", log_detail="12 edges")
    with pytest.raises(ModelInvalid, match=r"It is open\.") as repeated:
        cache.raise_if_refused("a")
    assert repeated.value.log_detail == "12 edges"
    assert cache.counts == {Lookup.REFUSED: 1}
    cache.raise_if_refused("b")


def test_a_failure_of_the_service_is_not_kept() -> None:
    """The next try may go well."""
    cache = result_cache()
    with pytest.raises(SlicerCrashed), cache.refusals_of("a"):
        raise SlicerCrashed("The slicer crashed.")
    cache.raise_if_refused("a")


def test_a_cache_that_keeps_nothing_keeps_nothing() -> None:
    """`CACHE_TTL_SECS=0`, and the self-test, which must do the work."""

    async def test() -> None:
        cache = ResultCache(max_bytes=1000, ttl_s=0, refusal_ttl_s=60, store=Store())
        await cache.remember("a", slice_result())
        with pytest.raises(ModelInvalid), cache.refusals_of("a"):
            raise ModelInvalid("It is open.")
        assert await cache.lookup("a") is None
        cache.raise_if_refused("a")

    asyncio.run(test())


def test_every_lookup_result_is_counted_from_the_start() -> None:
    """A rate over a counter that appears with its first event misses that event."""
    assert result_cache().totals() == dict.fromkeys((result.value for result in Lookup), 0)
