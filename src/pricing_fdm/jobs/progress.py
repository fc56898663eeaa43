"""How far a job is, as one number from 0 to 100.

    download 0..10, inspect 10..20, slice 20..95 as the slicer reports it, extract and price 95..99

100 is set with the result. Most of the time goes into the slice; the other shares are plausible
and not measured.
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
_LONGEST_PAUSE_S = 1.0


class Progress:
    """Takes what the pipeline reports and passes it on, about once a second.

    Args:
        report: Is given percent and stage; returns whether the job still needs this attempt.
        on_unneeded: Called once when it does not.
    """

    def __init__(
        self,
        report: Callable[[int, str], Awaitable[bool]],
        on_unneeded: Callable[[], object],
        supervisor: Supervisor,
    ) -> None:
        self._supervisor = supervisor
        self._report = report
        self._on_unneeded = on_unneeded
        self._percent = 0
        self._stage = ""
        self._changed = asyncio.Event()

    def on_stage(self, stage: Stage) -> None:
        """For `StageTimer`."""
        self._stage = stage.value
        self._reach(_BEGINS[stage])

    def on_progress(self, percent: int) -> None:
        """For `StageTimer`: percent of the slice."""
        self._reach(_BEGINS[Stage.SLICE] + percent * _SLICE_SHARE // 100)

    def reported(self) -> contextlib.AbstractAsyncContextManager[None]:
        """Passes changes on while the context lasts."""
        return self._supervisor.running(BackgroundTask.JOB_PROGRESS, self._report_changes)

    def _reach(self, percent: int) -> None:
        self._percent = max(self._percent, min(percent, _MOST))
        self._changed.set()

    async def _report_changes(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):  # asks again: the job may be cancelled
                async with asyncio.timeout(_LONGEST_PAUSE_S):
                    await self._changed.wait()
            self._changed.clear()
            with contextlib.suppress(QueueUnavailable):  # the job goes on unwatched
                if not await self._report(self._percent, self._stage):
                    self._on_unneeded()
                    return
            await asyncio.sleep(_LEAST_PAUSE_S)
