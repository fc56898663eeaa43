"""What a worker does beside its jobs, about once a second.

It brings in the jobs that are due again, hears how full the queue is, and makes callbacks. Every
worker does so; what one has taken, no other takes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from pricing_fdm.concurrency.completion import complete
from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.attempts import Attempts, Call
from pricing_fdm.jobs.record import Callbacks, QueueCounts
from pricing_fdm.jobs.store import JobStore

_PERIOD_S = 1.0
_CALLS_AT_ONCE = 4
_CALL_S = 15.0

KEEPER_END_S = _CALL_S + 10.0
"""Seconds that a cancelled keeper has for its end: a call's own, and some for Redis."""


class Keeper:
    """Keeps the queue moving.

    Args:
        worker_id: This worker's id for Dramatiq.
        alive_s: Asked each second for how many seconds this worker may count as one that takes
            jobs; 0: not at all.
        callbacks: None: others make the callbacks.
        on_tick: Hears each second how full the queue is; None while Redis does not answer.
    """

    def __init__(
        self,
        *,
        attempts: Attempts,
        store: JobStore,
        worker_id: str,
        alive_s: Callable[[], float],
        callbacks: Callbacks | None,
        on_tick: Callable[[QueueCounts | None], None],
    ) -> None:
        self._attempts = attempts
        self._store = store
        self._worker_id = worker_id
        self._alive_s = alive_s
        self._callbacks = callbacks
        self._on_tick = on_tick
        self._calling: set[asyncio.Task[None]] = set()

    async def keep(self) -> None:
        """Runs until it is cancelled; callbacks that are being made then come to their end."""
        async with asyncio.TaskGroup() as calls:
            while True:
                began_s = time.monotonic()
                self._on_tick(await self._tick(calls))
                await asyncio.sleep(max(0.0, began_s + _PERIOD_S - time.monotonic()))

    async def _tick(self, calls: asyncio.TaskGroup) -> QueueCounts | None:
        try:
            counts = await self._attempts.keep(self._worker_id, alive_s=self._alive_s())
            while self._callbacks is not None and len(self._calling) < _CALLS_AT_ONCE:
                call = await self._attempts.claim_call()
                if call is None:
                    break
                # The group cancels its tasks when the keeper ends; a call that has begun is made.
                calling = calls.create_task(complete(self._make(call, self._callbacks)))
                self._calling.add(calling)
                calling.add_done_callback(self._calling.discard)
        except QueueUnavailable:
            return None
        return counts

    async def _make(self, call: Call, callbacks: Callbacks) -> None:
        try:
            job = await self._store.read(call.job_id)
            delivered = False
            if job is not None:
                async with asyncio.timeout(_CALL_S):
                    delivered = await callbacks.deliver(call.url, job)
        except TimeoutError:
            delivered = False
        except QueueUnavailable:
            return  # taken for a while only; another makes it then
        try:
            await self._attempts.settle_call(call, delivered=delivered)
        except QueueUnavailable:
            return
