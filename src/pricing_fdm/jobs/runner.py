"""Does one job: brings the model, prices it, and writes down how that went, exactly once.

A job is done with when Redis has taken its end. So the end is offered until Redis takes it, also
through an outage; only a worker that must leave stops offering, and then the job is done again by
another.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import structlog

from pricing_fdm.concurrency.supervisor import Supervisor
from pricing_fdm.errors import (
    DownloadFailed,
    InternalError,
    PricingError,
    QueueUnavailable,
    SlicerCrashed,
)
from pricing_fdm.jobs.attempts import MOST_ATTEMPTS, Attempt, Attempts, Exhausted
from pricing_fdm.jobs.broker import Dead
from pricing_fdm.jobs.progress import Progress
from pricing_fdm.jobs.record import Codec, JobSource, Json
from pricing_fdm.model import Download
from pricing_fdm.quoting.pipeline import Pipeline, Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.telemetry import logs

_RETRY_GROWTH = 6
_OFFER_AGAIN_S = (0.5, 5.0)
_LAST_OFFER_S = 3.0

_T = TypeVar("_T")
_log = structlog.get_logger()


class Observer(Protocol):
    """Hears how jobs end: the metrics, the watchdog."""

    def attempt_began(self, attempt: Attempt) -> None:
        """A worker's slot is taken."""

    def attempt_ended(
        self, attempt: Attempt, outcome: str, end: Quote | PricingError | None, clock: StageTimer
    ) -> None:
        """It is free again; `outcome` is one of `OUTCOMES`."""


COMPLETED = "completed"
FAILED = "failed"
DEAD = "dead"
RETRIED = "retried"
HANDED_BACK = "handed_back"
DROPPED = "dropped"
OUTCOMES = (COMPLETED, FAILED, DEAD, RETRIED, HANDED_BACK, DROPPED)
"""How an attempt can end. `dropped`: the job had ended, or gone on, without it."""


@dataclass(frozen=True, slots=True)
class _Priced:
    quote: Quote
    result: Json


