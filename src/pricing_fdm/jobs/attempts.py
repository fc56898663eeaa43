"""What a worker does with a job: begin it, report progress, end it, or leave it to another.

Several workers may hold one job: one was frozen or cut off from Redis, and its message was given
to another. Every attempt has a number, and the record decides in one step which one counts, so
exactly one result is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis

from pricing_fdm.jobs.attempt import MOST_ATTEMPTS, Attempt, Call, Exhausted
from pricing_fdm.jobs.connection import Scripts
from pricing_fdm.jobs.record import JobSource, Json, QueueCounts, SourceKind
from pricing_fdm.jobs.store import CALL_DELAYS

DEAD_LETTER_TTL_S = 7 * 86400
"""Seconds for which a dead letter and its record are kept."""

_CALL_LEASE_S = 90


class Attempts:
    """The `AttemptStore` of a fleet.

    At worst a beginning whose answer was lost counts as an attempt.

    Args:
        result_ttl_s: Seconds that a job is kept after it began, was put back or ended.
        call_retry_s: Seconds until a callback that failed is tried again; then six times as many.
    """

    def __init__(self, redis: Redis, *, result_ttl_s: int, call_retry_s: float = 10.0) -> None:
        self._call_retry_s = call_retry_s
        self._scripts = Scripts(redis)
        self._result_ttl_s = result_ttl_s

    async def begin(self, job_id: str, message: int) -> Attempt | Exhausted | None:
        """Begins a job; None when there is nothing to do for this message."""
        answer = await self._scripts.run(
            "begin", job_id, message, MOST_ATTEMPTS, self._result_ttl_s
        )
        match answer:
            case ["void"]:
                return None
            case ["exhausted", number, request_id]:
                return Exhausted(job_id, int(number), request_id)
        _, number, counted, order, kind, request_id, waited_s, reference, shop = answer
        return Attempt(
            job_id=job_id,
            number=int(number),
            counted=int(counted),
            order=json.loads(order),
            request_id=request_id,
            waited_s=float(waited_s),
            source=JobSource(SourceKind(kind), reference) if reference else None,
            shop_version=shop,
        )

    async def progress(self, attempt: Attempt, percent: int, stage: str) -> bool:
        """Records how far the attempt is; False when its job has ended."""
        return bool(
            await self._scripts.run("progress", attempt.job_id, attempt.number, percent, stage)
        )

    async def complete(self, attempt: Attempt, result: Json) -> bool:
        """Stores the result; False when the job had ended before, and this result is dropped."""
        return await self._finish(attempt, "completed", result, self._result_ttl_s)

    async def fail(self, attempt: Attempt | Exhausted, problem: Json, *, dead: bool) -> bool:
        """Ends the job; False when it had ended, or has gone on with another attempt.

        The record of a job that becomes a dead letter (`dead`) is kept as long as the letter.
        """
        ttl_s = max(DEAD_LETTER_TTL_S, self._result_ttl_s) if dead else self._result_ttl_s
        return await self._finish(attempt, "failed", problem, ttl_s)

    async def try_again(self, attempt: Attempt, *, delay_s: float) -> bool:
        """Leaves the job to another attempt after a delay; False when it has gone on already."""
        return await self._give_up(attempt, "failed", delay_s)

    async def hand_back(self, attempt: Attempt) -> bool:
        """Puts the job first in the queue again and does not count this attempt.

        Returns False when the job has gone on already.
        """
        return await self._give_up(attempt, "returned", 0)

    async def keep(self, worker_id: str, *, alive_s: float) -> QueueCounts:
        """Queues the jobs that are due again and renews this worker's sign of life.

        Every worker calls it about once a second.

        Args:
            worker_id: Of the worker for Dramatiq.
            alive_s: Seconds for which it counts as one that takes jobs; 0: not at all.
        """
        return QueueCounts(*await self._scripts.run("keep", worker_id, alive_s))

    async def claim_call(self) -> Call | None:
        """Takes a callback that is due, for 90 s."""
        match await self._scripts.run("claim_call", _CALL_LEASE_S):
            case [job_id, url, tries]:
                return Call(job_id=job_id, url=url, tries=int(tries))
        return None

    async def settle_call(self, call: Call, *, delivered: bool) -> None:
        """Ends a callback, or puts it off when it has tries left."""
        again = not delivered and call.tries <= len(CALL_DELAYS)
        delay_s = str(self._call_retry_s * CALL_DELAYS[call.tries - 1]) if again else ""
        await self._scripts.run("settle_call", call.job_id, delay_s)

    async def _give_up(self, attempt: Attempt, why: str, delay_s: float) -> bool:
        return bool(
            await self._scripts.run(
                "give_up", attempt.job_id, attempt.number, why, delay_s, self._result_ttl_s
            )
        )

    async def _finish(
        self, attempt: Attempt | Exhausted, state: str, body: Mapping[str, Any], ttl_s: int
    ) -> bool:
        text = json.dumps(body, separators=(",", ":"))
        return bool(
            await self._scripts.run("finish", attempt.job_id, attempt.number, state, text, ttl_s)
        )
