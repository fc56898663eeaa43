"""Which sides of a part may lie on the bed: its largest flat faces, and the six axis directions.

A part stands well only on what is flat. So the directions are those in which much of the surface
faces exactly, found by counting equal normals, the heaviest first. A round body has none, and
keeps to the axes.
"""

from __future__ import annotations

import math

import numpy as np

from pricing_fdm.mesh.triangles import Reals
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
        normals: (k, 3), unit length, evenly spread over the surface.
    """
    chosen = [GIVEN]
    faces = [_on_axis(face) for face in _flat_faces(normals)]
    for down in [*_apart(faces)[:MAX_FACES], *_AXES]:
        if not any(_within(down, other, AXIS_DEGREES) for other in chosen):
            chosen.append(down)
    return chosen


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
    cells = np.round(normals * _FINE).astype(np.int64)
    side = 2 * _FINE + 3
    keys = (cells[:, 0] * side + cells[:, 1]) * side + cells[:, 2]
    _, group, counts = np.unique(keys, return_inverse=True, return_counts=True)
    heavy = np.flatnonzero(counts >= MIN_SHARE * len(normals))
    heavy = heavy[np.argsort(-counts[heavy], kind="stable")][: 4 * MAX_FACES]
    # The median is the flat face itself, even where a curved one runs into it.
    medians = [np.median(normals[group == each], axis=0) for each in heavy]
    return [median / np.linalg.norm(median) for median in medians]


def _on_axis(face: Reals) -> Reals:
    """The axis that a face was meant to lie on, or the face's own direction."""
    return next((axis for axis in _AXES if _within(face, axis, AXIS_DEGREES)), face)


def _apart(faces: list[Reals]) -> list[Reals]:
    """Each direction that no heavier one is close to."""
    chosen: list[Reals] = []
    for face in faces:
        if not any(_within(face, other, SAME_DEGREES) for other in chosen):
            chosen.append(face)
    return chosen


def _within(one: Reals, other: Reals, degrees: float) -> bool:
    return float(np.linalg.norm(one - other)) <= math.radians(degrees)
