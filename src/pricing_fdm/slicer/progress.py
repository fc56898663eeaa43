"""How far a running slicer is, and whether it still gets on: alive is told from hung.

Both slicers say each step that they begin, with a percentage: PrusaSlicer on stdout, OrcaSlicer as
JSON into a FIFO. A line is the only sign of life: a slicer that is stuck in a loop burns CPU like
one that works. Silence counts from the first line on, so that a slicer which never says anything (a
release that has changed its words) is judged by the hard limit alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

_CHUNK_BYTES = 64 * 1024
_LONGEST_LINE = 1024  # OrcaSlicer's are at most 512 bytes long

_PRUSA_STEP = re.compile(rb"\s*(\d{1,3}) => ")
_PRUSA_DONE = b"Slicing result exported"
# 2.5.0 says this with 70 before the infill is even prepared, for which it says 30.
_PRUSA_MISLABELLED = b"70 => Infilling layers"
_PRUSA_INFILL_PERCENT = 25
_ORCA_STEP = re.compile(rb'"total_percent":\s*(\d{1,3})\b')
_DONE_PERCENT = 100


class Progress:
    """What one run says of how far it is.

    Args:
        percent_of: Reads a line; None where it says nothing of progress.
        on_percent: Is told each time that the percentage has risen.
        in_stdout: Whether the lines stand in what the program prints.

    Attributes:
        fell_silent: It was ended because no further line came.
    """

    def __init__(
        self,
        percent_of: Callable[[bytes], int | None] = lambda _: None,
        on_percent: Callable[[int], None] | None = None,
        *,
        in_stdout: bool = False,
    ) -> None:
        self.fell_silent = False
        self._in_stdout = in_stdout
        self._percent_of = percent_of
        self._on_percent = on_percent
        self._on_sign: Callable[[], None] | None = None
        self._percent = -1
        self._unfinished = b""

    def hear(self, chunk: bytes) -> None:
        """Takes the next bytes; they may end within a line."""
        *lines, unfinished = (self._unfinished + chunk).split(b"\n")
        self._unfinished = unfinished[-_LONGEST_LINE:]
        for line in lines:
            percent = self._percent_of(line)
            if percent is not None:
                self._tell(min(percent, _DONE_PERCENT))

    def hear_stdout(self, chunk: bytes) -> None:
        """Takes the next bytes that the program has printed."""
        if self._in_stdout:
            self.hear(chunk)

    @contextlib.contextmanager
    def ending(self, deadline: asyncio.Timeout, silence_s: float) -> Iterator[None]:
        """While this lasts, `deadline` passes early when no line has come for `silence_s`.

        It never passes later than it would have.
        """
        loop, latest_s = asyncio.get_running_loop(), deadline.when()
        assert latest_s is not None  # noqa: S101 - a deadline has a time

        def postpone() -> None:
            if not deadline.expired():
                deadline.reschedule(min(latest_s, loop.time() + silence_s))

        self._on_sign = postpone
        try:
            yield
        finally:
            self._on_sign = None
            self.fell_silent = deadline.expired() and deadline.when() != latest_s

    def _tell(self, percent: int) -> None:
        if self._on_sign is not None:
            self._on_sign()
        if percent > self._percent:
            self._percent = percent
            if self._on_percent is not None:
                self._on_percent(percent)


def prusa_percent(line: bytes) -> int | None:
    """Percentage of a line such as `20 => Generating perimeters`."""
    if line.startswith(_PRUSA_MISLABELLED):
        return _PRUSA_INFILL_PERCENT
    if line.startswith(_PRUSA_DONE):
        return _DONE_PERCENT
    step = _PRUSA_STEP.match(line)
    return int(step[1]) if step else None


def orca_percent(line: bytes) -> int | None:
    """Percentage of a line such as `{"message":"Slicing mesh",...,"total_percent":7}`."""
    step = _ORCA_STEP.search(line)
    return int(step[1]) if step else None


@contextlib.contextmanager
def progress_pipe(path: Path, hear: Callable[[bytes], None]) -> Iterator[None]:
    """Makes a FIFO at `path` and listens to it.

    Must be entered before the slicer starts, which opens the FIFO only if it has a reader, and
    left when it has ended, or it would die of SIGPIPE.
    """
    os.mkfifo(path, 0o600)
    # Open for writing too: a FIFO whose last writer has gone reports its end without end.
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    loop = asyncio.get_running_loop()

    def read() -> None:
        with contextlib.suppress(BlockingIOError):
            hear(os.read(descriptor, _CHUNK_BYTES))

    loop.add_reader(descriptor, read)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        read()
        os.close(descriptor)
