"""How far OrcaSlicer is: it writes each step that it begins as JSON into a FIFO."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

_CHUNK_BYTES = 64 * 1024
_STEP = re.compile(rb'"total_percent":\s*(\d{1,3})\b')


def orca_percent(line: bytes) -> int | None:
    """Percentage of a line such as `{"message":"Slicing mesh",...,"total_percent":7}`."""
    step = _STEP.search(line)
    return int(step[1]) if step else None


@contextlib.contextmanager
def progress_pipe(path: Path, hear: Callable[[bytes], None]) -> Iterator[None]:
    """Makes a FIFO at `path` and hands on what is written to it.

    Enter it before the slicer starts, which opens the FIFO only if it has a reader. Leave it when
    the slicer has ended, which would otherwise die of SIGPIPE.
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
