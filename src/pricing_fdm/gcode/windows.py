"""Reads the head and the tail of a G-code, never the whole.

The figures stand in the first or last few tens of kilobytes (OrcaSlicer's settings block is 17 kB
long, PrusaSlicer's 10 kB), while the moves between fill up to hundreds of megabytes. Each window is
half a megabyte, so memory does not follow the size of the part. Lines cut by a window's edge are
dropped: half a number would be a wrong number.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pricing_fdm.gcode.faults import incomplete

WINDOW_BYTES = 512 * 1024


def file_windows(path: Path) -> tuple[str, ...]:
    """Text of a file: one piece when it is small, else its head and its tail.

    Raises:
        ResultIncomplete: The file is missing or cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(WINDOW_BYTES)
            size_bytes = file.seek(0, os.SEEK_END)
            tail_start = max(WINDOW_BYTES, size_bytes - WINDOW_BYTES)
            file.seek(tail_start)
            tail = file.read(WINDOW_BYTES)
    except OSError as error:
        raise incomplete("The slicer left no readable G-code", log_detail=str(error)) from error
    return _whole_lines(head, tail, has_gap=tail_start > WINDOW_BYTES)


def stream_windows(chunks: Iterable[bytes]) -> tuple[str, ...]:
    """The same for bytes that can be read only once; holds two windows and one chunk."""
    head, tail = bytearray(), bytearray()
    has_gap = False
    for chunk in chunks:
        room = WINDOW_BYTES - len(head)
        head += chunk[:room]
        tail += chunk[room:]
        if len(tail) > WINDOW_BYTES:
            has_gap = True
            del tail[:-WINDOW_BYTES]
    return _whole_lines(bytes(head), bytes(tail), has_gap=has_gap)


def _whole_lines(head: bytes, tail: bytes, *, has_gap: bool) -> tuple[str, ...]:
    if not has_gap:
        return (_text(head + tail),)
    return (_text(head.rpartition(b"\n")[0]), _text(tail.partition(b"\n")[2]))


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")
