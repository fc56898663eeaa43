"""The store is swept again and again, whatever went wrong the last time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest
from structlog.testing import capture_logs

from pricing_fdm.errors import PricingError, QueueUnavailable, StoreUnavailable
from pricing_fdm.jobs.upload_sweep import sweeping
from pricing_fdm.uploads.store import Release, UploadStore


class Stand:
    """In the place of a store: fails first, then removes two."""

    def __init__(self, failure: PricingError) -> None:
        self._failure: PricingError | None = failure
        self.swept = asyncio.Event()

    async def sweep(self, release: Release) -> int:
        assert await release(["a"]) == ["a"]
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        self.swept.set()
        return 2


async def release(keys: Sequence[str]) -> Sequence[str]:
    return keys


@pytest.mark.parametrize("kind", [StoreUnavailable, QueueUnavailable])
def test_a_store_or_a_queue_that_is_away_is_swept_the_next_time(
    kind: type[StoreUnavailable | QueueUnavailable],
) -> None:
    """One line says so, and one says how much was removed."""

    async def story() -> None:
        stand = Stand(kind("away", retry_after_s=1, log_detail="refused"))
        work = sweeping(cast("UploadStore", stand), release, 0.04)
        task = asyncio.ensure_future(work())
        async with asyncio.timeout(60):
            await stand.swept.wait()
        await asyncio.sleep(0)
        task.cancel()

    with capture_logs() as log:
        asyncio.run(story())
    assert [line["event"] for line in log][:2] == ["uploads_unswept", "uploads_swept"]
    assert (log[0]["detail"], log[1]["swept"]) == ("refused", 2)
