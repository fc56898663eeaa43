"""What a store of jobs can do, for gateways and for workers, and the errors that all stores share.

There are two: `redis_store` with `attempts`, for a fleet, and `memory_store`, for one process.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Protocol

from pricing_fdm.errors import FieldFault, IdempotencyConflict, InvalidRequest, QueueFull
from pricing_fdm.jobs.attempt import Attempt, Call, Exhausted
from pricing_fdm.jobs.record import Idempotency, Job, JobRequest, Json, QueueCounts, Submitted

CALL_DELAYS = (1, 6)
"""Pauses after the first and the second try of a callback, as multiples of the setting."""

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


class JobStore(Protocol):
    """A gateway's side: takes jobs in and reads how they stand.

    Every method raises `QueueUnavailable` when the store does not answer.
    """

    async def submit(
        self, request: JobRequest, idempotency: Idempotency | None = None
    ) -> Submitted:
        """Puts a job into the queue.

        Raises:
            QueueFull: There are `max_jobs` unfinished ones.
            IdempotencyConflict: The key was used for another request.
            InvalidRequest: The upload is being removed.
        """

    async def require_room(self) -> None:
        """Returns when a job could be submitted now; called before a file is received.

        Raises:
            QueueFull: As `submit`.
        """

    async def read(self, job_id: str) -> Job | None:
        """The job as of now; None when it is unknown or expired. Takes any text for an id."""

    async def cancel(self, job_id: str, problem: Json) -> Job | None:
        """Ends a job as failed with this problem, unless it has ended before; None as `read`.

        Who works on it notices within a second or two and stops.
        """


class AttemptStore(Protocol):
    """A worker's side: begins a job, reports on it, ends it or leaves it to another attempt.

    Every method raises `QueueUnavailable` when the store does not answer, and may be repeated then.
    """

    async def begin(self, job_id: str, message: int) -> Attempt | Exhausted | None:
        """Begins a job; None when there is nothing to do for this message."""

    async def progress(self, attempt: Attempt, percent: int, stage: str) -> bool:
        """Records how far the attempt is; False when its job has ended."""

    async def complete(self, attempt: Attempt, result: Json) -> bool:
        """Stores the result; False when the job had ended before, and this result is dropped."""

    async def fail(self, attempt: Attempt | Exhausted, problem: Json, *, dead: bool) -> bool:
        """Ends the job; False when it had ended, or has gone on with another attempt."""

    async def try_again(self, attempt: Attempt, *, delay_s: float) -> bool:
        """Leaves the job to another attempt after a delay; False when it has gone on already."""

    async def hand_back(self, attempt: Attempt) -> bool:
        """Puts the job first in the queue again and does not count this attempt."""

    async def keep(self, worker_id: str, *, alive_s: float) -> QueueCounts:
        """Queues the jobs that are due again and renews this worker's sign of life.

        Every worker calls it about once a second.

        Args:
            worker_id: Of the worker.
            alive_s: Seconds for which it counts as one that takes jobs; 0: not at all.
        """

    async def claim_call(self) -> Call | None:
        """Takes a callback that is due, for 90 s."""

    async def settle_call(self, call: Call, *, delivered: bool) -> None:
        """Ends a callback, or puts it off when it has tries left."""


def is_job_id(text: str) -> bool:
    """Whether a text has the form of a job's id."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def key_conflict() -> IdempotencyConflict:
    """The error for a key that came with another request before."""
    return IdempotencyConflict(
        "This Idempotency-Key was sent with another request before. Send a new key with a new "
        "request."
    )


def missing_upload() -> InvalidRequest:
    """The error for a request that names an upload which is not there, or is being removed."""
    fault = FieldFault("upload_id", "There is no such upload, or it has expired. Upload it again.")
    return InvalidRequest("Wrong or missing: upload_id.", (fault,))


def queue_full(limits: StoreLimits, wait_s: int = 0) -> QueueFull:
    """The error for a job too many; `wait_s` is how long a tenth of the queue takes, if known."""
    least_s, most_s = _RETRY_AFTER_S
    return QueueFull(
        f"All {limits.max_jobs} places of the queue are taken. Try again later.",
        retry_after_s=min(max(wait_s or _FIRST_GUESS_S, least_s), most_s),
    )
