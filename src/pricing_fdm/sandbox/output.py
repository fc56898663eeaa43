"""Keeps the end of what a running program prints.

A slicer may print without end, and a full pipe would block it. So the event loop empties its pipes
all the time, and only the end is kept: 500 MB of output take no memory.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import IO

_CHUNK_BYTES = 64 * 1024


class OutputTail:
    """Reads a pipe while the loop runs and keeps the end.

    Args:
        keep_bytes: How much of the end is kept.
        listener: Called with each chunk as it arrives.
    """

    def __init__(
        self, pipe: IO[bytes], keep_bytes: int, listener: Callable[[bytes], None] = lambda _: None
    ) -> None:
        self._listener = listener
        self._pipe = pipe
        self._keep_bytes = keep_bytes
        self._tail = bytearray()
        os.set_blocking(pipe.fileno(), False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(pipe.fileno(), self._read)

    def close(self) -> str:
        """Reads what is left in the pipe, closes our end and returns the tail as text.

        It reads once only, so a process that escaped and still writes cannot hold it up.
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
        if not chunk:  # end of file: otherwise the loop would call for ever
            self._loop.remove_reader(self._pipe.fileno())
        self._listener(chunk)
        self._tail += chunk
        del self._tail[: -self._keep_bytes]
