from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from pricing_fdm.concurrency.supervisor import Supervisor
from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.progress import Progress
from pricing_fdm.quoting.timing import Stage


class Listener:
    """Notes what is reported to it."""

    def __init__(
        self, *, needed: bool = True, outages: int = 0, fault: Exception | None = None
    ) -> None:
        self.reported: list[tuple[int, str]] = []
        self.unneeded = asyncio.Event()
        self.died = asyncio.Event()
        self._needed = needed
        self._outages = outages
        self._fault = fault

    async def report(self, percent: int, stage: str) -> bool:
        if self._outages:
            self._outages -= 1
            raise QueueUnavailable("away")
        if self._fault:
            fault, self._fault = self._fault, None
            raise fault
        self.reported.append((percent, stage))
        return self._needed

    def progress(self) -> Progress:
        return Progress(
            self.report, self.unneeded.set, Supervisor(lambda *_: self.died.set(), pause_s=(0, 0))
        )


def test_stages_and_the_slicer_s_percentage_make_one_number() -> None:
    """0..10 download, 10..20 inspect, 20..95 slice, and 99 until the result is written."""

    async def story() -> list[tuple[int, str]]:
        listener = Listener()
        progress = listener.progress()
        steps: list[Callable[[], None]] = [
            lambda: progress.on_stage(Stage.DOWNLOAD),
            lambda: progress.on_stage(Stage.INSPECT),
            lambda: progress.on_stage(Stage.QUEUE),
            lambda: progress.on_stage(Stage.SLICE),
            lambda: progress.on_progress(40),
            lambda: progress.on_progress(30),
            lambda: progress.on_progress(100),
            lambda: progress.on_stage(Stage.EXTRACT),
            lambda: progress.on_progress(1000),
        ]
        for step in steps:
            step()
            async with progress.reported():
                await asyncio.sleep(0)
                await asyncio.sleep(0)
        return listener.reported

    assert asyncio.run(story()) == [
        (0, "download"),
        (10, "inspect"),
        (20, "queue"),
        (20, "slice"),
        (50, "slice"),
        (50, "slice"),
        (95, "slice"),
        (95, "extract"),
        (99, "extract"),
    ]


def test_a_slicer_that_reports_often_does_not_flood_redis() -> None:
    """Two reports a second are enough; the last one counts."""

    async def story() -> tuple[int, float]:
        listener, began_s = Listener(), time.monotonic()
        progress = listener.progress()
        async with progress.reported():
            for percent in range(100):
                progress.on_progress(percent)
                await asyncio.sleep(0.001)
        return len(listener.reported), time.monotonic() - began_s

    reported, passed_s = asyncio.run(story())
    assert 1 <= reported <= 1 + passed_s / 0.5


def test_an_outage_is_no_reason_to_stop() -> None:
    """The job goes on unwatched and reports again afterwards."""

    async def story() -> list[tuple[int, str]]:
        listener = Listener(outages=1)
        progress = listener.progress()
        async with progress.reported():
            progress.on_stage(Stage.INSPECT)
            await asyncio.sleep(0.01)
            progress.on_stage(Stage.SLICE)
            while not listener.reported:  # noqa: ASYNC110 - the progress changes it
                await asyncio.sleep(0.01)
        return listener.reported

    assert asyncio.run(story()) == [(20, "slice")]


def test_a_job_that_nobody_needs_is_stopped() -> None:
    """Another worker has ended it."""

    async def story() -> None:
        listener = Listener(needed=False)
        progress = listener.progress()
        async with progress.reported():
            progress.on_stage(Stage.SLICE)
            await listener.unneeded.wait()

    asyncio.run(story())


def test_a_task_that_died_is_logged_and_goes_on() -> None:
    """A fault of ours once left the bar where it was, and no line in the log."""

    async def story() -> list[tuple[int, str]]:
        listener = Listener(fault=RuntimeError("a fault of ours"))
        progress = listener.progress()
        async with progress.reported(), asyncio.timeout(30):
            progress.on_stage(Stage.INSPECT)
            await listener.died.wait()
            progress.on_stage(Stage.SLICE)
            while not listener.reported:  # noqa: ASYNC110 - the progress changes it
                await asyncio.sleep(0.01)
        return listener.reported

    assert asyncio.run(story()) == [(20, "slice")]
