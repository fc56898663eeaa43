"""The values that gateway, Redis and workers exchange about a job.

    queued -> processing -> completed | failed

When a worker dies or has to leave, its job is `queued` again. The link to the model is a password
and not part of the record. It has a key of its own, which is deleted when the job ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

Json: TypeAlias = Mapping[str, Any]
"""A JSON object."""


class JobState(StrEnum):
    """Where a job stands; the values are public."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self in {JobState.COMPLETED, JobState.FAILED}


class SourceKind(StrEnum):
    """Where the model comes from."""

    URL = "url"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class JobSource:
    """Where to get the model.

    Attributes:
        reference: The presigned URL, or the key in the store of uploads. Secret: never logged.
    """

    kind: SourceKind
    reference: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What a gateway submits, validated.

    Attributes:
        order: The request as JSON, without the source: what `OrderRequest.record` returns.
        rush: Done before all jobs that are not.
        request_id: Of the HTTP request; stands in the worker's log and in a problem.
        callback_url: Where to post the end of the job. Secret: never logged.
        shop_version: The stored version of the shop that it is priced with; empty: any.
    """

    order: Json
    source: JobSource
    rush: bool = False
    request_id: str = ""
    callback_url: str | None = field(default=None, repr=False)
    shop_version: str = ""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Makes a repeated request the same job.

    Attributes:
        key: The caller's `Idempotency-Key`; only its hash is stored.
        fingerprint: Stands for the whole request, such as a hash of its body.
    """

    key: str = field(repr=False)
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job that was put into the queue now or before.

    Attributes:
        repeated: The idempotency key was known; nothing new was queued.
    """

    job_id: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A job as of now.

    Attributes:
        attempt: How many workers have begun it.
        progress: 0 to 100. It never falls, not even when another worker starts the job again.
        stage: Which step of the pipeline runs; None before and after.
        result: The whole body of the quote, when completed.
        problem: The problem document, when failed.
    """

    id: str
    state: JobState
    attempt: int = 0
    progress: int = 0
    stage: str | None = None
    result: Json | None = None
    problem: Json | None = None


class Outcome(StrEnum):
    """How an attempt at a job ends; labels of a metric.

    `dropped`: the job ended or went on without this attempt.
    """

    COMPLETED = "completed"
    FAILED = "failed"
    DEAD = "dead"
    RETRIED = "retried"
    HANDED_BACK = "handed_back"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How full the queue is.

    Attributes:
        unfinished: Waiting or being done; `QUEUE_MAX_JOBS` bounds it.
        waiting: Those of them that no worker has taken.
        dead: Dead letters of the last seven days.
        workers: Those that take jobs now.
    """

    unfinished: int
    waiting: int
    dead: int
    workers: int
