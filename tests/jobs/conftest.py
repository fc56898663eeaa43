"""A real Redis for these tests, and a database of it for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness.redis_server import RedisServer, running_redis


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One server for all tests of a process; nothing of it outlives them."""
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """A database of this test's own."""
    return redis_server.new_url()
