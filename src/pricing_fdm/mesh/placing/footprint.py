"""The part seen from above: its outline, and how to turn it about the vertical on the bed.

While no side of the outline runs along an axis, the same two corners span each extent, so that the
extent is an arc of a cosine: concave, and the room left beside it convex. The turn that leaves the
most room is therefore one of a few: one at which some side runs along an axis, or one at which
both axes have the same room left. All of them are tried, so no turn that fits is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import Flags, Reals

CHUNK_POINTS = 32_768
NEGLIGIBLE_MM = 1e-4
"""How far outside the outline a point may lie; a tenth of the fit's tolerance."""

Rows: TypeAlias = npt.NDArray[np.intp]

_QUARTER = np.pi / 2
_SECTORS = 4_096
_DIGITS = 6
"""Degrees and room are compared to a millionth, so that the same part turns alike everywhere."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn about the vertical, and the extents that the part has then.

    Attributes:
        degrees: Counter-clockwise seen from above, above -90 and up to 90.
    """

    degrees: float
    x_mm: float
    y_mm: float


def roomiest_turn(points: Reals, x_mm: float, y_mm: float) -> Turn:
    """The turn that leaves the most room on a bed, whether or not the part fits.

    Room is the smaller of what is left along x and along y; less than none where it stands over.
    Of equal turns the smallest is taken.

    Args:
        points: (n, 2), at least one, in mm.
        x_mm: Width of the bed.
        y_mm: Depth of the bed.
    """
    outline = _Outline(_corners(points))
    degrees = np.round(np.degrees(outline.candidates(x_mm - y_mm)), _DIGITS)
    degrees = np.round(90.0 - (90.0 - degrees) % 180.0, _DIGITS)
    xs, ys = outline.extents(np.radians(degrees))
    room = np.round(np.minimum(x_mm - xs, y_mm - ys), _DIGITS)
    best = np.lexsort((-degrees, np.abs(degrees), -room))[0]
    return Turn(float(degrees[best]), float(xs[best]), float(ys[best]))


class _Outline:
    """A convex polygon, counter-clockwise from its leftmost corner."""

    def __init__(self, corners: Reals) -> None:
        sides = np.roll(corners, -1, axis=0) - corners
        headings = np.arctan2(sides[:, 1], sides[:, 0])
        self._corners = corners
        self._headings = np.where(headings <= -_QUARTER, headings + 4 * _QUARTER, headings)

    def candidates(self, surplus_mm: float) -> Reals:
        """Turns, in radians, of which one leaves the most room.

        Args:
            surplus_mm: How much wider the bed is than deep.
        """
        along = np.unique(np.concatenate([-self._headings, _QUARTER - self._headings]) % np.pi)
        # Between neighbours: (cx, sx) . (cos, sin) is the extent along x, (cy, sy) that along y.
        middles = (along + np.append(along[1:], along[0] + np.pi)) / 2
        wide, deep = self._spans(middles)
        cosine, sine = wide[:, 0] - deep[:, 1], -wide[:, 1] - deep[:, 0]
        swing = np.hypot(cosine, sine)
        meets = swing > abs(surplus_mm)
        centre = np.arctan2(sine[meets], cosine[meets])
        spread = np.arccos(surplus_mm / swing[meets])
        return np.concatenate([along, centre - spread, centre + spread])

    def extents(self, turns: Reals) -> tuple[Reals, Reals]:
        """The extents along x and y after each turn, in radians."""
        wide, deep = self._spans(turns)
        cosines, sines = np.cos(turns), np.sin(turns)
        return (
            wide[:, 0] * cosines - wide[:, 1] * sines,
            deep[:, 0] * sines + deep[:, 1] * cosines,
        )

    def _spans(self, turns: Reals) -> tuple[Reals, Reals]:
        """From the corner that is lowest after each turn to the highest, along x and along y."""
        right, back, left, front = (
            self._corners[self._first_heading(quarters * _QUARTER - turns)]
            for quarters in range(1, 5)
        )
        return right - left, back - front

    def _first_heading(self, headings: Reals) -> Rows:
        """The corner where the outline turns past each heading."""
        wrapped = (headings + _QUARTER) % (4 * _QUARTER) - _QUARTER
        return np.searchsorted(self._headings, wrapped) % len(self._corners)


def _corners(points: Reals) -> Reals:
    """The corners of the convex hull, but for what stands out by less than `NEGLIGIBLE_MM`."""
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
    ordered = [(float(x), float(y)) for x, y in points[fresh]]
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return np.array([*lower[:-1], *upper[:-1]] or ordered, dtype=np.float64)


def _chain(ordered: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """One half of the hull of points in order, from the first to the last."""
    chain: list[tuple[float, float]] = []
    for x, y in ordered:
        while len(chain) > 1:
            (ax, ay), (bx, by) = chain[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            chain.pop()
        chain.append((x, y))
    return chain


def _chunks(points: Reals) -> Iterator[slice]:
    for start in range(0, len(points), CHUNK_POINTS):
        yield slice(start, start + CHUNK_POINTS)
