"""Closes holes whose shape is not in doubt: flat ones and small ones.

A slicer gives no warning of an open mesh and slices it wrongly (a 20 mm cube without one of its
twelve triangles was priced at 1.00 g instead of 4.21 g). Each rim is cut into simple loops. A loop
of three edges gets the missing triangle, a longer one a fan around its centre. For a flat hole the
fan gives the right volume whatever the outline, since parts covered twice cancel out; this also
holds for a rim within a rim. The rim of a T-junction is a loop without area.

Cost: O(n) in open edges, of which there are at most `MAX_RIM_EDGES`. All loops are judged and
closed together: one after the other, 16,000 of them took seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.edges import Edges
from pricing_fdm.mesh.measure import box_of
from pricing_fdm.mesh.triangles import Ints, Mesh, Reals, cross

MAX_RIM_EDGES = 50_000
"""A mesh with more open edges is not closed here."""

FLAT_SHARE = 0.01
FLAT_MM = 0.05
"""A loop is flat if no point is farther off its plane than this share of its diameter, or this."""

SMALL_SHARE = 0.05
"""A loop is small if its diameter is at most this share of the part's diagonal."""

_TRIANGLE = 3

_NORMAL_DIGITS = 2
_OFFSET_DIGITS = 1


@dataclass(frozen=True, slots=True)
class Closed:
    """A mesh without open edges.

    Attributes:
        area_mm2: Of the holes.
        overlap_mm2: By how much the area of the new triangles exceeds that.
    """

    mesh: Mesh
    holes: int
    area_mm2: float
    overlap_mm2: float


def close_holes(mesh: Mesh, edges: Edges) -> Closed | None:
    """Closes all holes.

    Returns:
        None if a hole is neither flat nor small, or the open edges form no loops.
    """
    tails, heads = edges.rim_tails, edges.rim_heads
    # A walk can only get stuck where fewer edges lead away from a point than to it.
    if len(tails) > MAX_RIM_EDGES or not np.array_equal(np.sort(tails), np.sort(heads)):
        return None
    loops = _Loops(mesh, list(_simple_loops(tails.tolist(), heads.tolist())))
    small_mm = SMALL_SHARE * box_of(mesh.points).diagonal_mm
    return loops.closed() if loops.are_flat_or_small(small_mm) else None


class _Loops:
    """The rims of all holes, one behind the other.

    Attributes:
        lengths: How many points each loop has.
        starts: Where each begins.
        points: Numbers of the points along all of them.
    """

    def __init__(self, mesh: Mesh, loops: list[list[int]]) -> None:
        self._mesh = mesh
        self.lengths = np.array([len(loop) for loop in loops], dtype=np.intp)
        self.starts = np.cumsum(self.lengths) - self.lengths
        self.points: Ints = np.array([point for loop in loops for point in loop], dtype=np.int32)
        rim_mm = mesh.points[self.points].astype(np.float64)
        self._centres = self._summed(rim_mm) / self.lengths[:, np.newaxis]
        self._centred = rim_mm - self._centres.repeat(self.lengths, axis=0)

    def are_flat_or_small(self, small_mm: float) -> bool:
        """Whether all loops are flat or small; one of three points is always flat."""
        reach_mm = np.sqrt((self._centred**2).sum(axis=1))
        diameters = 2 * np.maximum.reduceat(reach_mm, self.starts)
        doubtful = (diameters > small_mm) & (self.lengths > _TRIANGLE)
        # Loops of one length are looked at together; there are few different lengths.
        for length in np.unique(self.lengths[doubtful]).tolist():
            some = np.flatnonzero(doubtful & (self.lengths == length))
            rows = self.starts[some, np.newaxis] + np.arange(length)
            off_plane_mm = _off_plane(self._centred[rows])
            if (off_plane_mm > np.maximum(FLAT_MM, FLAT_SHARE * diameters[some])).any():
                return False
        return True

    def closed(self) -> Closed:
        """The mesh with a triangle or a fan in each loop, wound along it."""
        onward = np.arange(1, len(self.points) + 1)
        onward[self.starts + self.lengths - 1] = self.starts
        fans = 0.5 * cross(self._centred, self._centred[onward])
        area_mm2 = self._area_mm2(self._summed(fans))
        is_triangle = self.lengths == _TRIANGLE
        centres = len(self._mesh.points) + np.cumsum(~is_triangle) - 1
        faces = np.stack([self.points, self.points[onward], centres.repeat(self.lengths)], axis=1)
        firsts = self.starts[is_triangle]
        faces[firsts, 2] = self.points[firsts + 2]
        kept = ~is_triangle.repeat(self.lengths)
        kept[firsts] = True
        return Closed(
            mesh=Mesh(
                np.concatenate([self._mesh.points, self._centres[~is_triangle].astype(np.float32)]),
                np.concatenate([self._mesh.faces, faces[kept].astype(np.int32)]),
            ),
            holes=len(self.lengths),
            area_mm2=area_mm2,
            overlap_mm2=float(np.sqrt((fans**2).sum(axis=1)).sum()) - area_mm2,
        )

    def _area_mm2(self, areas: Reals) -> float:
        """Adds up areas with their direction: a rim within a rim of its plane counts against it."""
        sizes = np.sqrt((areas**2).sum(axis=1))
        faced = sizes > 0.0
        areas = areas[faced]
        normals = np.round(areas / sizes[faced, np.newaxis], _NORMAL_DIGITS)
        leading = normals[np.arange(len(normals)), (normals != 0.0).argmax(axis=1)]
        normals *= np.sign(leading)[:, np.newaxis]
        offsets = np.round((normals * self._centres[faced]).sum(axis=1), _OFFSET_DIGITS)
        planes: dict[tuple[float, ...], int] = {}
        numbers = [
            planes.setdefault(plane, len(planes))
            for plane in zip(*normals.T.tolist(), offsets.tolist(), strict=True)
        ]
        sums = np.zeros((len(planes), 3))
        np.add.at(sums, numbers, areas)
        return float(np.sqrt((sums**2).sum(axis=1)).sum())

    def _summed(self, of_points: Reals) -> Reals:
        """Sums along each loop."""
        sums: Reals = np.add.reduceat(of_points, self.starts, axis=0)
        return sums


def _simple_loops(tails: list[int], heads: list[int]) -> Iterator[list[int]]:
    """Cuts balanced edges into loops that pass no point twice."""
    onward: dict[int, list[int]] = {}
    for tail, head in zip(tails, heads, strict=True):
        onward.setdefault(tail, []).append(head)
    for start, exits in onward.items():
        path, place = [start], {start: 0}
        while exits or len(path) > 1:
            point = onward[path[-1]].pop()
            if point not in place:
                place[point] = len(path)
                path.append(point)
                continue
            cut = place[point]
            yield path[cut:]
            for passed in path[cut + 1 :]:
                del place[passed]
            del path[cut + 1 :]


def _off_plane(centred: Reals) -> Reals:
    """The greatest distance of a point from the plane of its loop; (k, n, 3) to (k,)."""
    normals = np.linalg.svd(centred, full_matrices=False).Vh[:, -1, :, np.newaxis]
    distances: Reals = np.abs(centred @ normals).max(axis=(1, 2))
    return distances
