"""Submits jobs and reads how they stand: all that a gateway needs.

Every change is one Lua script, so a gateway that dies leaves a job whole or not at all: record,
source, idempotency key and the message for the workers appear together. The number of unfinished
jobs is bounded in the same step. Every key has a time to live.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from pricing_fdm.errors import FieldFault, IdempotencyConflict, InvalidRequest, QueueFull
from pricing_fdm.jobs.connection import Scripts, answer_of, digest, key
from pricing_fdm.jobs.expiry import seconds_left
from pricing_fdm.jobs.record import (
    Idempotency,
    Job,
    JobRequest,
    JobState,
    QueueCounts,
    SourceKind,
    Submitted,
)

_RETRY_AFTER_S = (1, 60)
_FIRST_GUESS_S = 10


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """How much is kept, and for how long.

    Attributes:
        max_jobs: Unfinished jobs; more are refused.
        result_ttl_s: Seconds that a job is kept after it was submitted, begun or ended.
    """

    max_jobs: int
    result_ttl_s: int


class JobStore:
    """The jobs in one Redis; build one, use it from any task of one event loop.

    Every method raises `QueueUnavailable` when Redis does not answer.
    """

    def __init__(self, redis: Redis, limits: StoreLimits) -> None:
        self._redis = redis
        self._scripts = Scripts(redis)
        self._limits = limits

    async def submit(
        self, request: JobRequest, idempotency: Idempotency | None = None
    ) -> Submitted:
        """Puts a job into the queue.

        Raises:
            QueueFull: There are `max_jobs` unfinished ones.
            IdempotencyConflict: The key was used for another request.
            InvalidRequest: The upload is being removed.
        """
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
        )
        match answer:
            case ["conflict"]:
                raise IdempotencyConflict(
                    "This Idempotency-Key was sent with another request before. Send a new key "
                    "with a new request."
                )
            case ["gone"]:
                raise missing_upload()
            case ["full", wait_s]:
                raise self._full(int(wait_s))
        return Submitted(job_id=answer[1], repeated=answer[0] == "repeated")

    async def require_room(self) -> None:
        """Returns when a job could be submitted now; called before a file is received.

        Raises:
            QueueFull: As `submit`.
        """
        if (await self.counts()).unfinished >= self._limits.max_jobs:
            raise self._full(0)

    async def read(self, job_id: str) -> Job | None:
        """The job as of now; None when it is unknown or expired. Takes any text for an id."""
        if not _is_job_id(job_id):
            return None
        fields = await answer_of(self._redis.hgetall(key("job", job_id)))
        return _job(job_id, fields) if fields else None

    async def counts(self) -> QueueCounts:
        """How full the queue is."""
        return QueueCounts(*await self._scripts.run("keep", "", 0))

    def _full(self, wait_s: int) -> QueueFull:
        return QueueFull(
            f"All {self._limits.max_jobs} places of the queue are taken. Try again later.",
            retry_after_s=_retry_after_s(wait_s),
        )


def _is_job_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def missing_upload() -> InvalidRequest:
    """The error for a request that names an upload which is not there, or is being removed."""
    fault = FieldFault("upload_id", "There is no such upload, or it has expired. Upload it again.")
    return InvalidRequest("Wrong or missing: upload_id.", (fault,))


def _retry_after_s(wait_s: int) -> int:
    least_s, most_s = _RETRY_AFTER_S
    return min(max(wait_s or _FIRST_GUESS_S, least_s), most_s)


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
