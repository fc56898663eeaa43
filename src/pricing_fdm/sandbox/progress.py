"""How far a running program is, and whether it still gets on: alive is told from hung.

A line of progress is the only sign of life: a program that is stuck in a loop burns CPU like one
that works. Silence counts from the first such line on, so that a program which never says anything
(a release that has changed its words) is judged by the hard limit alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator

_LONGEST_LINE = 1024  # OrcaSlicer's are at most 512 bytes long
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
