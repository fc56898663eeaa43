"""Finds the poses to try: with the largest flat faces down, and with the six axis directions down.

A part stands well only on flat faces. They are found by counting equal normals over the surface.
A round body has none, so only the axes are tried.

Cost: O(s log s) in samples of the surface, whose number is fixed, and O(n) in points for
each of at most forty sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.sorting import begins, sorted_along
from pricing_fdm.mesh.triangles import CHUNK_TRIANGLES, Flags, Points, Reals, slices
from pricing_fdm.model import UNTURNED, Rotation

MAX_FACES = 32
MIN_SHARE = 0.001
"""Least share of the surface that faces in a direction; four feet are often less than 1 %."""

SAME_DEGREES = 1.0
AXIS_DEGREES = 0.01
"""A face this close to an axis is taken as exactly on it; over 200 mm it is off by 0.03 mm."""

GIVEN: Reals = np.array([0.0, 0.0, -1.0])

_FINE = 500
_AXES: tuple[Reals, ...] = tuple(
    sign * axis for axis in np.eye(3)[[2, 0, 1]] for sign in (-1.0, 1.0)
)


def undersides(normals: Reals) -> list[Reals]:
    """Unit vectors, in the part's axes, that may point down; that of the given pose comes first.

    Args:
        normals: (3, k), unit length, evenly spread over the surface.
    """
    downs = [GIVEN, *_flat_faces(normals), *_AXES]
    return [downs[number] for number in _apart(np.array(downs), AXIS_DEGREES, len(downs))]


def rotation_to_bed(down: Reals) -> Rotation:
    """The shortest turn that brings a unit vector down; exact for the directions of the axes."""
    x, y, z = (float(value) for value in down)
    if z <= -1.0:
        return UNTURNED
    if z >= 1.0:
        return (1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0)
    share = 1.0 / (1.0 - z)
    # Adding 0.0 makes 0.0 of -0.0.
    return (
        (1.0 - x * x * share, 0.0 - x * y * share, x + 0.0),
        (0.0 - x * y * share, 1.0 - y * y * share, y + 0.0),
        (0.0 - x, 0.0 - y, 0.0 - z),
    )


def _flat_faces(normals: Reals) -> list[Reals]:
    """Directions in which enough of the surface faces, the heaviest first."""
    cells = np.round(normals * _FINE).astype(np.int64) + (_FINE + 1)
    side = 2 * _FINE + 3
    keys = ((cells[0] * side + cells[1]) * side + cells[2]).astype(np.uint64)
    keys, places = sorted_along(keys, np.arange(len(keys), dtype=np.int32), largest_key=side**3)
    starts = np.flatnonzero(begins(keys))
    counts = np.diff(starts, append=len(keys))
    heavy = np.flatnonzero(counts >= MIN_SHARE * len(keys))
    heavy = heavy[np.argsort(-counts[heavy], kind="stable")][: 4 * MAX_FACES]
    if not len(heavy):
        return []
    # The median is the flat face itself, even where a curved one runs into it.
    faces = np.array([_median(normals[:, places[starts[n] :][: counts[n]]]) for n in heavy])
    faces /= np.linalg.norm(faces, axis=1)[:, np.newaxis]
    of_face, axis = np.nonzero(_near(faces, np.array(_AXES), AXIS_DEGREES))
    faces[of_face] = np.array(_AXES)[axis]  # what it was meant to lie on
    return [faces[number] for number in _apart(faces, SAME_DEGREES, MAX_FACES)]


def _median(columns: Reals) -> Reals:
    """The median of each row; `numpy.median` takes ten times as long for a few numbers."""
    ordered = np.sort(columns)
    middle = columns.shape[1] // 2
    return (ordered[:, middle] + ordered[:, -1 - middle]) / 2


def _apart(directions: Reals, degrees: float, at_most: int) -> list[int]:
    """Numbers of the directions that are farther than that from all chosen before them."""
    near = _near(directions, directions, degrees)
    chosen: list[int] = []
    for number in range(len(directions)):
        if len(chosen) < at_most and not near[number, chosen].any():
            chosen.append(number)
    return chosen


def _near(some: Reals, others: Reals, degrees: float) -> Flags:
    """Which of some directions lie within so many degrees of which others."""
    away = some[:, np.newaxis] - others
    near: Flags = np.einsum("ijk,ijk->ij", away, away) <= math.radians(degrees) ** 2
    return near


_ROW_POINTS = 64
_ROUNDING_MM = 0.001
"""Far larger than any rounding of a coordinate in float64."""


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
    """The poses with each of these sides down.

    Args:
        points: All points of the mesh; their heights are exact.
        undersides: Unit vectors in the part's axes.
    """
    downs = np.stack(undersides, axis=1)
    nearest, deepest = np.full(len(undersides), np.inf), np.full(len(undersides), -np.inf)
    points = outermost(points, downs)
    for part in slices(len(points)):
        depths = points[part] @ downs
        nearest = np.minimum(nearest, depths.min(axis=0))
        deepest = np.maximum(deepest, depths.max(axis=0))
    for down, near, deep in zip(undersides, nearest, deepest, strict=True):
        yield Posing(rotation_to_bed(down), -float(deep), float(deep - near))


def outermost(points: Points, directions: Reals) -> Points:
    """The points of a large mesh that may be the first or the last along some direction.

    Neighbours in memory are neighbours in space. A box around each 64 of them shows whether they
    can hold the first or the last point. Of a million points a few thousand are left.

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
