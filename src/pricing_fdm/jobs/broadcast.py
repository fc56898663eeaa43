"""Passes changes of jobs on to all listeners in this process, over one subscription to Redis.

Redis publishes once to each gateway that a job has changed; here that wakes the listeners of this
job. A listener then reads the job itself. It also does so every 15 s without being woken, so a
message that is lost with a connection only delays it.
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
    """Wakes the listeners of jobs; build one for each process, and keep `run` running."""

    def __init__(self, redis: Client, store: JobStore) -> None:
        self._redis = redis
        self._store = store
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def changes(self, job_id: str) -> AsyncGenerator[Job | QueueUnavailable | None, None]:
        """Yields the job now, at each change, and as it ended; then it stops.

        When Redis does not answer, the error is yielded once, and the job again when Redis is back.
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

    def wake_all(self) -> None:
        """Makes every listener read its job."""
        for listeners in self._listeners.values():
            for news in listeners:
                news.set()

    async def run(self) -> None:
        """Passes messages on until it is cancelled; subscribes again after each loss of Redis."""
        while True:
            with contextlib.suppress(QueueUnavailable):  # `/ready` and every request report it
                await self._pass_on()
            await asyncio.sleep(_AGAIN_S)

    async def _pass_on(self) -> None:
        async with contextlib.aclosing(self._redis.pubsub()) as news:
            await answer_of(news.psubscribe(key(_KIND, "*")))
            try:
                await self._receive(news)
            finally:
                self.wake_all()  # to see that Redis is away, if it is

    async def _receive(self, news: PubSub) -> None:
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
            else:  # nothing has happened, or the connection was lost unnoticed
                pinged = True
                await answer_of(news.ping())

    def _take(self, message: dict[str, str]) -> None:
        if message["type"] == "psubscribe":
            self.wake_all()  # changes before the subscription reached nobody
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


def _is_new(change: Job | QueueUnavailable, last: Job | QueueUnavailable | None) -> bool:
    if isinstance(change, QueueUnavailable):
        return not isinstance(last, QueueUnavailable)
    return change != last
