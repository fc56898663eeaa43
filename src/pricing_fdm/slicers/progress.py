"""How the two slicers say how far they are.

Both say each step that they begin, with a percentage: PrusaSlicer on stdout, OrcaSlicer as JSON
into a FIFO.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

_CHUNK_BYTES = 64 * 1024

_PRUSA_STEP = re.compile(rb"\s*(\d{1,3}) => ")
_PRUSA_DONE = b"Slicing result exported"
# 2.5.0 says this with 70 before the infill is even prepared, for which it says 30.
_PRUSA_MISLABELLED = b"70 => Infilling layers"
_PRUSA_INFILL_PERCENT = 25
_ORCA_STEP = re.compile(rb'"total_percent":\s*(\d{1,3})\b')
_DONE_PERCENT = 100


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
