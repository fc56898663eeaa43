"""Cuts all triangles by a family of parallel planes at once.

A corner on a plane counts as above it, so a triangle is cut in one segment or not at all.

Cost: O(n + s) in triangles and segments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import Faces, Ints, Reals

Indices: TypeAlias = npt.NDArray[np.intp]
Keys: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Axis:
    """Positions at even distances: planes, or the middles of cells."""

    start: float
    step: float
    count: int

    def from_(self, at: Reals) -> Ints:
        """The number of the first position at or beyond each place."""
        cells = np.ceil((at - self.start) / self.step)
        return np.clip(cells, 0, self.count).astype(np.int32)

    def nearest(self, at: Reals) -> Indices:
        """The cell that each place lies in; the first or the last one beyond the ends."""
        cells = np.floor((at - self.start) / self.step + 0.5)
        return np.clip(cells, 0, self.count - 1).astype(np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Cuts:
    """Segments in which planes cut triangles.

    Attributes:
        plane: Number of the plane of each segment.
        face: Number of the triangle.
        first: (2, s), the other two coordinates where the plane crosses the edge between the
            triangle's lowest and highest corner.
        second: The same on one of its other edges.
        first_edge: A number of the edge that `first` lies on, the same for both its triangles.
        second_edge: See `first_edge`.
    """

    plane: Indices
    face: Indices
    first: Reals
    second: Reals
    first_edge: Keys
    second_edge: Keys


def cut(points: Reals, faces: Faces, axis: int, planes: Axis) -> Cuts:
    """Cuts triangles by planes.

    Args:
        points: (3, m).
        faces: (n, 3).
        axis: What the planes are perpendicular to.
        planes: Where they are.
    """
    along = points[axis]
    # How many planes each point lies on or above.
    passed = np.floor((along - planes.start) / planes.step) + 1
    rank = np.clip(passed, 0, planes.count).astype(np.int32)
    ranks = rank[faces]
    face = np.flatnonzero(ranks.max(axis=1) > ranks.min(axis=1))
    corners, ranks = faces[face], ranks[face]
    order = np.argsort(ranks, axis=1)
    corners = np.take_along_axis(corners, order, axis=1)
    ranks = np.take_along_axis(ranks, order, axis=1)

    counts = ranks[:, 2] - ranks[:, 0]
    row = np.repeat(np.arange(len(face)), counts)
    plane = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts - ranks[:, 0], counts)
    lowest, middle, highest = corners[row].T
    under = plane < ranks[row, 1]
    low, high = np.where(under, lowest, middle), np.where(under, middle, highest)
    at = planes.start + plane * planes.step
    return Cuts(
        plane=plane,
        face=face[row],
        first=_crossing(points, axis, lowest, highest, at),
        second=_crossing(points, axis, low, high, at),
        first_edge=_number(points, lowest, highest),
        second_edge=_number(points, low, high),
    )


def _number(points: Reals, low: Ints, high: Ints) -> Keys:
    many = np.int64(points.shape[1])
    return np.minimum(low, high) * many + np.maximum(low, high)


def _crossing(points: Reals, axis: int, low: Ints, high: Ints, at: Reals) -> Reals:
    along = points[axis]
    low_at = along[low]
    share = (at - low_at) / (along[high] - low_at)
    others = [points[each] for each in range(3) if each != axis]
    result: Reals = np.stack([one[low] + (one[high] - one[low]) * share for one in others])
    return result
