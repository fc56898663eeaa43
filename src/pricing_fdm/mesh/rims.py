"""Cuts the open edges of a mesh into loops, one around each hole.

Holes may meet in a point. Which edge there goes on around the same hole, the directions of the
edges tell: seen from outside, the hole lies between an edge that arrives and the next one clockwise
that leaves. So a triangle that is all alone in a hole is not taken for a hole of its own.

Cost: O(k log k) in open edges.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.edges import Edges
from pricing_fdm.mesh.triangles import Ints, Mesh, Reals, cross

_Rows = npt.NDArray[np.intp]


def simple_loops(mesh: Mesh, edges: Edges) -> list[_Rows]:
    """The numbers of the open edges around each hole; no loop passes a point twice.

    Args:
        mesh: The mesh.
        edges: Of it; as many open edges must leave each point as arrive there.
    """
    tails, heads = edges.rim_tails, edges.rim_heads
    leaving = np.argsort(tails, kind="stable")
    onward = np.empty(len(tails), dtype=np.intp)
    onward[np.argsort(heads, kind="stable")] = leaving
    exits = np.bincount(tails)
    shared = np.flatnonzero(exits[heads] > 1)
    if len(shared):
        _go_on_around_the_same_hole(mesh, edges, onward, shared)
    return list(_cut(onward.tolist(), tails.tolist()))


def _go_on_around_the_same_hole(mesh: Mesh, edges: Edges, onward: _Rows, shared: _Rows) -> None:
    """Sets which edge follows each of those that arrive where several leave."""
    leaving = onward[shared]
    at = edges.rim_heads[shared]
    normals = _normals(mesh, edges, at)
    ahead, aside = _frame(normals)
    towards = edges.rim_heads[leaving], edges.rim_tails[shared]
    middle = mesh.points[at].astype(np.float64)
    angles = []
    for point in towards:
        away = mesh.points[point] - middle
        angles.append(np.arctan2((away * aside).sum(axis=1), (away * ahead).sum(axis=1)))
    # Clockwise around each point: one that arrives is followed by the next that leaves.
    count = len(shared)
    place = np.concatenate([at, at])
    arrives = np.arange(2 * count) >= count
    order = np.lexsort((~arrives, -np.concatenate(angles), place))
    edge = np.concatenate([leaving, shared])[order]
    for arriving, following in _matched(place[order], arrives[order]):
        onward[edge[arriving]] = edge[following]


def _matched(place: Ints, arrives: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Pairs of an arriving and the next free leaving one at the same place, going round."""
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    ends = np.append(starts[1:], len(place))
    kinds = arrives.tolist()
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        waiting: list[int] = []
        free: list[int] = []
        for row in range(start, end):
            if kinds[row]:
                waiting.append(row)
            elif waiting:
                yield waiting.pop(), row
            else:
                free.append(row)
        yield from zip(reversed(waiting), free, strict=True)


def _normals(mesh: Mesh, edges: Edges, at: Ints) -> Reals:
    """The mean direction of the faces at open edges around each of these points."""
    corners = mesh.points[mesh.faces[edges.rim_faces]].astype(np.float64)
    areas = cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.sqrt((areas**2).sum(axis=1))
    areas /= np.where(lengths > 0.0, lengths, 1.0)[:, np.newaxis]
    sums = np.zeros((len(mesh.points), 3))
    for ends in (edges.rim_tails, edges.rim_heads):
        np.add.at(sums, ends, areas)
    normals: Reals = sums[at]
    return normals


def _frame(normals: Reals) -> tuple[Reals, Reals]:
    """Two directions across each normal, the second counter-clockwise from the first."""
    least = np.eye(3)[np.abs(normals).argmin(axis=1)]
    ahead = cross(normals, least)
    return ahead * np.sqrt((normals**2).sum(axis=1))[:, np.newaxis], cross(normals, ahead)


def _cut(onward: list[int], tails: list[int]) -> Iterator[_Rows]:
    """Follows the edges, and cuts off a loop whenever a point is passed again."""
    done = [False] * len(onward)
    for first in range(len(onward)):
        path: list[int] = []
        place: dict[int, int] = {}
        edge = first
        while not done[edge]:
            done[edge] = True
            if tails[edge] in place:
                cut = place[tails[edge]]
                yield np.array(path[cut:], dtype=np.intp)
                for passed in path[cut:]:
                    del place[tails[passed]]
                del path[cut:]
            place[tails[edge]] = len(path)
            path.append(edge)
            edge = onward[edge]
        if path:
            yield np.array(path, dtype=np.intp)
