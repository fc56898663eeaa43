"""News of jobs for all who listen in this process, over one subscription to Redis.

Redis tells each gateway once that something about a job has changed; here that wakes whoever
listens for this job. A listener reads the job itself, also every 15 s unasked: news that was lost
with a connection costs a moment and no listener.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator

from redis.asyncio.client import PubSub

from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.connection import Client, answer_of, key
from pricing_fdm.jobs.record import Job
from pricing_fdm.jobs.store import JobStore

_KIND = "news"  # as in `lua/common.lua`
_KEEP_ALIVE_S = 15.0
_SILENCE_S = 15.0
_AGAIN_S = 1.0


class JobBroadcast:
    """Passes news of jobs on; build one for each process, and keep `run` running."""

    def __init__(self, redis: Client, store: JobStore) -> None:
        self._redis = redis
        self._store = store
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def changes(self, job_id: str) -> AsyncGenerator[Job | QueueUnavailable | None, None]:
        """The job now, at each change, and at last as it ended; then it stops.

        When Redis does not answer, that comes once; the job comes again when Redis is back. At
        least every 15 s something comes: None when there is nothing new, which is the moment for a
        keep-alive. An unknown job gives nothing.
        """
        told: Job | QueueUnavailable | None = None
        with self._listening(job_id) as news:
            while True:
                news.clear()
                change = await self._look(job_id)
                if change is None:
                    return
                yield change if _is_new(change, told) else None
                if isinstance(change, Job) and change.state.ended:
                    return
                told = change
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_KEEP_ALIVE_S):
                        await news.wait()

    def wake_all(self) -> None:
        """Has every listener look at its job."""
        for listeners in self._listeners.values():
            for news in listeners:
                news.set()

    async def run(self) -> None:
        """Passes news on until it is cancelled, again after each loss of Redis."""
        while True:
            with contextlib.suppress(QueueUnavailable):  # `/ready` and every other request say so
                await self._pass_on()
            await asyncio.sleep(_AGAIN_S)

    async def _pass_on(self) -> None:
        async with contextlib.aclosing(self._redis.pubsub()) as news:
            await answer_of(news.psubscribe(key(_KIND, "*")))
            try:
                await self._hear(news)
            finally:
                self.wake_all()  # to see that Redis is away, if it is

    async def _hear(self, news: PubSub) -> None:
        """Returns when the subscription has fallen silent.

        Raises:
            QueueUnavailable: Its connection is lost.
        """
        pinged = False
        while True:
            message = await answer_of(news.get_message(timeout=_SILENCE_S))
            if message is not None:
                pinged = False
                self._take(message)
            elif pinged:
                return
            else:  # nothing has happened, or the other end is gone without a word
                pinged = True
                await answer_of(news.ping())

    def _take(self, message: dict[str, str]) -> None:
        if message["type"] == "psubscribe":
            self.wake_all()  # whatever happened before was told to nobody
        elif message["type"] == "pmessage":
            job_id = message["channel"].rpartition(":")[2]
            for listener in self._listeners.get(job_id, ()):
                listener.set()

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


def _is_new(change: Job | QueueUnavailable, told: Job | QueueUnavailable | None) -> bool:
    if isinstance(change, QueueUnavailable):
        return not isinstance(told, QueueUnavailable)
    return change != told
