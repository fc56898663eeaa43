"""Submits jobs and reads how they stand: all that a gateway needs.

Every change is one Lua script, so a gateway that dies leaves a job whole or not at all: record,
source, idempotency key and the message for the workers appear together. The number of unfinished
jobs is bounded in the same step. Every key has a time to live.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis

from pricing_fdm.jobs.connection import Scripts, answer_of, digest, key
from pricing_fdm.jobs.expiry import seconds_left
from pricing_fdm.jobs.record import (
    Idempotency,
    Job,
    JobRequest,
    JobState,
    Json,
    QueueCounts,
    SourceKind,
    Submitted,
)
from pricing_fdm.jobs.store import (
    StoreLimits,
    is_job_id,
    key_conflict,
    missing_upload,
    queue_full,
)


class RedisJobStore:
    """The `JobStore` of a fleet; build one, use it from any task of one event loop."""

    def __init__(self, redis: Redis, limits: StoreLimits) -> None:
        self._redis = redis
        self._scripts = Scripts(redis)
        self._limits = limits

    async def submit(
        self, request: JobRequest, idempotency: Idempotency | None = None
    ) -> Submitted:
        """See `JobStore`."""
        ttl_s, source = self._limits.result_ttl_s, request.source
        answer = await self._scripts.run(
            "submit",
            str(uuid.uuid4()),
            json.dumps(request.order, separators=(",", ":")),
            source.kind.value,
            "rush" if request.rush else "standard",
            request.request_id,
            source.reference,
            seconds_left(source),
            request.callback_url or "",
            digest(idempotency.key) if idempotency else "",
            idempotency.fingerprint if idempotency else "",
            self._limits.max_jobs,
            ttl_s,
            digest(source.reference) if source.kind is SourceKind.UPLOAD else "",
            request.shop_version,
        )
        match answer:
            case ["conflict"]:
                raise key_conflict()
            case ["gone"]:
                raise missing_upload()
            case ["full", wait_s]:
                raise queue_full(self._limits, int(wait_s))
        return Submitted(job_id=answer[1], repeated=answer[0] == "repeated")

    async def require_room(self) -> None:
        """See `JobStore`."""
        if (await self.counts()).unfinished >= self._limits.max_jobs:
            raise queue_full(self._limits)

    async def read(self, job_id: str) -> Job | None:
        """See `JobStore`."""
        if not is_job_id(job_id):
            return None
        fields = await answer_of(self._redis.hgetall(key("job", job_id)))
        return _job(job_id, fields) if fields else None

    async def cancel(self, job_id: str, problem: Json) -> Job | None:
        """See `JobStore`."""
        if is_job_id(job_id):
            text = json.dumps(problem, separators=(",", ":"))
            await self._scripts.run("cancel", job_id, text, self._limits.result_ttl_s)
        return await self.read(job_id)

    async def counts(self) -> QueueCounts:
        """How full the queue is."""
        return QueueCounts(*await self._scripts.run("keep", "", 0))


def _job(job_id: str, fields: Mapping[Any, Any]) -> Job:
    return Job(
        id=job_id,
        state=JobState(fields["state"]),
        attempt=int(fields.get("attempt", 0)),
        progress=int(fields.get("progress", 0)),
        stage=fields.get("stage") or None,
        result=json.loads(fields["result"]) if "result" in fields else None,
        problem=json.loads(fields["problem"]) if "problem" in fields else None,
    )
