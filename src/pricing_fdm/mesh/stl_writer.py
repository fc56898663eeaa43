"""Writes the file that the slicer reads: a clean binary STL, made by us.

OrcaSlicer 2.3.1 takes a file as binary only if one of the bytes 134 to 261 is above 127, and reads
any other with a text parser that is not memory-safe. So every attribute is 0xFFFF, which no slicer
reads, and a file has at least the four triangles of the smallest solid. The header is constant, so
that the same part gives the same bytes (numpy-stl's own writer puts the date there), and does not
begin with "solid".

Cost: O(n) in triangles.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np

from pricing_fdm.mesh.readers.stl_binary import COUNT_BYTES, HEADER_BYTES, RECORD
from pricing_fdm.mesh.triangles import (
    COLUMN_TRIANGLES,
    Faces,
    Flags,
    Mesh,
    Points,
    Reals,
    area_columns,
    corner_columns,
    dot_columns,
)

HEADER = b"binary STL written by pricing-fdm, millimetres".ljust(HEADER_BYTES)
ATTRIBUTE = 0xFFFF
MIN_TRIANGLES = 4

_NO_NORMAL = ((0.0,), (0.0,), (1.0,))


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
    records = np.zeros(COLUMN_TRIANGLES, dtype=RECORD)
    records["attr"] = ATTRIBUTE
    count = 0
    for part, corners in corner_columns(points, faces):
        chunk = records[: corners.shape[2]]
        chunk["vectors"] = points.take(faces[part], axis=0)
        normals, collapsed = _unit_normals(corners)
        chunk["normals"] = normals.T
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
    normals = area_columns(corners)
    lengths = np.sqrt(dot_columns(normals, normals))
    collapsed: Flags = lengths == 0.0
    if collapsed.any():
        normals[:, collapsed] = _NO_NORMAL
        lengths[collapsed] = 1.0
        slivers = corners[:, :, collapsed]
        collapsed[collapsed] = (slivers == np.roll(slivers, 1, axis=1)).all(axis=0).any(axis=0)
    normals /= lengths
    return normals, collapsed
