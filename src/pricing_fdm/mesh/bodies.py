"""Compares the boxes around a part's bodies: which stand apart.

Cost: O(n) in faces for the boxes; O(b^2) in bodies, at most `MAX_COMPARED`, for the pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from pricing_fdm.mesh.components import components, consecutive
from pricing_fdm.mesh.measure import box_of
from pricing_fdm.mesh.triangles import Ints, Mesh, Reals

Boxes: TypeAlias = tuple[Reals, Reals]
"""Lowest and highest corner of each box, (n, 3) each, in mm."""

MAX_COMPARED = 1_000
"""With more bodies than these, all are taken for one piece."""

TOUCHING_MM = 0.01
"""Boxes that come this near touch."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Groups of bodies whose boxes touch: a part and its cavities, or shells of one part.

    Attributes:
        of_body: Number of the piece that each body belongs to.
        lowest: (pieces, 3), lowest corner of each piece's box, in mm.
        highest: The other corner.
    """

    of_body: Ints
    lowest: Reals
    highest: Reals


def boxes_of_bodies(mesh: Mesh, body_of_face: Ints) -> Boxes:
    """The box around each body."""
    bodies = int(body_of_face.max()) + 1
    if bodies == 1:
        box = box_of(mesh.points)
        return np.array([box.lowest]), np.array([box.highest])
    lowest, highest = np.full((bodies, 3), np.inf), np.full((bodies, 3), -np.inf)
    # The faces of a body mostly follow each other: each run of them is reduced at once.
    starts = np.flatnonzero(np.diff(body_of_face, prepend=-1))
    runs = body_of_face[starts]
    for axis in range(3):
        column = np.ascontiguousarray(mesh.points[:, axis])
        first, second, third = (column.take(mesh.faces[:, corner]) for corner in range(3))
        low = np.minimum.reduceat(np.minimum(np.minimum(first, second), third), starts)
        high = np.maximum.reduceat(np.maximum(np.maximum(first, second), third), starts)
        np.minimum.at(lowest[:, axis], runs, low)
        np.maximum.at(highest[:, axis], runs, high)
    return lowest, highest


def pieces_of(lowest: Reals, highest: Reals) -> Pieces:
    """Groups bodies by their boxes."""
    bodies = len(lowest)
    if bodies > MAX_COMPARED:
        of_body, pieces = np.zeros(bodies, dtype=np.int32), 1
    else:
        reach = highest + TOUCHING_MM
        touch = np.ones((bodies, bodies), dtype=np.bool_)
        for axis in range(3):
            touch &= lowest[:, axis] <= reach[:, np.newaxis, axis]
            touch &= lowest[:, np.newaxis, axis] <= reach[:, axis]
        of_body, pieces = consecutive(components(bodies, *np.nonzero(np.triu(touch))))
    low, high = np.full((pieces, 3), np.inf), np.full((pieces, 3), -np.inf)
    np.minimum.at(low, of_body, lowest)
    np.maximum.at(high, of_body, highest)
    return Pieces(of_body, low, high)
