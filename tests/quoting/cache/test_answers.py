"""Answers in memory: the first under a key stays, for its time and within a bound."""

from __future__ import annotations

import asyncio

import pytest

from pricing_fdm.quoting.cache import answers as module
from pricing_fdm.quoting.cache.answers import MemoryAnswers


def test_the_first_answer_under_a_key_stays() -> None:
    """Whoever comes second is told it."""

    async def story() -> None:
        answers = MemoryAnswers(ttl_s=60)
        assert await answers.get("key") is None
        assert await answers.put_first("key", "one") == "one"
        assert await answers.put_first("key", "two") == "one"
        assert await answers.get("key") == "one"

    asyncio.run(story())


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those used longest ago go; one that is larger than all of it is not kept."""
    monkeypatch.setattr(module, "_MEMORY_BYTES", 1000)

    async def story() -> None:
        answers = MemoryAnswers(ttl_s=60)
        for number in range(100):
            await answers.put_first(str(number), "x" * 100)
        assert await answers.get("0") is None
        assert await answers.get("99") is not None
        assert await answers.put_first("large", "x" * 5000) == "x" * 5000
        assert await answers.get("large") is None

    asyncio.run(story())
