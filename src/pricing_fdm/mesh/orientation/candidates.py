"""Which sides of a part may lie on the bed: its largest flat faces, and the six axis directions.

A part stands well only on what is flat. So the directions are those in which much of the surface
faces exactly, found by counting equal normals, the heaviest first. A round body has none, and
keeps to the axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

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
        normals: (k, 3), unit length, evenly spread over the surface.
    """
    chosen = [GIVEN]
    for down in [*_apart(_flat_faces(normals)), *_AXES]:
        if not _near(down, chosen, AXIS_DEGREES).any():
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
    cells = np.round(normals * _FINE).astype(np.int64) + (_FINE + 1)
    side = 2 * _FINE + 3
    keys = ((cells[:, 0] * side + cells[:, 1]) * side + cells[:, 2]).astype(np.uint64)
    keys, places = sorted_along(keys, np.arange(len(keys), dtype=np.int32), largest_key=side**3)
    starts = np.flatnonzero(begins(keys))
    counts = np.diff(starts, append=len(keys))
    heavy = np.flatnonzero(counts >= MIN_SHARE * len(normals))
    heavy = heavy[np.argsort(-counts[heavy], kind="stable")][: 4 * MAX_FACES]
    # The median is the flat face itself, even where a curved one runs into it.
    medians = [_median(normals[places[starts[each] :][: counts[each]]]) for each in heavy]
    return [_on_axis(median / np.linalg.norm(median)) for median in medians]


def _median(rows: Reals) -> Reals:
    """Column by column, as `numpy.median` has it, which takes ten times as long for a few rows."""
    ordered = np.sort(rows.T)
    middle = len(rows) // 2
    return (ordered[:, middle] + ordered[:, -1 - middle]) / 2


def _on_axis(face: Reals) -> Reals:
    """The axis that a face was meant to lie on, or the face's own direction."""
    near = np.flatnonzero(_near(face, _AXES, AXIS_DEGREES))
    return _AXES[near[0]] if len(near) else face


def _apart(faces: list[Reals]) -> list[Reals]:
    """Each direction that no heavier one is close to, as many as are asked for."""
    chosen: list[Reals] = []
    for face in faces:
        if len(chosen) < MAX_FACES and not (chosen and _near(face, chosen, SAME_DEGREES).any()):
            chosen.append(face)
    return chosen


def _near(one: Reals, others: Sequence[Reals], degrees: float) -> Flags:
    """Which directions lie within so few degrees of one."""
    away = np.asarray(others) - one
    near: Flags = np.einsum("ij,ij->i", away, away) <= math.radians(degrees) ** 2
    return near
