"""Surveys the edges of a mesh: open, shared by too many triangles, or inconsistently wound.

A mesh is watertight when every edge belongs to exactly two triangles. An edge with an odd
number of triangles is open. A mesh with edges of four triangles or more is not manifold, but it
still encloses a volume.

Cost: O(n log n) in triangles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.sorting import Keys, begins, bits_of, pairs_of, sorted_along
from pricing_fdm.mesh.triangles import Faces, Flags, Ints

_Rows: TypeAlias = npt.NDArray[np.intp]

_SOUND = 2
"""Triangles at an edge of a closed surface."""


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """The triangles at edges that have more than two, edge after edge.

    Attributes:
        edge: Number of the edge, from 0.
        low: The edge's point with the lower number.
        high: Its other point.
        face: The triangle.
        forward: Whether the triangle runs from low to high.
    """

    edge: Ints
    low: Ints
    high: Ints
    face: Ints
    forward: Flags


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
        rim_faces: A triangle at each of them.
        crowd: The triangles at edges with more than two.
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
    rim_faces: Ints
    crowd: Crowd

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
    low, high = _ends(rim, bits)
    falling = surplus[odd] > 0
    edge, rows = _members(firsts, uses)
    return Edges(
        total=len(firsts),
        open=len(rim),
        non_manifold=int(np.count_nonzero(uses > _SOUND)),
        opposed=int(np.count_nonzero(surplus[~odd])),
        left=face[pairs],
        right=face[pairs + 1],
        twisted=forward[pairs] == forward[pairs + 1],
        rim_tails=np.where(falling, high, low),
        rim_heads=np.where(falling, low, high),
        rim_faces=face[firsts[odd]],
        crowd=Crowd(edge, *_ends(keys[rows], bits), face[rows], forward[rows]),
    )


def _ends(keys: Keys, bits: int) -> tuple[Ints, Ints]:
    """The lower and the higher point of edges."""
    return (
        (keys >> np.uint64(bits)).astype(np.int32),
        (keys & np.uint64((1 << bits) - 1)).astype(np.int32),
    )


def _members(firsts: _Rows, uses: _Rows) -> tuple[Ints, _Rows]:
    """For edges with more than two triangles: their numbers, and the rows of their half-edges."""
    crowded = np.flatnonzero(uses > _SOUND)
    lengths = uses[crowded]
    before = np.cumsum(lengths) - lengths
    rows = np.arange(int(lengths.sum())) + np.repeat(firsts[crowded] - before, lengths)
    return np.repeat(np.arange(len(crowded), dtype=np.int32), lengths), rows


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
