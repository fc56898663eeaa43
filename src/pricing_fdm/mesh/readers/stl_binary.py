"""Reads binary STL: 80 bytes of header, a count, and 50 bytes for each triangle.

The count is not trusted. It is read as a Python integer (a 32-bit product wraps: 2147483649
triangles would need "50 bytes") and compared with the size of the file before anything is
allocated. The normals in the file are often wrong and are not read; they follow from the corners.

Some programs miscount by a few. Then the triangles in the file are taken if they form a closed
surface, which those of a truncated file do not. Several files joined into one are read as one
model; any other model behind the triangles is refused, and bytes of no meaning are told.

Cost: O(n) in triangles; that of `weld` and `edges` where the count is wrong.
"""

from __future__ import annotations

import os
from typing import BinaryIO

import numpy as np
from stl.mesh import Mesh as StlMesh

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.clean_stl import COUNT_BYTES, HEADER_BYTES
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.judgement import require_coordinates, require_count
from pricing_fdm.mesh.readers import obj, stl_ascii
from pricing_fdm.mesh.readers.threemf import reader as threemf
from pricing_fdm.mesh.readers.trailing import trailing
from pricing_fdm.mesh.triangles import Corners, Reading, slices
from pricing_fdm.mesh.weld import weld
from pricing_fdm.model import QuoteWarning

RECORD: np.dtype[np.void] = np.dtype(StlMesh.dtype)
"""One triangle on disk: normal, three corners, attribute; little-endian, 50 bytes."""

PREFIX_BYTES = HEADER_BYTES + COUNT_BYTES

MAX_JOINED = 1_000
"""Files in one; more would only cost time."""

MAX_MISCOUNT = 10
"""Triangles by which the count may be wrong; fewer than a box has, so no body can be missing."""

PIECE_BYTES = 4096
"""Of what stands behind the triangles."""

_STEP = b"ISO-10303-21"
_PRINTABLE_FROM = 0x20
_BLANKS = frozenset(b"\0\t\r\n")


def fits(head: bytes, size: int) -> bool:
    """Whether the file is exactly as long as its count says; the header does not matter."""
    return len(head) >= PREFIX_BYTES and size == PREFIX_BYTES + RECORD.itemsize * _count(head)


def resembles(head: bytes) -> bool:
    """Whether this may be a binary STL whose count and length disagree: its header is a text."""
    header = head[:HEADER_BYTES]
    return len(head) >= PREFIX_BYTES and all(
        byte >= _PRINTABLE_FROM or byte in _BLANKS for byte in header
    )


def read(file: BinaryIO, size: int, max_triangles: int) -> Reading:
    """Reads all triangles that the count promises.

    Raises:
        ModelInvalid: No triangles, too many, or another number than the file has room for.
    """
    if (joined := _joined(file, size)) and len(joined) > 1:
        require_count(sum(joined), max_triangles)
        return Reading(_all_corners(file, joined))
    file.seek(0)
    count = _count(file.read(PREFIX_BYTES))
    held, rest = divmod(size - PREFIX_BYTES, RECORD.itemsize)
    if rest == 0 and 0 < abs(count - held) <= MAX_MISCOUNT and held:
        return _miscounted(file, count, held, max_triangles)
    if count > held or (count < held and rest == 0):
        raise _contradiction(count, held)
    corners = _corners(file, count, max_triangles)
    surplus = size - PREFIX_BYTES - count * RECORD.itemsize
    if _is_model(file.read(PIECE_BYTES), surplus):
        raise ModelInvalid(
            "The STL holds another model behind its triangles. Send each as a file of its own."
        )
    return Reading(corners, (trailing(surplus),) if surplus else ())


def _joined(file: BinaryIO, size: int) -> list[int]:
    """The counts of files that stand one behind the other; empty if it is anything else."""
    counts: list[int] = []
    at = 0
    while at < size and len(counts) < MAX_JOINED:
        file.seek(at)
        counts.append(_count(file.read(PREFIX_BYTES)))
        at += PREFIX_BYTES + counts[-1] * RECORD.itemsize
        if not counts[-1] or at > size:
            return []
    return counts if at == size else []


def _all_corners(file: BinaryIO, counts: list[int]) -> Corners:
    file.seek(0)
    pieces = []
    for count in counts:
        file.seek(PREFIX_BYTES, os.SEEK_CUR)
        pieces.append(_corners(file, count, count))
    return np.concatenate(pieces)


def _is_model(head: bytes, size: int) -> bool:
    """Whether bytes behind the triangles begin like a model that we would read."""
    count = _count(head)
    is_binary = count > 0 and PREFIX_BYTES + count * RECORD.itemsize <= size
    readers = (stl_ascii.claims, threemf.claims, obj.claims)
    is_step = head.lstrip().startswith(_STEP)
    return is_binary or is_step or any(claims(head, size) for claims in readers)


def _corners(file: BinaryIO, count: int, max_triangles: int) -> Corners:
    require_count(count, max_triangles)
    corners = np.empty((count, 3, 3), dtype=np.float32)
    for part in (corners[some] for some in slices(count)):
        records = np.frombuffer(file.read(RECORD.itemsize * len(part)), dtype=RECORD)
        part[...] = records["vectors"]
    return corners


def _miscounted(file: BinaryIO, count: int, held: int, max_triangles: int) -> Reading:
    corners = _corners(file, held, max_triangles)
    require_coordinates(corners)
    if survey(weld(corners).faces).open:
        raise _contradiction(count, held)
    warning = QuoteWarning(
        "count_corrected",
        f"The STL's header promises {count:,} triangles, the file holds {held:,}. They form a "
        "closed surface, so all of them were taken.",
        {"stated_triangles": count, "triangles": held},
    )
    return Reading(corners, (warning,))


def _count(head: bytes) -> int:
    return int.from_bytes(head[HEADER_BYTES:PREFIX_BYTES], "little")


def _contradiction(count: int, held: int) -> ModelInvalid:
    if count > held:
        return ModelInvalid(
            f"The STL is truncated: the header promises {count:,} triangles, the file holds "
            f"{held:,}. Upload the whole file."
        )
    return ModelInvalid(
        f"The STL contradicts itself: the header promises {count:,} triangles, the file "
        f"holds {held:,}. Export the part again."
    )
