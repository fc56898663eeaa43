"""How far a running program is, and whether it hangs.

Lines of progress are the only sign of life: a program that is stuck in a loop uses CPU like one
that works. Silence counts from the first such line on. So a program that never prints one (a
release with other texts) has only the hard limit.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator

_LONGEST_LINE = 1024  # OrcaSlicer's are at most 512 bytes long
_DONE_PERCENT = 100


class Progress:
    """The progress of one run.

    Args:
        percent_of: Reads the percentage from a line; None when it holds none.
        on_percent: Called each time the percentage has risen.
        in_stdout: Whether the program prints these lines to stdout.

    Attributes:
        fell_silent: The deadline passed early because no further line came.
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

    def feed(self, chunk: bytes) -> None:
        """Reads the next bytes; they may end within a line."""
        *lines, unfinished = (self._unfinished + chunk).split(b"\n")
        self._unfinished = unfinished[-_LONGEST_LINE:]
        for line in lines:
            percent = self._percent_of(line)
            if percent is not None:
                self._report(min(percent, _DONE_PERCENT))

    def feed_stdout(self, chunk: bytes) -> None:
        """Reads the next bytes that the program has printed to stdout."""
        if self._in_stdout:
            self.feed(chunk)

    @contextlib.contextmanager
    def ending(self, deadline: asyncio.Timeout, silence_s: float) -> Iterator[None]:
        """Inside this context, `deadline` passes early when no line came for `silence_s`.

        It never passes later than originally set.
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

    def _report(self, percent: int) -> None:
        if self._on_sign is not None:
            self._on_sign()
        if percent > self._percent:
            self._percent = percent
            if self._on_percent is not None:
                self._on_percent(percent)
