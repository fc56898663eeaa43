"""The corners of a part's outline from above, found among millions of points.

In each of some thousand sectors the farthest point is taken, and what lies outside of the hull of
these; mostly that is hardly anything. The hull itself is Andrew's monotone chain, in Python.

Cost: O(n log n) in points.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import Flags, Reals

CHUNK_POINTS = 32_768
NEGLIGIBLE_MM = 1e-4
"""How far outside the outline a point may lie; a tenth of the fit's tolerance."""

Rows: TypeAlias = npt.NDArray[np.intp]

_SECTORS = 4_096
_THINNER = 0.9


def hull_corners(points: Reals) -> Reals:
    """The corners of the convex hull of (n, 2), counter-clockwise from its leftmost one.

    What stands out by less than `NEGLIGIBLE_MM` is none.
    """
    ends = points[[*points.argmin(axis=0), *points.argmax(axis=0)]]
    inside = ends.mean(axis=0)
    rough = _hull(points[_farthest(points, inside)])
    return _hull(np.concatenate([rough, points[_outside(points, rough, inside)]]))


def _farthest(points: Reals, inside: Reals) -> Rows:
    """In each narrow sector around a point, the one that is farthest from it."""
    reach, rows = np.full(_SECTORS, -1.0), np.zeros(_SECTORS, dtype=np.intp)
    for part in _chunks(points):
        x, y = (points[part] - inside).T
        sector = ((np.arctan2(y, x) / np.pi + 1) * (_SECTORS // 2)).astype(np.intp) % _SECTORS
        distance = np.hypot(x, y)
        np.maximum.at(reach, sector, distance)
        leads = np.flatnonzero(distance == reach[sector])
        rows[sector[leads]] = leads + part.start
    return rows[reach >= 0]


def _outside(points: Reals, corners: Reals, inside: Reals) -> Flags:
    """The points beyond the side of a hull that they see, looking away from a point inside."""
    x, y = (corners - inside).T
    angles = np.arctan2(y, x)
    first = int(angles.argmin())
    corners, angles = np.roll(corners, -first, axis=0), np.roll(angles, -first)
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.maximum(np.hypot(sides[:, 0], sides[:, 1]), NEGLIGIBLE_MM)
    away = np.stack([sides[:, 1], -sides[:, 0]]).T / lengths[:, np.newaxis]
    flags = []
    for part in _chunks(points):
        x, y = (points[part] - inside).T
        side = np.searchsorted(angles, np.arctan2(y, x), side="right") - 1
        beyond = points[part] - corners[side]
        flags.append(np.einsum("ij,ij->i", beyond, away[side]) > NEGLIGIBLE_MM)
    return np.concatenate(flags)


def _hull(points: Reals) -> Reals:
    """The convex hull by Andrew's monotone chain, counter-clockwise from its leftmost corner."""
    points = points[np.lexsort((points[:, 1], points[:, 0]))]
    fresh = np.ones(len(points), dtype=np.bool_)
    fresh[1:] = (points[1:] != points[:-1]).any(axis=1)
    ordered = points[fresh]
    lower, upper = _chain(_thinned(ordered)), _chain(_thinned(ordered[::-1]))
    return np.array([*lower[:-1], *upper[:-1]] or ordered, dtype=np.float64)


def _chain(ordered: Reals) -> list[list[float]]:
    """One half of the hull of points in order, from the first to the last."""
    chain: list[list[float]] = []
    for x, y in ordered.tolist():
        while len(chain) > 1:
            (ax, ay), (bx, by) = chain[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            chain.pop()
        chain.append([x, y])
    return chain


def _thinned(ordered: Reals) -> Reals:
    """Many points in order, without most of those that no hull has on this side.

    A point at which the way from its neighbour to its neighbour does not turn left lies on the
    inner side of these two. All such points go at once, as long as that takes away many.
    """
    while len(ordered) > CHUNK_POINTS:
        x, y = np.diff(ordered, axis=0).T
        corner = np.ones(len(ordered), dtype=np.bool_)
        corner[1:-1] = x[:-1] * y[1:] - y[:-1] * x[1:] > 0
        thinner = ordered[corner]
        if len(thinner) > _THINNER * len(ordered):
            break
        ordered = thinner
    return ordered


def _chunks(points: Reals) -> Iterator[slice]:
    for start in range(0, len(points), CHUNK_POINTS):
        yield slice(start, start + CHUNK_POINTS)
