"""Surveys the edges of a mesh: open, shared by too many triangles, or inconsistently wound.

A mesh is watertight when every edge belongs to exactly two triangles. An edge with an odd
number of triangles is open. A mesh with edges of four triangles or more is not manifold, but it
still encloses a volume.

Cost: O(n log n) in triangles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.sorting import Keys, begins, bits_of, pairs_of, sorted_along
from pricing_fdm.mesh.triangles import Faces, Flags, Ints

_SOUND = 2
"""Triangles at an edge of a closed surface."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The edges of a mesh, counted.

    Attributes:
        total: Different edges.
        open: Edges with an odd number of triangles.
        non_manifold: Edges with more than two triangles.
        opposed: Edges whose triangles are wound against each other, open ones apart.
        left: With `right`: the two faces at each edge that has exactly two.
        right: See `left`.
        twisted: Whether these two are wound against each other.
        rim_tails: With `rim_heads`: the open edges, in the direction in which a triangle
            that closed them would run.
        rim_heads: See `rim_tails`.
    """

    total: int
    open: int
    non_manifold: int
    opposed: int
    left: Ints
    right: Ints
    twisted: Flags
    rim_tails: Ints
    rim_heads: Ints

    @property
    def watertight(self) -> bool:
        """Every edge belongs to exactly two triangles."""
        return self.open == 0 and self.non_manifold == 0

    def rim_points(self) -> npt.NDArray[np.intp]:
        """The points at open edges, each once."""
        return np.flatnonzero(np.bincount(np.concatenate([self.rim_tails, self.rim_heads])))


def survey(faces: Faces) -> Edges:
    """Sorts the three edges of all faces and counts each group of equal ones."""
    keys, sides, bits = _half_edges(faces)
    keys, sides = sorted_along(keys, sides, largest_key=int(keys.max(initial=0)))
    forward = (sides & 1).astype(np.bool_)
    face = sides >> 1
    del sides
    firsts = np.flatnonzero(begins(keys))
    uses = np.diff(firsts, append=len(keys))
    sums = np.zeros(len(keys) + 1, dtype=np.int32)
    np.cumsum(forward.astype(np.int32), out=sums[1:])
    surplus = 2 * (sums[firsts + uses] - sums[firsts]) - uses

    odd = uses % 2 == 1
    pairs = firsts[uses == _SOUND]
    rim = keys[firsts[odd]]
    low, high = (rim >> np.uint64(bits)).astype(np.int32), rim & np.uint64((1 << bits) - 1)
    falling = surplus[odd] > 0
    return Edges(
        total=len(firsts),
        open=len(rim),
        non_manifold=int(np.count_nonzero(uses > _SOUND)),
        opposed=int(np.count_nonzero(surplus[~odd])),
        left=face[pairs],
        right=face[pairs + 1],
        twisted=forward[pairs] == forward[pairs + 1],
        rim_tails=np.where(falling, high.astype(np.int32), low),
        rim_heads=np.where(falling, low, high.astype(np.int32)),
    )


def _half_edges(faces: Faces) -> tuple[Keys, Ints, int]:
    """For each corner the edge to the next one, its face and direction.

    Returns:
        The edges' points as one key, lower point first; twice the face's number, and one more where
        the edge runs from the lower point; the bits that the higher point takes in a key.
    """
    bits = bits_of(int(faces.max(initial=0)))
    keys, sides = np.empty(faces.shape, dtype=np.uint64), np.empty(faces.shape, dtype=np.int32)
    falling = np.arange(0, 2 * len(faces), 2, dtype=np.int32)
    corners = [np.ascontiguousarray(faces[:, corner]) for corner in range(3)]
    for corner, tails in enumerate(corners):
        heads = corners[(corner + 1) % 3]
        keys[:, corner] = pairs_of(np.minimum(tails, heads), np.maximum(tails, heads), bits)
        np.add(falling, tails < heads, out=sides[:, corner])
    return keys.ravel(), sides.ravel(), bits
