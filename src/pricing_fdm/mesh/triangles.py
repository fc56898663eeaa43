"""The mesh in memory: a soup of corners as read, and points with the faces over them.

Coordinates are float32, as in an STL and as the slicer will see them. Sums are made in float64,
chunk by chunk, so that a large part needs little more memory than its own.

Cost: O(n) in triangles and points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from pricing_fdm.model import QuoteWarning, Unit

CHUNK_TRIANGLES = 32_768
COLUMN_TRIANGLES = 4_096

Corners: TypeAlias = npt.NDArray[np.float32]
"""A soup: (n, 3, 3), three corners of x, y, z in mm for each triangle."""

Points: TypeAlias = npt.NDArray[np.float32]
"""(m, 3), each point once."""

Faces: TypeAlias = npt.NDArray[np.int32]
"""(n, 3), indices of points; counter-clockwise seen from outside."""

Flags: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int32]
Reals: TypeAlias = npt.NDArray[np.float64]

AnyPoints = TypeVar("AnyPoints", npt.NDArray[np.float32], npt.NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class Reading:
    """A model file, read.

    Attributes:
        unit_known: The format states its unit, and the corners are in mm already.
        stated_unit: What the file says: by its format, or only in a remark.
    """

    corners: Corners
    warnings: tuple[QuoteWarning, ...] = ()
    unit_known: bool = False
    stated_unit: Unit | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Points and the faces over them; every point is a corner of some face."""

    points: Points
    faces: Faces


def slices(count: int, step: int = CHUNK_TRIANGLES) -> Iterator[slice]:
    """Cuts so many rows into pieces of `step`."""
    for start in range(0, count, step):
        yield slice(start, start + step)


def select(mesh: Mesh, keep: Flags) -> Mesh:
    """The faces marked in `keep`, in their order, and the points that they use."""
    return Mesh(*without_unused(mesh.points, mesh.faces[keep]))


def without_unused(points: AnyPoints, faces: Faces) -> tuple[AnyPoints, Faces]:
    """The points that faces use, in their order, and the faces over them."""
    used = np.zeros(len(points), dtype=np.bool_)
    used[faces] = True
    if used.all():
        return points, faces
    renumbered = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return points[used], renumbered[faces]


def corner_columns(points: npt.NDArray[np.floating], faces: Faces) -> Iterator[tuple[slice, Reals]]:
    """Yields the corners of some faces at a time in float64, with the slice of these faces.

    Corners are (3, 3, k): axis, corner, face. Columns in pieces that fit a core's own cache are
    summed in a third of the time that rows take.
    """
    columns = np.ascontiguousarray(points.T)
    for part in slices(len(faces), COLUMN_TRIANGLES):
        rows = faces[part].T.astype(np.intp)
        yield part, columns.take(rows, axis=1).astype(np.float64, copy=False)


def area_columns(corners: Reals) -> Reals:
    """Outward normals of faces, each twice as long as the face's area, (3, k).

    Args:
        corners: (3, 3, k), as `corner_columns` gives them.
    """
    first = corners[:, 0]
    return cross((corners[:, 1] - first).T, (corners[:, 2] - first).T).T


def dot_columns(first: Reals, second: Reals) -> Reals:
    """Scalar products of (3, k) arrays."""
    product: Reals = first[0] * second[0]
    product += first[1] * second[1]
    product += first[2] * second[2]
    return product


def cross(first: Reals, second: Reals) -> Reals:
    """Cross products of (k, 3) arrays; several times as fast as `numpy.cross`."""
    product = np.empty_like(first)
    for axis in range(3):
        following, last = (axis + 1) % 3, (axis + 2) % 3
        product[:, axis] = first[:, following] * second[:, last]
        product[:, axis] -= first[:, last] * second[:, following]
    return product
