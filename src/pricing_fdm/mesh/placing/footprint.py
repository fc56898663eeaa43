"""Finds the turn about the vertical that leaves a part the most room on the bed.

Between two turns at which a side of the outline runs along an axis, the same two corners span each
extent. The extent is then an arc of a cosine, which is concave, and the room beside it is convex.
So the best turn is one at which a side runs along an axis, or one at which both axes have the same
room left. All of these are tried, so no turn that fits is missed.

Cost: O(k log k) in corners of the outline, plus the hull.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.placing.hull import Rows, hull_corners
from pricing_fdm.mesh.triangles import Reals

_QUARTER = np.pi / 2
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

    Room is the smaller of what is left along x and along y; negative if the part is too large.
    Of equal turns the smallest is taken.

    Args:
        points: (n, 2), at least one, in mm.
        x_mm: Width of the bed.
        y_mm: Depth of the bed.
    """
    outline = _Outline(hull_corners(points))
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
        """Turns, in radians, one of which leaves the most room.

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
        """Vectors between the outermost corners after each turn, along x and along y."""
        right, back, left, front = (
            self._corners[self._first_heading(quarters * _QUARTER - turns)]
            for quarters in range(1, 5)
        )
        return right - left, back - front

    def _first_heading(self, headings: Reals) -> Rows:
        """The corner where the outline turns past each heading."""
        wrapped = (headings + _QUARTER) % (4 * _QUARTER) - _QUARTER
        return np.searchsorted(self._headings, wrapped) % len(self._corners)
