"""Both sides of the queue at hand, for tests that play gateway and worker themselves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from redis.asyncio import Redis

from pricing_fdm.jobs.attempt import Attempt
from pricing_fdm.jobs.attempts import Attempts
from pricing_fdm.jobs.connection import connect
from pricing_fdm.jobs.record import Idempotency, Job, JobRequest, JobSource, SourceKind
from pricing_fdm.jobs.redis_store import RedisJobStore
from pricing_fdm.jobs.store import StoreLimits

T = TypeVar("T")

URL = "https://models.example.com/part.stl?X-Amz-Signature=canary"
REQUEST = JobRequest(
    order={"material": "pla", "infill": 20, "layer_thickness": 200},
    source=JobSource(SourceKind.URL, URL),
    request_id="req-1",
)


@dataclass
class Desk:
    """A gateway's store and a worker's attempts on one Redis."""

    redis: Redis
    store: RedisJobStore
    attempts: Attempts

    async def submit(self, idempotency: Idempotency | None = None, **changes: Any) -> str:
        """Hands in a job and returns its id."""
        submitted = await self.store.submit(replace(REQUEST, **changes), idempotency)
        return submitted.job_id

    async def job(self, job_id: str) -> Job:
        """The job, which must be known."""
        job = await self.store.read(job_id)
        assert job is not None
        return job

    async def end_of(self, job_id: str) -> Job:
        """The job when it has ended."""
        while not (job := await self.job(job_id)).state.ended:  # noqa: ASYNC110 - Redis changes it
            await asyncio.sleep(0.02)
        return job

    async def begin(self, job_id: str) -> Attempt:
        """Begins a job by its newest message."""
        attempt = await self.attempts.begin(job_id, await self.messages(job_id))
        assert isinstance(attempt, Attempt)
        return attempt

    async def messages(self, job_id: str) -> int:
        """How many messages the job has had."""
        number = await self.redis.hget(f"pricing-fdm:job:{job_id}", "messages")
        return int(number or 0)

    async def lane(self, name: str = "standard") -> list[str]:
        """The jobs that wait in a lane, the next one first."""
        ids = await self.redis.lrange(f"pricing-fdm:queue:{name}", 0, -1)
        return [str(message).rpartition(".")[0] for message in ids]


@contextlib.asynccontextmanager
async def desk(url: str, *, max_jobs: int = 100, ttl_s: int = 3600) -> AsyncIterator[Desk]:
    """Opens both sides."""
    async with connect(url) as redis:
        store = RedisJobStore(redis, StoreLimits(max_jobs, ttl_s))
        yield Desk(redis, store, Attempts(redis, result_ttl_s=ttl_s))


def at_desk(url: str, story: Callable[[Desk], Awaitable[T]], **options: Any) -> T:
    """Runs a test's story."""

    async def run() -> T:
        async with desk(url, **options) as opened:
            return await story(opened)

    return asyncio.run(run())
