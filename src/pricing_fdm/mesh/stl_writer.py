"""Writes the file that the slicer reads: a clean binary STL, made by us; see `clean_stl`.

Cost: O(n) in triangles.
"""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from pricing_fdm.mesh.clean_stl import (
    ATTRIBUTE,
    COUNT_BYTES,
    HEADER,
    HEADER_BYTES,
    MIN_TRIANGLES,
)
from pricing_fdm.mesh.readers.stl_binary import RECORD
from pricing_fdm.mesh.triangles import (
    COLUMN_TRIANGLES,
    Flags,
    Mesh,
    Reals,
    area_columns,
    corner_columns,
    dot_columns,
)

_NO_NORMAL = ((0.0,), (0.0,), (1.0,))


def write_stl(mesh: Mesh, file: BinaryIO, move_mm: tuple[float, float, float]) -> int:
    """Writes the moved mesh into an empty file.

    Triangles keep their order. One with fewer than three different corners after rounding to
    float32 is left out. One whose corners lie on a line stays, since the mesh would be open
    without it, and gets a vertical normal. The count is written last, so that a file that was not
    finished is no STL.

    Returns:
        How many triangles were written.

    Raises:
        ValueError: Fewer than `MIN_TRIANGLES`.
        OSError: The file cannot be written.
    """
    placed = (mesh.points + np.asarray(move_mm, dtype=np.float64)).astype(np.float32)
    file.write(HEADER + bytes(COUNT_BYTES))
    records = np.zeros(COLUMN_TRIANGLES, dtype=RECORD)
    records["attr"] = ATTRIBUTE
    count = 0
    for part, corners in corner_columns(placed, mesh.faces):
        chunk = records[: corners.shape[2]]
        chunk["vectors"] = placed.take(mesh.faces[part], axis=0)
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
