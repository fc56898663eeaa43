"""Which sides of a part may lie on the bed: its largest flat faces, and the six axis directions.

A part stands well only on what is flat. So the directions are those in which much of the surface
faces exactly, found by counting equal normals, the heaviest first. A round body has none, and
keeps to the axes.

Cost: O(s log s) in samples of the surface, whose number is fixed.
"""

from __future__ import annotations

import math

import numpy as np

from pricing_fdm.mesh.sorting import begins, sorted_along
from pricing_fdm.mesh.triangles import Flags, Reals
from pricing_fdm.model import UNTURNED, Rotation

MAX_FACES = 32
MIN_SHARE = 0.001
"""Of the surface that must face in a direction; four feet are often less than a hundredth."""

SAME_DEGREES = 1.0
AXIS_DEGREES = 0.01
"""A face so close to an axis was meant to lie on it; over 200 mm it is off by 0.03 mm."""

GIVEN: Reals = np.array([0.0, 0.0, -1.0])

_FINE = 500
_AXES: tuple[Reals, ...] = tuple(
    sign * axis for axis in np.eye(3)[[2, 0, 1]] for sign in (-1.0, 1.0)
)


def undersides(normals: Reals) -> list[Reals]:
    """Unit vectors, in the part's axes, that may point down; the given pose's is the first.

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
    """Of each row, as `numpy.median` has it, which takes ten times as long for a few numbers."""
    ordered = np.sort(columns)
    middle = columns.shape[1] // 2
    return (ordered[:, middle] + ordered[:, -1 - middle]) / 2


def _apart(directions: Reals, degrees: float, at_most: int) -> list[int]:
    """Numbers of the directions that no earlier one is so close to, as many as are asked for."""
    near = _near(directions, directions, degrees)
    chosen: list[int] = []
    for number in range(len(directions)):
        if len(chosen) < at_most and not near[number, chosen].any():
            chosen.append(number)
    return chosen


def _near(some: Reals, others: Reals, degrees: float) -> Flags:
    """Which of some directions lie within so few degrees of which others."""
    away = some[:, np.newaxis] - others
    near: Flags = np.einsum("ijk,ijk->ij", away, away) <= math.radians(degrees) ** 2
    return near
