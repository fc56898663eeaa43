"""The jobs of one process, in its memory: lost with it, and bounded.

The rules are those of the Lua scripts beside this module, for one event loop: no command is
interrupted, no worker dies alone, and no message is lost. As many jobs that have ended are kept as
unfinished ones may wait. It is long because both sides of a job work on the same record.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pricing_fdm.jobs.attempt import Attempt, Call, Exhausted
from pricing_fdm.jobs.expiry import seconds_left
from pricing_fdm.jobs.record import (
    Idempotency,
    Job,
    JobRequest,
    JobSource,
    JobState,
    Json,
    QueueCounts,
    SourceKind,
    Submitted,
)
from pricing_fdm.jobs.store import (
    CALL_DELAYS,
    StoreLimits,
    key_conflict,
    missing_upload,
    queue_full,
)


@dataclass(slots=True)
class _Record:
    request: JobRequest = field(repr=False)
    created_s: float
    source_until_s: float
    expires_s: float
    idempotency: Idempotency | None
    state: JobState = JobState.QUEUED
    due_s: float = 0.0
    attempt: int = 0
    returned: int = 0
    progress: int = 0
    stage: str | None = None
    body: str = ""  # of the result or the problem, as text: a fifth of the memory
    dead: bool = False
    ended_s: float = 0.0
    call_s: float | None = None  # from when a callback is due; None when none is
    calls: int = 0

    def job(self, job_id: str) -> Job:
        body = json.loads(self.body) if self.body else None
        failed = self.state is JobState.FAILED
        return Job(
            id=job_id,
            state=self.state,
            attempt=self.attempt,
            progress=self.progress,
            stage=self.stage,
            result=None if failed else body,
            problem=body if failed else None,
        )


class MemoryStore:
    """A `JobStore` and an `AttemptStore` in one; use it from one event loop.

    Args:
        upload_ttl_s: Seconds for which an upload is kept after the last job that needed it.
        call_retry_s: Seconds until a callback that failed is tried again; then six times as many.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        limits: StoreLimits,
        *,
        upload_ttl_s: float,
        call_retry_s: float = 10.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._limits = limits
        self._upload_ttl_s = upload_ttl_s
        self._call_retry_s = call_retry_s
        self._clock = clock
        self._records: OrderedDict[str, _Record] = OrderedDict()  # the next to expire first
        self._by_key: dict[str, str] = {}
        self._lanes: dict[bool, deque[str]] = {True: deque(), False: deque()}  # by `rush`
        self._released: frozenset[str] = frozenset()
        self._workers = 0
        self._arrived = asyncio.Event()
        self._announce: Callable[[str], None] = lambda _: None

    def on_change(self, announce: Callable[[str], None]) -> None:
        """Has the ids of jobs that change passed on."""
        self._announce = announce

    async def submit(
        self, request: JobRequest, idempotency: Idempotency | None = None
    ) -> Submitted:
        """See `JobStore`."""
        known = self._by_key.get(idempotency.key) if idempotency else None
        if known is not None and idempotency is not None:
            if self._records[known].idempotency != idempotency:
                raise key_conflict()
            return Submitted(known, repeated=True)
        source = request.source
        if source.kind is SourceKind.UPLOAD and source.reference in self._released:
            raise missing_upload()
        await self.require_room()
        job_id, now_s = str(uuid.uuid4()), self._clock()
        until_s = now_s + seconds_left(source, now_s)
        self._records[job_id] = _Record(
            request, now_s, until_s, now_s + self._limits.result_ttl_s, idempotency
        )
        if idempotency is not None:
            self._by_key[idempotency.key] = job_id
        self._enqueue(job_id)
        return Submitted(job_id, repeated=False)

    async def require_room(self) -> None:
        """See `JobStore`."""
        self._forget_expired()
        if self._counts().unfinished >= self._limits.max_jobs:
            raise queue_full(self._limits)

    async def read(self, job_id: str) -> Job | None:
        """See `JobStore`."""
        self._forget_expired()
        record = self._records.get(job_id)
        return record.job(job_id) if record else None

    async def cancel(self, job_id: str, problem: Json) -> Job | None:
        """See `JobStore`."""
        self._end(job_id, JobState.FAILED, problem)
        return await self.read(job_id)

    async def take(self) -> str:
        """Waits for the next job, those in a hurry first, and returns its id."""
        while True:
            for lane in (self._lanes[True], self._lanes[False]):
                while lane:
                    job_id = lane.popleft()
                    record = self._records.get(job_id)
                    if record is not None and record.state is JobState.QUEUED:
                        return job_id
            self._arrived.clear()
            await self._arrived.wait()

    async def begin(self, job_id: str, message: int = 0) -> Attempt | Exhausted | None:  # noqa: ARG002
        """See `AttemptStore`; a job of this process has one message."""
        record = self._records.get(job_id)
        if record is None or record.state is not JobState.QUEUED:
            return None
        record.attempt += 1
        record.state, record.stage = JobState.PROCESSING, None
        self._renew(job_id)
        now_s = self._clock()
        return Attempt(
            job_id=job_id,
            number=record.attempt,
            counted=record.attempt - record.returned,
            order=record.request.order,
            request_id=record.request.request_id,
            waited_s=now_s - record.created_s,
            source=record.request.source if now_s < record.source_until_s else None,
            shop_version=record.request.shop_version,
        )

    async def progress(self, attempt: Attempt, percent: int, stage: str) -> bool:
        """See `AttemptStore`."""
        record = self._worked_on(attempt)
        if record is None:
            return False
        percent = max(percent, record.progress)
        if (percent, stage) != (record.progress, record.stage):
            record.progress, record.stage = percent, stage
            self._announce(attempt.job_id)
        return True

    async def complete(self, attempt: Attempt, result: Json) -> bool:
        """See `AttemptStore`."""
        return self._end(attempt.job_id, JobState.COMPLETED, result)

    async def fail(self, attempt: Attempt | Exhausted, problem: Json, *, dead: bool) -> bool:
        """See `AttemptStore`."""
        return self._end(attempt.job_id, JobState.FAILED, problem, dead=dead)

    async def try_again(self, attempt: Attempt, *, delay_s: float) -> bool:
        """See `AttemptStore`."""
        record = self._worked_on(attempt)
        if record is None:
            return False
        record.state, record.stage, record.due_s = JobState.QUEUED, None, self._clock() + delay_s
        self._renew(attempt.job_id)
        return True

    async def hand_back(self, attempt: Attempt) -> bool:
        """See `AttemptStore`."""
        record = self._worked_on(attempt)
        if record is None:
            return False
        record.state, record.stage = JobState.QUEUED, None
        record.returned += 1
        self._lanes[record.request.rush].appendleft(attempt.job_id)
        self._renew(attempt.job_id)
        return True

    async def keep(self, worker_id: str, *, alive_s: float) -> QueueCounts:  # noqa: ARG002
        """See `AttemptStore`; the process itself is the only worker."""
        self._forget_expired()
        self._workers = int(alive_s > 0)
        now_s = self._clock()
        for job_id, record in self._records.items():
            if record.state is JobState.QUEUED and 0 < record.due_s <= now_s:
                record.due_s = 0.0
                self._enqueue(job_id)
        return self._counts()

    async def claim_call(self) -> Call | None:
        """See `AttemptStore`; nobody else could make it, so it is taken for good."""
        now_s = self._clock()
        for job_id, record in self._records.items():
            if record.call_s is not None and record.call_s <= now_s:
                record.call_s = None
                record.calls += 1
                return Call(job_id, record.calls, record.request.callback_url or "")
        return None

    async def settle_call(self, call: Call, *, delivered: bool) -> None:
        """See `AttemptStore`."""
        record = self._records.get(call.job_id)
        if record is not None and not delivered and call.tries <= len(CALL_DELAYS):
            delay_s = self._call_retry_s * CALL_DELAYS[call.tries - 1]
            record.call_s = self._clock() + delay_s

    async def release(self, keys: Sequence[str]) -> list[str]:
        """Returns those uploads that no job needs; no new job can name them any longer."""
        lately_s = self._clock() - self._upload_ttl_s
        needed = {
            record.request.source.reference
            for record in self._records.values()
            if not record.state.ended or record.ended_s > lately_s
        }
        self._released = frozenset(keys) - needed
        return list(self._released)

    def _counts(self) -> QueueCounts:
        states = [record.state for record in self._records.values()]
        waiting = states.count(JobState.QUEUED)
        return QueueCounts(
            unfinished=waiting + states.count(JobState.PROCESSING),
            waiting=waiting,
            dead=sum(record.dead for record in self._records.values()),
            workers=self._workers,
        )

    def _enqueue(self, job_id: str) -> None:
        self._lanes[self._records[job_id].request.rush].append(job_id)
        self._arrived.set()

    def _worked_on(self, attempt: Attempt) -> _Record | None:
        record = self._records.get(attempt.job_id)
        return record if record is not None and record.state is JobState.PROCESSING else None

    def _end(self, job_id: str, state: JobState, body: Json, *, dead: bool = False) -> bool:
        record = self._records.get(job_id)
        if record is None or record.state.ended:
            return False
        record.state, record.stage, record.dead = state, None, dead
        record.body, record.ended_s = json.dumps(body, separators=(",", ":")), self._clock()
        if state is JobState.COMPLETED:
            record.progress = 100
        if record.request.source.kind is SourceKind.URL:  # a password
            record.request = replace(record.request, source=JobSource(SourceKind.URL, ""))
        if record.request.callback_url:
            record.call_s = record.ended_s
        self._renew(job_id)
        self._forget_oldest_ends()
        return True

    def _renew(self, job_id: str) -> None:
        """Moves the end of a job, and tells that it has changed."""
        self._records[job_id].expires_s = self._clock() + self._limits.result_ttl_s
        self._records.move_to_end(job_id)
        self._announce(job_id)

    def _forget_expired(self) -> None:
        now_s = self._clock()
        while self._records:
            job_id, record = next(iter(self._records.items()))
            if record.expires_s > now_s:
                return
            self._forget(job_id)

    def _forget_oldest_ends(self) -> None:
        ended = [job_id for job_id, record in self._records.items() if record.state.ended]
        for job_id in ended[: -self._limits.max_jobs]:
            self._forget(job_id)

    def _forget(self, job_id: str) -> None:
        record = self._records.pop(job_id)
        if record.idempotency is not None:
            del self._by_key[record.idempotency.key]
        self._announce(job_id)
