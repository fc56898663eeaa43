"""Reads a G-code of any size, from a file or out of a 3MF: its head and tail, or all of it.

The figures stand in the first or last few tens of kilobytes (OrcaSlicer's settings block is 17 kB
long, PrusaSlicer's 10 kB); the moves between fill up to hundreds of megabytes. Memory does not grow
with the part: head and tail are half a megabyte each, and a piece of the whole is a chunk and the
line it cut. Of head and tail only whole lines are kept: half a number would be a wrong number.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from pricing_fdm.gcode.archive import member_chunks
from pricing_fdm.gcode.faults import incomplete, unreadable

WINDOW_BYTES = 512 * 1024

MAX_LINE_BYTES = 1024 * 1024
"""Room for any line: the longest of a real file, a start G-code among the settings, has 22 kB."""

_CHUNK_BYTES = 128 * 1024


def head_and_tail(gcode: BinaryIO, member: str | None) -> tuple[str, ...]:
    """The text of a G-code: one piece when it is small, else its head and its tail.

    Args:
        gcode: The G-code, or the 3MF that holds it.
        member: Exact name of the G-code inside the 3MF; None when `gcode` is the G-code itself.

    Raises:
        ResultIncomplete: The file is damaged or cannot be read.
    """
    if member is None:
        head, tail, has_gap = _ends_of_file(gcode)
    else:
        head, tail, has_gap = _ends_of_stream(member_chunks(gcode, member))
    if not has_gap:
        return (_text(head + tail),)
    return _text(head.rpartition(b"\n")[0]), _text(tail.partition(b"\n")[2])


def gcode_chunks(gcode: BinaryIO, member: str | None) -> Iterator[bytes]:
    """Yields the bytes of a G-code; arguments and errors as of `head_and_tail`.

    An error may come after some chunks, so use none of them before the end.
    """
    return _file_chunks(gcode) if member is None else member_chunks(gcode, member)


def line_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    r"""Cuts chunks anew, so that each piece is whole lines and each line begins with `\n`.

    Raises:
        ResultIncomplete: A line is longer than `MAX_LINE_BYTES`; in a damaged file it may be all
            of it.
    """
    rest = b"\n"
    for chunk in chunks:
        data = rest + chunk
        cut = data.rfind(b"\n")
        if len(data) - cut > MAX_LINE_BYTES:
            raise incomplete("The slicer's result file is damaged", log_detail="endless line")
        yield data[:cut]
        rest = data[cut:]
    yield rest


def _ends_of_file(file: BinaryIO) -> tuple[bytes, bytes, bool]:
    """Head, tail, and whether something lies between; the moves are never read."""
    try:
        file.seek(0)
        head = file.read(WINDOW_BYTES)
        size_bytes = file.seek(0, os.SEEK_END)
        tail_start = max(WINDOW_BYTES, size_bytes - WINDOW_BYTES)
        file.seek(tail_start)
        return head, file.read(WINDOW_BYTES), tail_start > WINDOW_BYTES
    except OSError as error:
        raise unreadable(error) from error


def _ends_of_stream(chunks: Iterable[bytes]) -> tuple[bytes, bytes, bool]:
    """The same of bytes that can be read only once."""
    head, tail = bytearray(), bytearray()
    has_gap = False
    for chunk in chunks:
        room = WINDOW_BYTES - len(head)
        head += chunk[:room]
        tail += chunk[room:]
        if len(tail) > WINDOW_BYTES:
            has_gap = True
            del tail[:-WINDOW_BYTES]
    return bytes(head), bytes(tail), has_gap


def _file_chunks(file: BinaryIO) -> Iterator[bytes]:
    try:
        file.seek(0)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
    except OSError as error:
        raise unreadable(error) from error


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")
