"""Keeps the last words of a running program.

A slicer may print without end, and a full pipe would block it. So its pipes are emptied as they
fill, by the event loop, and all but the end is forgotten: 500 MB of chatter cost no memory.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import IO

_CHUNK_BYTES = 64 * 1024


class OutputTail:
    """Reads a pipe while the loop runs and remembers its end.

    Args:
        keep_bytes: How much of the end is remembered.
        hear: Is told all of it, as it comes.
    """

    def __init__(
        self, pipe: IO[bytes], keep_bytes: int, hear: Callable[[bytes], None] = lambda _: None
    ) -> None:
        self._hear = hear
        self._pipe = pipe
        self._keep_bytes = keep_bytes
        self._tail = bytearray()
        os.set_blocking(pipe.fileno(), False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(pipe.fileno(), self._read)

    def close(self) -> str:
        """Takes what still stands in the pipe, closes our end and returns the tail as text.

        Bounded also when a process that escaped the group still writes: one pipe's worth is read.
        """
        self._read()
        self._loop.remove_reader(self._pipe.fileno())
        self._pipe.close()
        return self._tail.decode("utf-8", errors="replace")

    def _read(self) -> None:
        try:
            chunk = os.read(self._pipe.fileno(), _CHUNK_BYTES)
        except BlockingIOError:
            return
        if not chunk:  # end of file: the loop would call again for ever
            self._loop.remove_reader(self._pipe.fileno())
        self._hear(chunk)
        self._tail += chunk
        del self._tail[: -self._keep_bytes]
