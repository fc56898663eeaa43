"""The line on the terminal that says what is being done, and for how long."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Self, TextIO

from pricing_fdm.quoting.timing import Stage

_TICK_S = 0.2
_DOING = {
    Stage.DOWNLOAD: "reading the file",
    Stage.INSPECT: "inspecting the mesh",
    Stage.QUEUE: "waiting for the slicer",
    Stage.SLICE: "slicing",
    Stage.EXTRACT: "reading the figures",
}


class ProgressLine:
    """Shows the current stage and the seconds since the start, in a thread of its own.

    Args:
        stream: The terminal.
        shown: False writes nothing.
    """

    def __init__(self, stream: TextIO, *, shown: bool) -> None:
        self._stream = stream
        self._shown = shown
        self._doing = "starting"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def show(self, stage: Stage) -> None:
        """Shows the stage that begins."""
        self._doing = _DOING[stage]

    def show_percent(self, percent: int) -> None:
        """Shows how much of the slice is done."""
        self._doing = f"{_DOING[Stage.SLICE]} {percent} %"

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
            self._put(f"{self._doing} … {time.monotonic() - started:.0f} s")
        self._put("")

    def _put(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # the terminal has gone
            self._stream.write(f"\r\x1b[K{text}")
            self._stream.flush()
