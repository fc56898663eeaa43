"""Does one job: fetches the model, prices it and records the outcome, exactly once.

A job is over when the store has recorded its outcome. So the runner repeats that command until the
store answers, also while Redis is away. Only a worker that has to leave gives up; then another
worker does the job again.
"""

from __future__ import annotations

import asyncio
import functools
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

import structlog

from pricing_fdm.concurrency.supervisor import Supervisor
from pricing_fdm.errors import (
    DownloadFailed,
    InternalError,
    PricingError,
    QueueUnavailable,
    SlicerCrashed,
)
from pricing_fdm.jobs.attempt import MOST_ATTEMPTS, Attempt, Dead, Exhausted
from pricing_fdm.jobs.observer import JobObserver
from pricing_fdm.jobs.progress import Progress
from pricing_fdm.jobs.record import JobSource, Json, Outcome
from pricing_fdm.jobs.store import AttemptStore
from pricing_fdm.model import Download
from pricing_fdm.order_request import OrderRequest
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.quote_fields import order_fields, quote_fields

_RETRY_GROWTH = 6
_REPEAT_S = (0.5, 5.0)  # the first pause between two tries to reach Redis, and the longest
_LEAVING_S = 3.0  # of tries, when the worker has to leave

_T = TypeVar("_T")
_Pipeline: TypeAlias = Pipeline | PricingError | None
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Priced:
    quote: Quote
    result: Json


