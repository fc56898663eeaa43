"""What a gateway knows of its Redis and of the workers behind it, from a look every few seconds.

A gateway without a worker is ready all the same: it takes jobs, which wait for one, and answers
how they stand. Unready gateways would take results and page from everybody whenever the workers are
replaced. So the check reports that no worker is there, and is not needed for readiness.
"""

from __future__ import annotations

from collections.abc import Callable

from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.health.readiness import Check, Readiness
from pricing_fdm.jobs.connection import Client
from pricing_fdm.jobs.examine import examine
from pricing_fdm.jobs.record import QueueCounts
from pricing_fdm.jobs.redis_store import RedisJobStore
from pricing_fdm.telemetry.outage import OutageLog

WORKERS = "workers"


class QueueWatch:
    """Looks at Redis and the workers when `look` is called, and keeps what it saw.

    Args:
        readiness: Gets the two checks.
        on_change: Called when the number of workers has changed.
    """

    def __init__(
        self,
        redis: Client,
        store: RedisJobStore,
        readiness: Readiness,
        on_change: Callable[[], None],
    ) -> None:
        self._redis = redis
        self._store = store
        self._readiness = readiness
        self._on_change = on_change
        self._workers: int | None = None
        self._outage = OutageLog()

    @property
    def workers(self) -> int | None:
        """How many workers take jobs; None while Redis does not answer."""
        return self._workers

    async def look(self) -> None:
        """Looks anew."""
        self._readiness.set(await examine(self._redis))
        try:
            counts = await self._store.counts()
        except QueueUnavailable:
            counts = None
        self._outage.note(answers=counts is not None)
        self._readiness.set(_check(counts))
        before, self._workers = self._workers, counts.workers if counts else None
        if before != self._workers:
            self._on_change()


def _check(counts: QueueCounts | None) -> Check:
    if counts is None:
        detail = "not known while Redis does not answer"
    elif counts.workers:
        detail = f"workers that take jobs: {counts.workers}, jobs that wait: {counts.waiting}"
    else:
        detail = f"no worker takes jobs; {counts.waiting} jobs wait until one is started"
    return Check(WORKERS, ok=bool(counts and counts.workers), detail=detail, needed=False)
