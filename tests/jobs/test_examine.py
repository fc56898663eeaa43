from __future__ import annotations

import asyncio
from pathlib import Path

from pricing_fdm.health.readiness import Check
from pricing_fdm.jobs.connection import connect
from pricing_fdm.jobs.examine import examine
from tests.harness.redis_server import running_redis


def examined(url: str, **settings: str) -> Check:
    """What is found about the Redis at a URL, with some of its settings changed."""

    async def story() -> Check:
        async with connect(url) as client:
            for name, value in settings.items():
                await client.config_set(name.replace("_", "-"), value)
            return await examine(client)

    return asyncio.run(story())


def test_one_that_forgets_at_a_restart_is_told_of(redis_url: str) -> None:
    """Some want that; nobody should find out by losing jobs."""
    check = examined(redis_url)
    assert check.ok
    assert "is not kept (appendonly no)" in check.detail


def test_one_that_evicts_is_refused() -> None:
    """Every key of ours has an end, and is fair game for the usual policies."""
    with running_redis(keeps=True) as server:
        url = server.new_url()
        check = examined(url, maxmemory="100mb", maxmemory_policy="volatile-lru")
        assert not check.ok
        assert "set it to noeviction" in check.detail
        check = examined(url, maxmemory_policy="noeviction")
        assert check.ok
        assert "is kept over a restart" in check.detail


def test_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With the reason, for the operator."""
    check = examined(f"unix://{tmp_path}/none.sock")
    assert not check.ok
    assert "ConnectionError" in check.detail
