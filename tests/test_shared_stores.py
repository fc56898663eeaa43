"""The processes of a fleet share what they found out, each kind under keys of its own."""

from __future__ import annotations

import asyncio

from pricing_fdm.jobs.connection import connect
from pricing_fdm.shared_stores import ALONE, stores_in
from tests.harness.redis_server import running_redis


def test_each_kind_is_shared_and_none_is_taken_for_another() -> None:
    """A backlog stays until another takes its place; results and notes expire."""

    async def story(url: str) -> None:
        async with connect(url) as one, connect(url) as other:
            here, there = stores_in(one, 60), stores_in(other, 60)
            kinds = ("results", "backlog", "notes")
            for kind in kinds:
                await getattr(here, kind).put("a", kind)
            assert [await getattr(there, kind).get("a") for kind in kinds] == [*kinds]
            expiries = [await one.pttl(key) for key in await one.keys()]
            assert sorted(expiry > 0 for expiry in expiries) == [False, True, True]

    with running_redis() as redis:
        asyncio.run(story(redis.new_url()))
    assert (ALONE.results, ALONE.backlog, ALONE.notes) == (None, None, None)
