"""The clean STL: what its bytes are, and how the service takes over what a child has written.

OrcaSlicer 2.3.1 takes a file as binary only if one of the bytes 134 to 261 is above 127, and reads
any other with a text parser that is not memory-safe. So every attribute is 0xFFFF, which no slicer
reads, and a file has at least the four triangles of the smallest solid. The header is constant, so
that the same part gives the same bytes (numpy-stl's own writer puts the date there), and does not
begin with "solid".

Cost: O(n) in bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

HEADER_BYTES = 80
COUNT_BYTES = 4
RECORD_BYTES = 50
ATTRIBUTE = 0xFFFF
MIN_TRIANGLES = 4
HEADER = b"binary STL written by pricing-fdm, millimetres".ljust(HEADER_BYTES)

_PREFIX_BYTES = HEADER_BYTES + COUNT_BYTES
_ENDS_BYTES = _PREFIX_BYTES + MIN_TRIANGLES * RECORD_BYTES


class NotClean(Exception):
    """It is not a file that our writers make."""


def most_bytes(max_triangles: int) -> int:
    """How long a clean STL can be of a model with so many triangles; a repair adds some."""
    return _PREFIX_BYTES + 2 * RECORD_BYTES * max_triangles


def require_clean_stl(head: bytes, tail: bytes, size: int) -> None:  # noqa: ARG001 - as its kind
    """Raises `NotClean` unless our writer writes files that begin like this."""
    count = int.from_bytes(head[HEADER_BYTES:_PREFIX_BYTES], "little")
    first_record = head[_PREFIX_BYTES : _PREFIX_BYTES + RECORD_BYTES]
    is_clean = (
        head.startswith(HEADER)
        and count >= MIN_TRIANGLES
        and size == _PREFIX_BYTES + RECORD_BYTES * count
        and first_record.endswith(ATTRIBUTE.to_bytes(2, "little"))
    )
    if not is_clean:
        raise NotClean(f"{size} bytes, {count} triangles")


def take(
    written: int,
    destination: Path,
    *,
    max_bytes: int,
    require_clean: Callable[[bytes, bytes, int], None] = require_clean_stl,
) -> None:
    """Copies what a child has written to a file that the child cannot reach.

    The child may still hold the file. So the copy is judged, and not what it was made from.

    Args:
        written: A descriptor of the child's file, which was ours before it was the child's.
        destination: Appears complete or not at all.
        max_bytes: A longer file is refused.
        require_clean: Is given how the copy begins and ends, and its size; raises `NotClean`.

    Raises:
        NotClean: It is not what our writer writes.
        OSError: The disk is full.
    """
    partial = destination.with_name(f"{destination.name}.partial")
    size = os.fstat(written).st_size
    try:
        if size > max_bytes:
            raise NotClean(f"{size} bytes")
        copy = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            _copy(written, copy, size)
            tail = os.pread(copy, _ENDS_BYTES, max(0, size - _ENDS_BYTES))
            require_clean(os.pread(copy, _ENDS_BYTES, 0), tail, size)
        finally:
            os.close(copy)
        partial.replace(destination)
    finally:
        partial.unlink(missing_ok=True)


def _copy(source: int, destination: int, size: int) -> None:
    done = 0
    while done < size:
        sent = os.sendfile(destination, source, done, size - done)
        if not sent:
            raise NotClean("it was cut short")
        done += sent
