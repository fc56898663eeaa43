"""What is known of a job: the values that travel between gateway, Redis and workers.

    queued -> processing -> completed | failed

A worker that dies or is told to leave brings its job back to `queued`. The link to the model is a
password and no part of the record: it lives under a key of its own, which is deleted when the job
ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from pricing_fdm.errors import PricingError
from pricing_fdm.model import Download, Order
from pricing_fdm.quoting.pipeline import Quote
from pricing_fdm.quoting.timing import StageTimer

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
    """What a gateway hands in, validated.

    Attributes:
        order: The request as JSON, without the source; what `Codec.order` reads back.
        rush: Done before all that is not.
        request_id: Of the HTTP request; told in the worker's log and in a problem.
        callback_url: Whom to tell of the end. Secret: never logged.
    """

    order: Json
    source: JobSource
    rush: bool = False
    request_id: str = ""
    callback_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Makes a repeated request the same job.

    Attributes:
        key: The caller's `Idempotency-Key`; only its hash is stored.
        fingerprint: Of everything that was asked for; hash of the body, say.
    """

    key: str = field(repr=False)
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job that is in the queue or was there before.

    Attributes:
        repeated: The idempotency key was known; nothing new was queued.
    """

    job_id: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A job as of now.

    Attributes:
        order: As it was handed in.
        created_s: Seconds since 1970, by the clock of Redis, as all times of a job.
        begun_s: When the first worker began; None while it never has.
        attempt: How many workers have begun it.
        progress: 0 to 100, never falling, also when another worker begins anew.
        stage: Which step of the pipeline runs; None before and after.
        result: The whole body of the quote, when completed.
        problem: The problem object, when failed.
    """

    id: str
    state: JobState
    order: Json
    source_kind: SourceKind
    rush: bool
    request_id: str
    created_s: float
    begun_s: float | None = None
    ended_s: float | None = None
    attempt: int = 0
    progress: int = 0
    stage: str | None = None
    result: Json | None = None
    problem: Json | None = None


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How full the queue is.

    Attributes:
        unfinished: Waiting and being done; what `QUEUE_MAX_JOBS` bounds.
        waiting: Of these, those that no worker has taken.
        dead: Dead letters of the last seven days.
        workers: Those that take jobs now.
    """

    unfinished: int
    waiting: int
    dead: int
    workers: int


class Uploads(Protocol):
    """The operator's store of uploaded models, as a worker needs it."""

    async def fetch(self, key: str, destination: Path) -> Download:
        """Brings an upload into `destination`, which does not exist yet.

        Raises:
            SourceError: It is not there any longer, or the store does not deliver.
        """


class Callbacks(Protocol):
    """Tells callers of the end of their jobs."""

    async def deliver(self, url: str, job: Job) -> bool:
        """Posts once; says whether the receiver took it. Must not raise, and must end in 15 s.

        It is called at most three times for a job.
        """


class Codec(Protocol):
    """One schema for both modes: the edges' JSON, handed in by the wiring."""

    def order(self, order: Json) -> Order:
        """The order behind `JobRequest.order`."""

    def result(self, quote: Quote, clock: StageTimer) -> Json:
        """The body of the answer to a quote."""

    def problem(self, error: PricingError, request_id: str) -> Json:
        """The problem object of a failure."""