class Runner:
    """Does jobs; each in a task of its own.

    Args:
        pipeline: What prices a job, given the version of the shop that it was taken in with; None
            where nothing is sliced.
        fetch: Fetches the model of a source into a file.
        result_of: Makes the body of a quote's answer.
        problem_of: Makes the problem document of a failure, given the id of the request.
        retry_s: Seconds until the second attempt at a job; six times as many until the third.
    """

    def __init__(
        self,
        *,
        attempts: AttemptStore,
        pipeline: Callable[[str], Awaitable[Pipeline | None]],
        fetch: Callable[[JobSource, Path], Awaitable[Download]],
        result_of: Callable[[Quote, StageTimer], Json],
        problem_of: Callable[[PricingError, str], Json],
        observer: JobObserver,
        retry_s: float,
        supervisor: Supervisor,
    ) -> None:
        self._supervisor = supervisor
        self._attempts = attempts
        self._pipeline = pipeline
        self._fetch = fetch
        self._result_of = result_of
        self._problem_of = problem_of
        self._observer = observer
        self._retry_s = retry_s
        self._working: set[asyncio.Task[_Priced]] = set()
        self._leaving = False

    def hand_back(self) -> None:
        """Stops all jobs and begins no other; their tasks end soon, and other workers do them."""
        self._leaving = True
        for work in self._working:
            work.cancel()

    async def run(self, job_id: str, message: int) -> None:
        """Does the job of a message.

        Raises:
            Dead: It has ended as a dead letter.
            QueueUnavailable: Redis does not answer, and this worker has to leave.
        """
        begun = await self._insist(lambda: self._attempts.begin(job_id, message))
        if begun is None:
            return
        with structlog.contextvars.bound_contextvars(job_id=job_id, request_id=begun.request_id):
            if isinstance(begun, Exhausted):
                await self._make_dead_letter(begun)
                return
            pipeline = await self._pipeline_of(begun)
            version = pipeline.shop.version if isinstance(pipeline, Pipeline) else None
            with structlog.contextvars.bound_contextvars(shop_version=version):
                await self._do(begun, pipeline)

    async def _pipeline_of(self, attempt: Attempt) -> _Pipeline:
        """For this job, whatever shop comes meanwhile; or why there is none."""
        try:
            return await self._pipeline(attempt.shop_version)
        except PricingError as error:
            return error

    async def _do(self, attempt: Attempt, pipeline: _Pipeline) -> None:
        self._observer.attempt_began(attempt)
        end: _Priced | PricingError | None = None
        work, timer = self._begin_work(attempt, pipeline)
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
        outcome = await self._record(attempt, end)
        ended_with = end.quote if isinstance(end, _Priced) else end
        self._observer.attempt_ended(attempt, outcome, ended_with, timer)
        _log_end(attempt, outcome, ended_with, timer)
        if outcome == Outcome.DEAD:
            raise Dead

    def _begin_work(
        self, attempt: Attempt, pipeline: _Pipeline
    ) -> tuple[asyncio.Task[_Priced], StageTimer]:
        progress = Progress(
            functools.partial(self._attempts.progress, attempt),
            lambda: work.cancel(),  # noqa: PLW0108 - not made yet
            self._supervisor,
        )
        timer = StageTimer(progress.on_stage, progress.on_progress)
        work = asyncio.create_task(self._price(attempt, pipeline, timer, progress))
        self._working.add(work)
        if self._leaving:
            work.cancel()
        return work, timer

    async def _price(
        self, attempt: Attempt, pipeline: _Pipeline, timer: StageTimer, progress: Progress
    ) -> _Priced:
        if isinstance(pipeline, PricingError):
            raise pipeline
        if attempt.source is None:
            raise DownloadFailed(
                "Failed to download the model: its link expired while the job was waiting. Send a "
                "link that lives longer."
            )
        wanted = OrderRequest.model_validate_json(json.dumps(attempt.order))
        if pipeline is None:
            raise InternalError("No slicer is ready here.", log_detail="see /ready")
        order = wanted.order(pipeline.shop)
        source = functools.partial(self._fetch, attempt.source)
        async with progress.reported():
            quote = await pipeline.quote(order, source, timer)
        return _Priced(quote, self._result_of(quote, timer))

    async def _record(self, attempt: Attempt, end: _Priced | PricingError | None) -> Outcome:
        """Records how the attempt ended, and returns it."""
        attempts = self._attempts
        if end is None:
            if not self._leaving:
                return Outcome.DROPPED
            record, outcome = lambda: attempts.hand_back(attempt), Outcome.HANDED_BACK
        elif isinstance(end, _Priced):
            result = end.result
            record, outcome = lambda: attempts.complete(attempt, result), Outcome.COMPLETED
        elif end.retryable and not attempt.last:
            delay_s = self._retry_s * _RETRY_GROWTH ** (attempt.counted - 1)
            record, outcome = lambda: attempts.try_again(attempt, delay_s=delay_s), Outcome.RETRIED
        else:
            problem, dead = self._problem_of(end, attempt.request_id), attempt.last
            record = lambda: attempts.fail(attempt, problem, dead=dead)  # noqa: E731
            outcome = Outcome.DEAD if dead else Outcome.FAILED
        return outcome if await self._insist(record) else Outcome.DROPPED

    async def _make_dead_letter(self, exhausted: Exhausted) -> None:
        error = SlicerCrashed(
            f"{MOST_ATTEMPTS} workers ended while they worked on this model. It is not tried "
            "again; repair or simplify the model."
        )
        problem = self._problem_of(error, exhausted.request_id)
        await self._insist(lambda: self._attempts.fail(exhausted, problem, dead=True))
        _log.error(logs.JOB_FINISHED, outcome=Outcome.DEAD, error_type=error.code)
        raise Dead

    async def _insist(self, command: Callable[[], Awaitable[_T]]) -> _T:
        """Repeats a command until Redis answers; gives up some seconds after `hand_back`."""
        delay_s, most_s = _REPEAT_S
        leaving_since_s: float | None = None
        while True:
            try:
                return await command()
            except QueueUnavailable:
                if self._leaving:
                    leaving_since_s = leaving_since_s or time.monotonic()
                    if time.monotonic() - leaving_since_s > _LEAVING_S:
                        raise
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, most_s)


def _log_end(
    attempt: Attempt, outcome: Outcome, end: Quote | PricingError | None, timer: StageTimer
) -> None:
    """Writes the canonical line of an attempt."""
    line: dict[str, object] = {
        "outcome": outcome,
        "attempt": attempt.number,
        "waited_s": round(attempt.waited_s, 3),
        "timing_ms": {name: round(ms, 1) for name, ms in timer.timing_ms().items()},
    }
    if isinstance(end, Quote):
        line |= order_fields(end.order) | quote_fields(end)
    elif end is not None:
        line |= {"error_type": end.code, "error": end.detail, "error_detail": end.log_detail}
    _log.info(logs.JOB_FINISHED, **line)
