"""What a worker does beside its jobs, about once a second.

It queues the jobs that are due again, reads how full the queue is, and makes callbacks. Every
worker does so; a callback that one worker has taken is taken by no other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from pricing_fdm.concurrency.completion import complete
from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.attempt import Call
from pricing_fdm.jobs.record import Job, QueueCounts
from pricing_fdm.jobs.store import AttemptStore, JobStore

Deliver: TypeAlias = Callable[[str, Job], Awaitable[bool]]
"""Posts a job's end to a URL; returns whether the receiver took it. Called three times at most."""

_PERIOD_S = 1.0
_CALLS_AT_ONCE = 4
_CALL_S = 15.0

KEEPER_END_S = _CALL_S + 10.0
"""Seconds that a cancelled keeper may take to end: those of a callback, and some for Redis."""


class Keeper:
    """Keeps the queue moving.

    Args:
        worker_id: This worker's id for Dramatiq.
        alive_s: Asked each second for how many seconds this worker may count as one that takes
            jobs; 0: not at all.
        deliver: None when other workers make the callbacks.
        on_tick: Called each second with how full the queue is; None while Redis does not answer.
    """

    def __init__(
        self,
        *,
        attempts: AttemptStore,
        store: JobStore,
        worker_id: str,
        alive_s: Callable[[], float],
        deliver: Deliver | None,
        on_tick: Callable[[QueueCounts | None], None],
    ) -> None:
        self._attempts = attempts
        self._store = store
        self._worker_id = worker_id
        self._alive_s = alive_s
        self._deliver = deliver
        self._on_tick = on_tick
        self._calling: set[asyncio.Task[None]] = set()

    async def keep(self) -> None:
        """Runs until it is cancelled; then finishes the callbacks that have begun."""
        async with asyncio.TaskGroup() as calls:
            while True:
                began_s = time.monotonic()
                self._on_tick(await self._tick(calls))
                await asyncio.sleep(max(0.0, began_s + _PERIOD_S - time.monotonic()))

    async def _tick(self, calls: asyncio.TaskGroup) -> QueueCounts | None:
        try:
            counts = await self._attempts.keep(self._worker_id, alive_s=self._alive_s())
            while self._deliver is not None and len(self._calling) < _CALLS_AT_ONCE:
                call = await self._attempts.claim_call()
                if call is None:
                    break
                # At the end the group cancels its tasks; a call that has begun is completed.
                calling = calls.create_task(complete(self._make(call, self._deliver)))
                self._calling.add(calling)
                calling.add_done_callback(self._calling.discard)
        except QueueUnavailable:
            return None
        return counts

    async def _make(self, call: Call, deliver: Deliver) -> None:
        try:
            job = await self._store.read(call.job_id)
            delivered = False
            if job is not None:
                async with asyncio.timeout(_CALL_S):
                    delivered = await deliver(call.url, job)
        except TimeoutError:
            delivered = False
        except QueueUnavailable:
            return  # the claim runs out, and another worker makes the callback
        try:
            await self._attempts.settle_call(call, delivered=delivered)
        except QueueUnavailable:
            return
