"""The right to work on a job, as the stores give it and the runner uses it."""

from __future__ import annotations

from dataclasses import dataclass, field

from pricing_fdm.jobs.record import JobSource, Json

MOST_ATTEMPTS = 3
"""After this many attempts, failed or broken off by a dead worker, a job is a dead letter."""


class Dead(Exception):
    """The job is a dead letter."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The right to work on a job.

    Attributes:
        number: Of this attempt; rises with each.
        counted: The same without attempts that were handed back; at most `MOST_ATTEMPTS`.
        waited_s: Seconds since the job was submitted.
        source: None when its time has run out.
        shop_version: As in `JobRequest`.
    """

    job_id: str
    number: int
    counted: int
    order: Json
    request_id: str
    waited_s: float
    source: JobSource | None = field(repr=False)
    shop_version: str = ""

    @property
    def last(self) -> bool:
        """Whether no other attempt follows."""
        return self.counted >= MOST_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Exhausted:
    """A job that too many workers died of."""

    job_id: str
    number: int
    request_id: str


@dataclass(frozen=True, slots=True)
class Call:
    """A callback that is due, and the number of its tries including this one."""

    job_id: str
    tries: int
    url: str = field(repr=False)
