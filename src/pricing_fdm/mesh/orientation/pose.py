"""The ways to lay a part down: for each side, the rotation and the heights that come of it.

Cost: O(n) in points for each side, of which there are some forty at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.orientation.candidates import rotation_to_bed
from pricing_fdm.mesh.triangles import CHUNK_TRIANGLES, Points, Reals
from pricing_fdm.model import Rotation

_ROW_POINTS = 64
_ROUNDING_MM = 0.001
"""Far more than float64 rounds a coordinate of a part by."""


@dataclass(frozen=True, slots=True)
class Posing:
    """A way to lay a part down.

    Attributes:
        rotation: From the part's axes to the printer's.
        lowest_mm: Along the printer's z, after the rotation.
        height_mm: Extent along the printer's z.
    """

    rotation: Rotation
    lowest_mm: float
    height_mm: float


def posings(points: Points, undersides: list[Reals]) -> Iterator[Posing]:
    """How the part lies with each of these sides down.

    Args:
        points: All points of the mesh; their heights are exact.
        undersides: Unit vectors in the part's axes.
    """
    downs = np.stack(undersides, axis=1)
    nearest, deepest = np.full(len(undersides), np.inf), np.full(len(undersides), -np.inf)
    points = outermost(points, downs)
    for start in range(0, len(points), CHUNK_TRIANGLES):
        depths = points[start : start + CHUNK_TRIANGLES] @ downs
        nearest = np.minimum(nearest, depths.min(axis=0))
        deepest = np.maximum(deepest, depths.max(axis=0))
    for down, near, deep in zip(undersides, nearest, deepest, strict=True):
        yield Posing(rotation_to_bed(down), -float(deep), float(deep - near))


def outermost(points: Points, directions: Reals) -> Points:
    """Those points of a large mesh that may be the first or the last along some direction.

    Neighbours in memory are neighbours in space: the boxes around rows of them tell which rows
    cannot hold the first or the last point. Of a million points a few thousand are left.

    Args:
        points: (n, 3).
        directions: (3, k), unit vectors.
    """
    if len(points) <= CHUNK_TRIANGLES:
        return points
    starts = np.arange(0, len(points), _ROW_POINTS)
    columns = [np.ascontiguousarray(points[:, axis]) for axis in range(3)]
    low, high = (
        np.stack([farthest.reduceat(column, starts) for column in columns], 1).astype(np.float64)
        for farthest in (np.minimum, np.maximum)
    )
    middle, half = (low + high) / 2, (high - low) / 2
    depth, reach = middle @ directions, half @ np.abs(directions) + _ROUNDING_MM
    seen = points[starts] @ directions  # one of each row: others can only lie farther out
    may_be_last = depth + reach >= seen.max(axis=0)
    may_be_first = depth - reach <= seen.min(axis=0)
    rows = np.flatnonzero((may_be_last | may_be_first).any(axis=1))
    chosen = (rows[:, np.newaxis] * _ROW_POINTS + np.arange(_ROW_POINTS)).ravel()
    return points.take(chosen[chosen < len(points)], axis=0)
