from __future__ import annotations

import pytest

from pricing_fdm.jobs.address import check_address


@pytest.mark.parametrize(
    "url",
    [
        "redis://redis:6379/0",
        "redis://redis",
        "redis://user:p%40ss@10.0.0.5:6380/3",
        "rediss://cache.example.com:6380",
        "unix:///run/redis.sock",
        "unix:///run/redis.sock?db=4",
    ],
)
def test_addresses_that_redis_clients_know_are_taken(url: str) -> None:
    check_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "redis", "redis://", "http://redis:6379", "redis://redis:port", "redis://redis:0",
        "redis://redis:99999", "redis://redis/first", "unix://", "unix:///s?db=x", "redis://[::1",
    ],
)  # fmt: skip
def test_others_are_refused_without_being_repeated(url: str) -> None:
    """At start, by name, and not at the first job; a password in it is not shown."""
    with pytest.raises(ValueError, match=r"^must be redis://host:port/0, rediss://[^,]*$"):
        check_address(url)
