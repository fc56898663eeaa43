"""Cuts all triangles by a family of parallel planes at once.

A corner on a plane counts as above it, so a triangle is cut in one segment or not at all.

Cost: O(n + s) in triangles and segments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import Ints, Reals

Indices: TypeAlias = npt.NDArray[np.intp]
Singles: TypeAlias = npt.NDArray[np.float32]


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
    """Segments in which planes cut triangles, with the material to the left.

    Attributes:
        plane: Number of the plane of each segment.
        face: Number of the triangle.
        starts: (2, s), the other two coordinates where the segment starts.
        ends: See `starts`.
        start_edge: (2, s), the points of the triangle's edge that the segment starts on.
        end_edge: See `start_edge`.
    """

    plane: Indices
    face: Indices
    starts: Singles
    ends: Singles
    start_edge: Ints
    end_edge: Ints


def cut(points: Singles, corners: Ints, axis: int, planes: Axis) -> Cuts:
    """Cuts triangles by planes.

    Args:
        points: (3, m).
        corners: (3, n), counter-clockwise seen from outside.
        axis: What the planes are perpendicular to.
        planes: Where they are.
    """
    # How many planes each point lies on or above.
    passed = np.floor((points[axis] - planes.start) / planes.step) + 1
    rank = np.clip(passed, 0, planes.count).astype(np.int32)
    first, second, third = (rank.take(each) for each in corners)
    lowest = np.minimum(np.minimum(first, second), third)
    counts = np.maximum(np.maximum(first, second), third) - lowest
    face = np.repeat(np.arange(len(counts)), counts)
    plane = np.arange(len(face)) - np.repeat(np.cumsum(counts) - counts - lowest, counts)

    a, b, c = (each.take(face) for each in corners)
    above = [each.take(face) > plane for each in (first, second, third)]
    # One corner is alone on its side; both edges that are cut meet in it.
    third_alone, first_alone = above[0] == above[1], above[1] == above[2]
    alone = np.where(third_alone, c, np.where(first_alone, a, b))
    following = np.where(third_alone, a, np.where(first_alone, b, c))
    before = np.where(third_alone, b, np.where(first_alone, c, a))
    # Seen from outside the surface falls where its segment starts and rises where it ends.
    is_up = np.where(third_alone, above[2], np.where(first_alone, above[0], above[1]))
    start, end = np.where(is_up, following, before), np.where(is_up, before, following)
    at = (planes.start + np.arange(planes.count) * planes.step).astype(np.float32).take(plane)
    return Cuts(
        plane=plane,
        face=face,
        starts=_crossing(points, axis, alone, start, at),
        ends=_crossing(points, axis, alone, end, at),
        start_edge=np.stack([alone, start]),
        end_edge=np.stack([alone, end]),
    )


def _crossing(points: Singles, axis: int, one: Ints, other: Ints, at: Singles) -> Singles:
    """Where edges pass a plane; from either side of an edge the very same numbers."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    along = points[axis]
    low_at = along.take(low)
    share = (at - low_at) / (along.take(high) - low_at)
    result = np.empty((2, len(at)), dtype=np.float32)
    for row, each in enumerate(points[which] for which in range(3) if which != axis):
        from_ = each.take(low)
        result[row] = from_ + (each.take(high) - from_) * share
    return result
