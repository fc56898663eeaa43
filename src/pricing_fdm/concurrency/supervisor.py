"""Runs background tasks: one that dies is reported and started again, and its end is bounded.

An asyncio task that nobody awaits dies unnoticed. So everything that runs beside the requests runs
through here, and a test keeps `create_task` out of the other modules.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from enum import StrEnum
from typing import TypeAlias

END_S = 10.0
"""Seconds that a cancelled task has for its end."""

Work: TypeAlias = Callable[[], Awaitable[None]]
"""Called to begin a task's work, and again for each restart."""


class BackgroundTask(StrEnum):
    """What runs in the background; the values are labels of a metric."""

    HEARTBEAT = "heartbeat"
    JOB_NEWS = "job_news"
    JOB_PROGRESS = "job_progress"
    LOCAL_JOBS = "local_jobs"
    QUEUE_KEEPER = "queue_keeper"
    REDIS_CHECK = "redis_check"
    SHOP_NEWS = "shop_news"
    SHOP_VERSIONS = "shop_versions"
    SHOP_WATCH = "shop_watch"
    TRUST_STORE = "trust_store"
    UPLOAD_SWEEP = "upload_sweep"
    WATCHDOG = "watchdog"


class Supervisor:
    """Keeps background tasks running.

    Args:
        report: Called for each failure: what a task died of, or that it did not end in time.
        pause_s: Seconds before the first restart, and the longest pause. Each restart doubles the
            pause; a task that ran for longer than the longest one begins with the first again.
    """

    def __init__(
        self,
        report: Callable[[BackgroundTask, BaseException], None],
        *,
        pause_s: tuple[float, float] = (1.0, 60.0),
    ) -> None:
        self._report = report
        self._pause_s = pause_s

    @contextlib.asynccontextmanager
    async def running(
        self, name: BackgroundTask, work: Work, *, end_s: float = END_S
    ) -> AsyncIterator[None]:
        """Runs a task while the context lasts; restarts it after a failure, not after a return.

        Leaving the context cancels it once and waits for its end, `end_s` seconds at most. A task
        that has not ended by then is reported and left behind.
        """
        task = asyncio.create_task(self._keep_running(name, work), name=name)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task], timeout=end_s)
            if not task.done():
                self._report(name, TimeoutError(f"it did not end within {end_s:g} s"))

    async def _keep_running(self, name: BackgroundTask, work: Work) -> None:
        first_s, most_s = self._pause_s
        pause_s = first_s
        while True:
            began_s = time.monotonic()
            try:
                await work()
            except asyncio.CancelledError as error:
                if _is_ending():
                    raise
                self._report(name, error)  # not our cancellation: something that it awaited
            except Exception as error:  # noqa: BLE001 - the outermost edge of a task
                self._report(name, error)
                if _is_ending():
                    return
            else:
                return
            if time.monotonic() - began_s > most_s:
                pause_s = first_s
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, most_s)


def every(period_s: float, do: Callable[[], Awaitable[None]]) -> Work:
    """Work that calls `do` again and again, for the first time after one period."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(period_s)
            await do()

    return repeat


def _is_ending() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
