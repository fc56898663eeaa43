"""Sizes of the result cache, and 0 as the way to switch it off."""

from __future__ import annotations

import pytest

from pricing_fdm.settings import SettingsError, load_settings


def test_memory_is_given_in_mib(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache itself counts bytes."""
    monkeypatch.setenv("CACHE_MEMORY_MB", "3")
    assert load_settings().cache.memory_bytes == 3 * 1024**2


def test_0_seconds_are_allowed_and_0_memory_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """`CACHE_TTL_SECS=0` switches the cache off."""
    monkeypatch.setenv("CACHE_TTL_SECS", "0")
    monkeypatch.setenv("CACHE_FAILURE_SECS", "0")
    cache = load_settings().cache
    assert (cache.cache_ttl_secs, cache.cache_failure_secs) == (0, 0)
    monkeypatch.setenv("CACHE_MEMORY_MB", "0")
    with pytest.raises(SettingsError, match="CACHE_MEMORY_MB"):
        load_settings()