class Runner:
    """Does jobs; each in a task of its own.

    Args:
        fetch: Brings the model of a source into a file.
        retry_s: Seconds until the second attempt at a job; six times as many until the third.
    """

    def __init__(
        self,
        *,
        attempts: Attempts,
        pipeline: Pipeline,
        fetch: Callable[[JobSource, Path], Awaitable[Download]],
        codec: Codec,
        observer: Observer,
        retry_s: float,
        supervisor: Supervisor,
    ) -> None:
        self._supervisor = supervisor
        self._attempts = attempts
        self._pipeline = pipeline
        self._fetch = fetch
        self._codec = codec
        self._observer = observer
        self._retry_s = retry_s
        self._working: set[asyncio.Task[_Priced]] = set()
        self._leaving = False

    @property
    def running(self) -> int:
        """Jobs that are being done."""
        return len(self._working)

    def hand_back(self) -> None:
        """Stops all jobs and begins no other: others do them. Their tasks end soon."""
        self._leaving = True
        for work in self._working:
            work.cancel()

    async def run(self, job_id: str, message: int) -> None:
        """Does the job of a message.

        Raises:
            Dead: It has ended as a dead letter.
            QueueUnavailable: Redis does not answer, and this worker must leave.
        """
        begun = await self._insist(lambda: self._attempts.begin(job_id, message))
        if begun is None:
            return
        with structlog.contextvars.bound_contextvars(job_id=job_id, request_id=begun.request_id):
            if isinstance(begun, Exhausted):
                await self._bury(begun)
            else:
                await self._do(begun)

    async def _do(self, attempt: Attempt) -> None:
        self._observer.attempt_began(attempt)
        end: _Priced | PricingError | None = None
        work, clock = self._begin_work(attempt)
        try:
            end = await work
        except PricingError as error:
            end = error
        except asyncio.CancelledError:
            if not work.cancelled():
                raise
        except Exception:  # noqa: BLE001 - the outermost edge
            _log.exception(logs.QUOTE_FAILED)
            end = InternalError("Something went wrong on our side. The log has it by request id.")
        finally:
            self._working.discard(work)
        outcome = await self._write_down(attempt, end)
        told = end.quote if isinstance(end, _Priced) else end
        self._observer.attempt_ended(attempt, outcome, told, clock)
        _tell(attempt, outcome, told, clock)
        if outcome == DEAD:
            raise Dead

    def _begin_work(self, attempt: Attempt) -> tuple[asyncio.Task[_Priced], StageTimer]:
        progress = Progress(
            functools.partial(self._attempts.progress, attempt),
            lambda: work.cancel(),  # noqa: PLW0108 - not made yet
            self._supervisor,
        )
        clock = StageTimer(progress.on_stage, progress.on_progress)
        work = asyncio.create_task(self._price(attempt, clock, progress))
        self._working.add(work)
        if self._leaving:
            work.cancel()
        return work, clock

    async def _price(self, attempt: Attempt, clock: StageTimer, progress: Progress) -> _Priced:
        if attempt.source is None:
            raise DownloadFailed(
                "Failed to download the model: its link expired while the job was waiting. Send a "
                "link that lives longer."
            )
        order = self._codec.order(attempt.order)
        source = functools.partial(self._fetch, attempt.source)
        async with progress.told():
            quote = await self._pipeline.quote(order, source, clock)
        return _Priced(quote, self._codec.result(quote, clock))

    async def _write_down(self, attempt: Attempt, end: _Priced | PricingError | None) -> str:
        """Tells Redis how the attempt ended, and returns that as one of `OUTCOMES`."""
        attempts = self._attempts
        if end is None:
            if not self._leaving:
                return DROPPED
            written, outcome = lambda: attempts.hand_back(attempt), HANDED_BACK
        elif isinstance(end, _Priced):
            result = end.result
            written, outcome = lambda: attempts.complete(attempt, result), COMPLETED
        elif end.retryable and not attempt.last:
            delay_s = self._retry_s * _RETRY_GROWTH ** (attempt.counted - 1)
            written, outcome = lambda: attempts.try_again(attempt, delay_s=delay_s), RETRIED
        else:
            problem, dead = self._codec.problem(end, attempt.request_id), attempt.last
            written = lambda: attempts.fail(attempt, problem, dead=dead)  # noqa: E731
            outcome = DEAD if dead else FAILED
        return outcome if await self._insist(written) else DROPPED

    async def _bury(self, exhausted: Exhausted) -> None:
        error = SlicerCrashed(
            f"{MOST_ATTEMPTS} workers ended while they worked on this model. It is not tried "
            "again; repair or simplify the model."
        )
        problem = self._codec.problem(error, exhausted.request_id)
        await self._insist(lambda: self._attempts.fail(exhausted, problem, dead=True))
        _log.error(logs.JOB_FINISHED, outcome=DEAD, error_type=error.code)
        raise Dead

    async def _insist(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Asks Redis until it answers, or until this worker has had to leave for some seconds."""
        delay_s, most_s = _OFFER_AGAIN_S
        left_at_s: float | None = None
        while True:
            try:
                return await ask()
            except QueueUnavailable:
                if self._leaving:
                    left_at_s = left_at_s or time.monotonic()
                    if time.monotonic() - left_at_s > _LAST_OFFER_S:
                        raise
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, most_s)


def _tell(
    attempt: Attempt, outcome: str, end: Quote | PricingError | None, clock: StageTimer
) -> None:
    """The canonical line of an attempt."""
    line: dict[str, object] = {
        "outcome": outcome,
        "attempt": attempt.number,
        "waited_s": round(attempt.waited_s, 3),
        "timing_ms": {name: round(ms, 1) for name, ms in clock.timing_ms().items()},
    }
    if isinstance(end, Quote):
        line |= {
            "material": end.order.print_settings.material.value,
            "infill": end.order.print_settings.infill_percent,
            "layer_thickness": end.order.print_settings.layer_thickness.value,
            "quantity": end.order.quantity,
            "total_usd": str(end.price.total_usd),
            "print_time_hours": round(float(end.price.print_time_hours), 4),
            "filament_weight_g": round(float(end.metrics.filament_g), 2),
            "model_bytes": end.download.size_bytes,
            "model_sha256": end.download.sha256,
            "triangles": end.part.triangles,
            "engine": end.engine.name,
            "profile_hash": end.engine.profile_hash,
            "warnings": [warning.code for warning in end.warnings],
        }
    elif end is not None:
        line |= {"error_type": end.code, "error": end.detail, "error_detail": end.log_detail}
    _log.info(logs.JOB_FINISHED, **line)
