"""Finds the convex hull of millions of points: the corners of a part's outline from above.

First the farthest point in each of some thousand sectors gives a rough hull. Then only the points
outside of it are added, usually very few. The hull itself is Andrew's monotone chain, in Python.

Cost: O(n log n) in points.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import CHUNK_TRIANGLES, Flags, Reals, slices

NEGLIGIBLE_MM = 1e-4
"""Points may lie so far outside of the outline; a tenth of the fit's tolerance."""

Rows: TypeAlias = npt.NDArray[np.intp]

_SECTORS = 4_096
_THINNER = 0.9


def hull_corners(points: Reals) -> Reals:
    """The corners of the convex hull of (n, 2), counter-clockwise from its leftmost one.

    Points that stand out by less than `NEGLIGIBLE_MM` do not count.
    """
    ends = points[[*points.argmin(axis=0), *points.argmax(axis=0)]]
    inside = ends.mean(axis=0)
    rough = hull_of(points[_farthest(points, inside)])
    return hull_of(np.concatenate([rough, points[_outside(points, rough, inside)]]))


def _farthest(points: Reals, inside: Reals) -> Rows:
    """The farthest point in each narrow sector around a point."""
    reach, rows = np.full(_SECTORS, -1.0), np.zeros(_SECTORS, dtype=np.intp)
    for part in slices(len(points)):
        x, y = (points[part] - inside).T
        sector = ((np.arctan2(y, x) / np.pi + 1) * (_SECTORS // 2)).astype(np.intp) % _SECTORS
        distance = np.hypot(x, y)
        np.maximum.at(reach, sector, distance)
        leads = np.flatnonzero(distance == reach[sector])
        rows[sector[leads]] = leads + part.start
    return rows[reach >= 0]


def _outside(points: Reals, corners: Reals, inside: Reals) -> Flags:
    """Which points lie outside of a hull, given a point inside of it."""
    x, y = (corners - inside).T
    angles = np.arctan2(y, x)
    first = int(angles.argmin())
    corners, angles = np.roll(corners, -first, axis=0), np.roll(angles, -first)
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.maximum(np.hypot(sides[:, 0], sides[:, 1]), NEGLIGIBLE_MM)
    away = np.stack([sides[:, 1], -sides[:, 0]]).T / lengths[:, np.newaxis]
    flags = []
    for part in slices(len(points)):
        x, y = (points[part] - inside).T
        side = np.searchsorted(angles, np.arctan2(y, x), side="right") - 1
        beyond = points[part] - corners[side]
        flags.append(np.einsum("ij,ij->i", beyond, away[side]) > NEGLIGIBLE_MM)
    return np.concatenate(flags)


def hull_of(points: Reals) -> Reals:
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
    """Drops most of the points, in order, that cannot be corners on this side of the hull.

    A point at which the way along its neighbours does not turn left lies inside. All such points
    are dropped at once, again and again while that drops many.
    """
    while len(ordered) > CHUNK_TRIANGLES:
        x, y = np.diff(ordered, axis=0).T
        corner = np.ones(len(ordered), dtype=np.bool_)
        corner[1:-1] = x[:-1] * y[1:] - y[:-1] * x[1:] > 0
        thinner = ordered[corner]
        if len(thinner) > _THINNER * len(ordered):
            break
        ordered = thinner
    return ordered
