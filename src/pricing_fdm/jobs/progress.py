"""How far a job is, as one number from 0 to 100.

    download 0..10, inspect 10..20, slice 20..95 by the slicer's own word, extract and price 95..99

100 is the record's alone, when the result is in it. Most of the time goes into the slice; the other
shares are what people find plausible and no measurement.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.quoting.timing import Stage

_BEGINS = {
    Stage.DOWNLOAD: 0,
    Stage.INSPECT: 10,
    Stage.QUEUE: 20,
    Stage.SLICE: 20,
    Stage.EXTRACT: 95,
}
_SLICE_SHARE = 75
_MOST = 99
_LEAST_PAUSE_S = 0.5


class Progress:
    """Takes what the pipeline says and passes it on, at most twice a second.

    Args:
        tell: Is given percent and stage; says whether anybody is interested any longer.
        on_indifference: Called once when nobody is.
    """

    def __init__(
        self,
        tell: Callable[[int, str], Awaitable[bool]],
        on_indifference: Callable[[], object],
        supervisor: Supervisor,
    ) -> None:
        self._supervisor = supervisor
        self._tell = tell
        self._on_indifference = on_indifference
        self._percent = 0
        self._stage = ""
        self._news = asyncio.Event()

    def on_stage(self, stage: Stage) -> None:
        """For `StageTimer`."""
        self._stage = stage.value
        self._reach(_BEGINS[stage])

    def on_progress(self, percent: int) -> None:
        """For `StageTimer`: percent of the slice."""
        self._reach(_BEGINS[Stage.SLICE] + percent * _SLICE_SHARE // 100)

    def told(self) -> contextlib.AbstractAsyncContextManager[None]:
        """Passes news on while the context lasts."""
        return self._supervisor.running(BackgroundTask.JOB_PROGRESS, self._tell_news)

    def _reach(self, percent: int) -> None:
        self._percent = max(self._percent, min(percent, _MOST))
        self._news.set()

    async def _tell_news(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            with contextlib.suppress(QueueUnavailable):  # the job goes on without being watched
                if not await self._tell(self._percent, self._stage):
                    self._on_indifference()
                    return
            await asyncio.sleep(_LEAST_PAUSE_S)
