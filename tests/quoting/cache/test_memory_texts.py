"""Texts in memory: bounded, whatever is put there."""

from __future__ import annotations

import asyncio

from pricing_fdm.quoting.cache.memory_texts import MemoryTexts


def test_the_text_used_longest_ago_makes_room() -> None:
    """And one that is larger than all of the memory is not kept."""

    async def test() -> None:
        texts = MemoryTexts(max_bytes=3000, ttl_s=60)
        for name in "abc":
            await texts.put(name, name * 1000)
        assert await texts.get("a") is None
        assert await texts.get("c") == "c" * 1000
        await texts.put("d", "d" * 5000)
        assert await texts.get("d") is None
        assert await texts.get("c") == "c" * 1000

    asyncio.run(test())


def test_a_text_expires() -> None:
    """At once here."""

    async def test() -> None:
        texts = MemoryTexts(max_bytes=3000, ttl_s=0)
        await texts.put("a", "text")
        assert await texts.get("a") is None

    asyncio.run(test())
