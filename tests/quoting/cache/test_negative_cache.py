"""The same poison is not swallowed ten times, nor refused for ever."""

from __future__ import annotations

import pytest

from pricing_fdm.errors import ModelError, ModelFormat, ModelInvalid, ModelUnsliceable
from pricing_fdm.quoting.cache.negative_cache import NegativeCache
from tests.quoting.cache.test_lru_store import Clock


@pytest.mark.parametrize("kind", [ModelFormat, ModelInvalid, ModelUnsliceable])
def test_a_refusal_is_repeated_word_for_word(kind: type[ModelError]) -> None:
    """Made anew: an error that is raised twice would carry the first one's traces."""
    refusals = NegativeCache(remember_s=60)
    error = kind("It is open.", log_detail="3 edges")
    refusals.put("a", error)
    again = refusals.get("a")
    assert type(again) is kind
    assert again is not error
    assert (again.detail, again.log_detail) == ("It is open.", "3 edges")
    assert refusals.get("b") is None


def test_it_is_forgotten_after_its_time() -> None:
    """Another version of the profiles may take the model."""
    clock = Clock()
    refusals = NegativeCache(remember_s=60, clock=clock)
    refusals.put("a", ModelInvalid("It is open."))
    clock.now_s = 60
    assert refusals.get("a") is None


def test_nought_seconds_remember_nothing() -> None:
    """`CACHE_FAILURE_SECS=0`."""
    refusals = NegativeCache(remember_s=0)
    refusals.put("a", ModelInvalid("It is open."))
    assert refusals.get("a") is None


def test_the_oldest_goes_when_there_are_too_many() -> None:
    """Whoever sends nothing but rubbish must not fill the memory."""
    refusals = NegativeCache(remember_s=60, most=2)
    for name in "abc":
        refusals.put(name, ModelInvalid(name))
    assert [name for name in "abc" if refusals.get(name)] == ["b", "c"]
