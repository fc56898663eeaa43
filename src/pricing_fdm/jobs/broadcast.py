"""Passes changes of jobs on to all listeners in this process.

The store says that a job has changed (Redis by `news`), which wakes the listeners of this job. A
listener then reads the job itself. It also does so every 15 s without being woken, so a message
that is lost with a connection only delays it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator

from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.record import Job
from pricing_fdm.jobs.store import JobStore

_KEEP_ALIVE_S = 15.0


class JobBroadcast:
    """Wakes the listeners of jobs; build one for each process."""

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def changes(self, job_id: str) -> AsyncGenerator[Job | QueueUnavailable | None, None]:
        """Yields the job now, at each change, and as it ended; then it stops.

        When the store does not answer, the error is yielded once, and the job when it is back.
        Something is yielded at least every 15 s: None when nothing is new, for a keep-alive. For an
        unknown job nothing is yielded.
        """
        last: Job | QueueUnavailable | None = None
        with self._listening(job_id) as news:
            while True:
                news.clear()
                change = await self._look(job_id)
                if change is None:
                    return
                yield change if _is_new(change, last) else None
                if isinstance(change, Job) and change.state.ended:
                    return
                last = change
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_KEEP_ALIVE_S):
                        await news.wait()

    def wake(self, job_id: str) -> None:
        """Makes the listeners of a job read it."""
        for news in self._listeners.get(job_id, ()):
            news.set()

    def wake_all(self) -> None:
        """Makes every listener read its job."""
        for listeners in self._listeners.values():
            for news in listeners:
                news.set()

    async def _look(self, job_id: str) -> Job | QueueUnavailable | None:
        try:
            return await self._store.read(job_id)
        except QueueUnavailable as error:
            return error

    @contextlib.contextmanager
    def _listening(self, job_id: str) -> Iterator[asyncio.Event]:
        news = asyncio.Event()
        self._listeners[job_id].add(news)
        try:
            yield news
        finally:
            self._listeners[job_id].discard(news)
            if not self._listeners[job_id]:
                del self._listeners[job_id]


def _is_new(change: Job | QueueUnavailable, last: Job | QueueUnavailable | None) -> bool:
    if isinstance(change, QueueUnavailable):
        return not isinstance(last, QueueUnavailable)
    return change != last
