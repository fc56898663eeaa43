"""Memory that is bounded by bytes and by time."""

from __future__ import annotations

import tracemalloc

from pricing_fdm.quoting.cache.lru_store import LruStore


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_what_was_used_last_is_kept() -> None:
    """Repeats come in bursts."""
    shelf = LruStore(max_bytes=5_000, ttl_s=60)
    for name in "abc":
        shelf.put(name, "x" * 1000)
    assert shelf.get("a") is not None
    for name in "de":
        shelf.put(name, "x" * 1000)
    assert [name for name in "abcde" if shelf.get(name)] == ["a", "d", "e"]


def test_a_text_that_is_too_large_for_the_shelf_is_not_kept() -> None:
    """And the count does not go astray over it."""
    shelf = LruStore(max_bytes=1000, ttl_s=60)
    shelf.put("a", "x" * 5000)
    assert shelf.get("a") is None
    assert shelf.size_bytes == 0


def test_putting_again_replaces() -> None:
    """The size counts what is there."""
    shelf = LruStore(max_bytes=10_000, ttl_s=60)
    shelf.put("a", "x" * 1000)
    size_bytes = shelf.size_bytes
    shelf.put("a", "y" * 1000)
    assert shelf.get("a") == "y" * 1000
    assert shelf.size_bytes == size_bytes


def test_an_old_text_is_gone() -> None:
    """After `CACHE_TTL_SECS`."""
    clock = Clock()
    shelf = LruStore(max_bytes=10_000, ttl_s=60, clock=clock)
    shelf.put("a", "x")
    clock.now_s = 59.9
    assert shelf.get("a") == "x"
    clock.now_s = 60
    assert shelf.get("a") is None
    assert shelf.size_bytes == 0


def test_it_takes_no_more_memory_than_it_says() -> None:
    """Counted by Python's own books, over ten times as many texts as fit."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        shelf = LruStore(max_bytes=1_000_000, ttl_s=60)
        for number in range(5000):
            shelf.put(f"{number:064}", str(number) * 500)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.8e6 < shelf.size_bytes <= 1_000_000
    assert after - before < 1.15e6
