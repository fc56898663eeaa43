"""Store and queue together: what jobs need stays, whoever sweeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from pricing_fdm.jobs.needed_uploads import NeededUploads
from pricing_fdm.jobs.record import JobSource, SourceKind
from pricing_fdm.uploads.store import UploadStore
from tests.harness.redis_server import running_redis
from tests.jobs.desk import Desk, desk

OLD_AT_ONCE_S = -60


async def mesh() -> AsyncIterator[bytes]:
    yield b"mesh"


async def sweep(url: str, opened: Desk, *, kept_s: float) -> int:
    """What any gateway or worker does, with a store and a connection of its own."""
    needed = NeededUploads(opened.redis, kept_s=kept_s)
    return await UploadStore(url, ttl_s=OLD_AT_ONCE_S, max_bytes=2**40).sweep(needed.release)


def test_an_upload_outlives_its_time_while_a_job_needs_it(url: str, tmp_path: Path) -> None:
    """An hour is over, and its job still waits; two gateways and a worker share the store."""

    async def story(redis_url: str) -> None:
        async with desk(redis_url) as one, desk(redis_url) as other, desk(redis_url) as worker:
            store = UploadStore(url, ttl_s=OLD_AT_ONCE_S, max_bytes=2**40)
            key, unneeded = await store.put(mesh()), await store.put(mesh())
            job_id = await one.submit(source=JobSource(SourceKind.UPLOAD, key))
            assert await sweep(url, other, kept_s=0) == 1
            assert (await store.holds(key), await store.holds(unneeded)) == (True, False)

            attempt = await worker.begin(job_id)
            assert await sweep(url, worker, kept_s=0) == 0
            assert attempt.source is not None
            await store.fetch(attempt.source.reference, tmp_path / "model")

            await worker.attempts.complete(attempt, {})
            assert await sweep(url, other, kept_s=3600) == 0  # it may be priced again
            assert await sweep(url, other, kept_s=0) == 1
            assert not await store.holds(key)

    with running_redis() as server:
        asyncio.run(story(server.new_url()))
