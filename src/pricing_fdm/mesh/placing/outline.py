"""The outline of a part on the bed: its convex hull seen from above, with few corners.

Convex, since the places where two convex parts would touch are quickly found; see `plates`. What
lies between an outline and a part that is not convex stays free.

Cost: that of `hull`, and O(c) in its corners.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.placing.hull import hull_corners, hull_of
from pricing_fdm.mesh.triangles import Flags, Reals
from pricing_fdm.model import MOST_CORNERS, Outline

_DIGITS = 4


def outline_of(points: npt.NDArray[np.floating], move_mm: tuple[float, float, float]) -> Outline:
    """The outline of moved points, to a tenth of a micrometre.

    Args:
        points: (n, 3) in mm.
        move_mm: To the bed.
    """
    corners = hull_corners(points[:, :2].astype(np.float64)) + move_mm[:2]
    rounded = hull_of(around(corners, MOST_CORNERS).round(_DIGITS))  # is convex again
    return tuple((x, y) for x, y in rounded.tolist())


def around(corners: Reals, most: int) -> Reals:
    """A convex polygon with fewer corners around a convex polygon.

    Sides are left out, those that add the least area first; the two beside each are drawn out until
    they meet. Half of the surplus goes at a time, and never two neighbours.

    Args:
        corners: (n, 2), counter-clockwise.
        most: How many corners may be left, at least 4.
    """
    while (surplus := len(corners) - most) > 0:
        side = np.roll(corners, -1, axis=0) - corners
        before, after = np.roll(side, 1, axis=0), np.roll(side, -1, axis=0)
        turn = _cross(before, after)
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = _cross(side, after) / turn
            added = np.where(turn > 0, reach * _cross(before, side), np.inf)
        least = np.flatnonzero((added < np.roll(added, 1)) & (added <= np.roll(added, -1)))
        left_out = least[np.argsort(added[least], kind="stable")][: surplus // 2 + 1]
        corners = corners.copy()
        corners[left_out] += before[left_out] * reach[left_out, np.newaxis]
        kept: Flags = np.ones(len(corners), dtype=np.bool_)
        kept[(left_out + 1) % len(corners)] = False
        corners = corners[kept]
    return corners


def _cross(one: Reals, other: Reals) -> Reals:
    product: Reals = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    return product
