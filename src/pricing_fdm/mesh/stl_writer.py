"""Writes the one file that a slicer gets to see: a clean binary STL, made by us.

OrcaSlicer 2.3.1 takes a file for binary only if one of the bytes 134 to 261 is above 127, and
reads anything else with a text parser that is not memory-safe. So every attribute is 0xFFFF,
which no slicer reads, and a file has at least the four triangles of the smallest solid. The
header is constant and does not begin with "solid"; numpy-stl's own writer would put the date
there, and the same part must give the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np

from pricing_fdm.mesh.readers.stl_binary import COUNT_BYTES, HEADER_BYTES, RECORD
from pricing_fdm.mesh.triangles import (
    CHUNK_TRIANGLES,
    Faces,
    Flags,
    Mesh,
    Points,
    Reals,
    corner_chunks,
    cross,
)

HEADER = b"binary STL written by pricing-fdm, millimetres".ljust(HEADER_BYTES)
ATTRIBUTE = 0xFFFF
MIN_TRIANGLES = 4

_NO_NORMAL = (0.0, 0.0, 1.0)


def write_stl(mesh: Mesh, destination: Path, move_mm: tuple[float, float, float]) -> int:
    """Writes the moved mesh, complete or not at all.

    Triangles keep their order. One with fewer than three different corners after rounding to
    float32 is left out. One whose corners lie on a line stays, since the mesh would be open
    without it, and gets a vertical normal.

    Returns:
        How many triangles were written.

    Raises:
        ValueError: Fewer than `MIN_TRIANGLES`.
        OSError: The file cannot be written.
    """
    placed = (mesh.points + np.asarray(move_mm, dtype=np.float64)).astype(np.float32)
    partial = destination.with_name(f"{destination.name}.partial")
    try:
        with partial.open("wb") as file:
            count = _write(file, placed, mesh.faces)
        partial.replace(destination)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _write(file: BinaryIO, points: Points, faces: Faces) -> int:
    file.write(HEADER + bytes(COUNT_BYTES))
    records = np.zeros(CHUNK_TRIANGLES, dtype=RECORD)
    records["attr"] = ATTRIBUTE
    count = 0
    for _, corners in corner_chunks(points, faces):
        chunk = records[: len(corners)]
        chunk["vectors"] = corners
        chunk["normals"], collapsed = _unit_normals(corners)
        if collapsed.any():
            chunk = chunk[~collapsed]
        file.write(chunk.data)
        count += len(chunk)
    if count < MIN_TRIANGLES:
        raise ValueError(f"{count} triangles are no solid")
    file.seek(HEADER_BYTES)
    file.write(count.to_bytes(COUNT_BYTES, "little"))
    return count


def _unit_normals(corners: Reals) -> tuple[Reals, Flags]:
    """Normals by the right-hand rule, and which triangles have fewer than three corners."""
    first, second, third = corners[:, 0], corners[:, 1], corners[:, 2]
    normals = cross(second - first, third - first)
    lengths = np.sqrt(np.einsum("ij,ij->i", normals, normals))
    flat = lengths == 0.0
    normals[flat] = _NO_NORMAL
    lengths[flat] = 1.0
    normals /= lengths[:, np.newaxis]
    slivers = corners[flat]
    collapsed = flat
    collapsed[flat] = (slivers == np.roll(slivers, 1, axis=1)).all(axis=2).any(axis=1)
    return normals, collapsed
