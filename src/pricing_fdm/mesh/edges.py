"""What the edges say of a mesh: closed, open, shared by too many, wound against each other.

A mesh is watertight when every edge belongs to exactly two triangles. An edge with an odd
number of triangles is open. An edge with four or more is not manifold, yet encloses a volume.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
    """Sorts the three edges of all faces and looks at each group of equal ones."""
    keys, forward = _half_edges(faces)
    order = np.argsort(keys)
    keys = keys.take(order)
    is_first = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=is_first[1:])
    firsts = np.flatnonzero(is_first)
    uses = np.diff(firsts, append=len(keys))

    forward = forward.take(order)
    sums = np.zeros(len(keys) + 1, dtype=np.int32)
    np.cumsum(forward.astype(np.int32), out=sums[1:])
    surplus = 2 * (sums[firsts + uses] - sums[firsts]) - uses

    odd = uses % 2 == 1
    pairs = firsts[uses == _SOUND]
    rim = keys[firsts[odd]]
    low, high = (rim >> np.uint64(32)).astype(np.int32), rim.astype(np.uint32).astype(np.int32)
    falling = surplus[odd] > 0
    return Edges(
        total=len(firsts),
        open=len(rim),
        non_manifold=int(np.count_nonzero(uses > _SOUND)),
        opposed=int(np.count_nonzero(surplus[~odd])),
        left=(order[pairs] // 3).astype(np.int32),
        right=(order[pairs + 1] // 3).astype(np.int32),
        twisted=forward[pairs] == forward[pairs + 1],
        rim_tails=np.where(falling, high, low),
        rim_heads=np.where(falling, low, high),
    )


def _half_edges(faces: Faces) -> tuple[npt.NDArray[np.uint64], Flags]:
    """For each corner the edge to the next one, lower point first, and whether it runs so."""
    tails, heads = faces.ravel(), faces[:, (1, 2, 0)].ravel()
    keys = np.minimum(tails, heads).astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= np.maximum(tails, heads).astype(np.uint64)
    return keys, tails < heads
