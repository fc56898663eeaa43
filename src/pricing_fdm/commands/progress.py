"""The line on the terminal that says how far the work is, with what, and for how long."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self, TextIO

from pricing_fdm.commands.terminal import columns_of
from pricing_fdm.quoting.timing import Stage, StageTimer

_TICK_S = 0.2
_ALL = 100
_DOING = {
    Stage.DOWNLOAD: "reading the file",
    Stage.INSPECT: "inspecting the mesh",
    Stage.QUEUE: "waiting for the slicer",
    Stage.SLICE: "slicing",
    Stage.EXTRACT: "reading the figures",
}
# Of a quote's time, in percent, when each stage begins: see docs/performance.md, overhead.
_BEGINS = {
    Stage.DOWNLOAD: 0,
    Stage.INSPECT: 0,
    Stage.QUEUE: 3,
    Stage.SLICE: 3,
    Stage.EXTRACT: 98,
}


class StatusLine:
    """Shows a text and the seconds since the start, in a thread of its own.

    Args:
        stream: The terminal.
        shown: False writes nothing.
        text: What is done.
    """

    def __init__(self, stream: TextIO, *, shown: bool, text: Callable[[], str]) -> None:
        self._stream = stream
        self._shown = shown
        self._text = text
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> Self:
        """Starts writing."""
        if self._shown:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Removes the line."""
        self._ended.set()
        if self._shown:
            self._thread.join()

    def _write(self) -> None:
        started = time.monotonic()
        while not self._ended.wait(_TICK_S):
            self._put(f"{self._text()} … {time.monotonic() - started:.0f} s")
        self._put("")

    def _put(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # the terminal has gone
            self._stream.write(f"\r\x1b[K{text[: columns_of(self._stream) - 1]}")
            self._stream.flush()


class ProgressLine(StatusLine):
    """Shows the share of quotes that is done.

    Args:
        stream: The terminal.
        shown: False writes nothing.
        timers: Of the quotes that have begun; others are added while the line is shown.
        expected: How many quotes there will be.
    """

    def __init__(
        self, stream: TextIO, *, shown: bool, timers: Sequence[StageTimer], expected: int = 1
    ) -> None:
        super().__init__(stream, shown=shown, text=self.text)
        self._timers = timers
        self._expected = expected

    def text(self) -> str:
        """What is done: the share of the time, and the stage that is furthest."""
        works = [work for timer in tuple(self._timers) for work in timer.forks or (timer,)]
        expected = max(self._expected, len(works))
        percent = sum(percent_done(work) for work in works) // expected
        ended = sum(work.ended for work in works)
        under_way = [work for work in works if not work.ended and work.stage is not None]
        furthest = max(under_way, key=percent_done, default=None)
        stage = furthest.stage if furthest else None
        doing = _DOING[stage] if stage else "starting"
        return f"{percent} % {doing}" + (f", {ended} of {expected} done" if expected > 1 else "")


def percent_done(timer: StageTimer) -> int:
    """How much of the time of a quote has passed, judged by what the stages usually take."""
    if timer.ended:
        return _ALL
    if timer.stage is not Stage.SLICE:
        return _BEGINS[timer.stage] if timer.stage else 0
    share = _BEGINS[Stage.EXTRACT] - _BEGINS[Stage.SLICE]
    return _BEGINS[Stage.SLICE] + timer.slice_percent * share // _ALL
