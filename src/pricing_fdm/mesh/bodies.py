"""Compares the boxes around a part's bodies: which contain others, and which stand apart.

Cost: O(n) in faces for the boxes; O(b^2) in bodies, at most `MAX_COMPARED`, for the pieces. To find
few boxes within many takes O(n) per 64 of the few, see `lie_within`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.components import components, consecutive
from pricing_fdm.mesh.measure import box_of
from pricing_fdm.mesh.triangles import COLUMN_TRIANGLES, Flags, Ints, Mesh, Reals, slices

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


def lie_within(inner: Boxes, outer: Boxes) -> Flags:
    """Which of the inner boxes, which should be few, lie in at least one of the outer ones.

    A box holds another if it reaches at least as far on all six sides. The inner boxes are sorted
    once for each side, so one look-up per side gives as bits which of them an outer box holds.
    """
    needs, reaches = (np.concatenate([-low, high], axis=1) for low, high in (inner, outer))
    held = np.zeros((len(needs) + 7) // 8, dtype=np.uint8)
    sides = [_held_by_rank(need) for need in needs.T]
    for part in slices(len(reaches), COLUMN_TRIANGLES):
        some = reaches[part].T
        holds = np.full((some.shape[1], len(held)), 0xFF, dtype=np.uint8)
        for reach, (ordered, bits) in zip(some, sides, strict=True):
            holds &= bits.take(np.searchsorted(ordered, reach, side="right"), axis=0)
        held |= np.bitwise_or.reduce(holds, axis=0)
    return np.unpackbits(held, count=len(needs)).astype(np.bool_)


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


def _held_by_rank(need: Reals) -> tuple[Reals, npt.NDArray[np.uint8]]:
    """The needs in rising order, and as bits which of them the first 0, 1, 2, ... are."""
    order = np.argsort(need, kind="stable")
    rank = np.empty(len(need), dtype=np.intp)
    rank[order] = np.arange(len(need))
    return need[order], np.packbits(rank < np.arange(len(need) + 1)[:, np.newaxis], axis=1)
