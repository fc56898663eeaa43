"""Closes holes whose shape leaves no doubt: flat ones, and small ones.

A slicer says nothing about an open mesh and gets it wrong (a 20 mm cube without one of its
twelve triangles was priced at 1.00 g instead of 4.21 g). Each rim is cut into simple loops. A
loop of three edges gets the missing triangle, a longer one a fan around its centre. In a plane
the fan encloses the right volume whatever the outline, since what it covers twice cancels out;
so it does for a rim within a rim. The rim of a T-junction is a loop without area.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.edges import Edges
from pricing_fdm.mesh.measure import box_of
from pricing_fdm.mesh.triangles import Faces, Mesh, Points, Reals, cross

MAX_RIM_EDGES = 50_000
"""A mesh with more open edges is not closed here."""

FLAT_SHARE = 0.01
FLAT_MM = 0.05
"""A loop is flat if no point lies farther off its plane: of its diameter, or in mm."""

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
        overlap_mm2: By how much the surface of the new triangles exceeds that.
    """

    mesh: Mesh
    holes: int
    area_mm2: float
    overlap_mm2: float


def close_holes(mesh: Mesh, edges: Edges) -> Closed | None:
    """Closes all holes.

    Returns:
        None when a hole is neither flat nor small, or the open edges form no loops.
    """
    tails, heads = edges.rim_tails, edges.rim_heads
    # A walk can only get stuck where fewer edges lead away from a point than to it.
    if len(tails) > MAX_RIM_EDGES or not np.array_equal(np.sort(tails), np.sort(heads)):
        return None
    small_mm = SMALL_SHARE * box_of(mesh.points).diagonal_mm
    caps = _Caps(mesh)
    for loop in _simple_loops(tails.tolist(), heads.tolist()):
        if not _is_flat_or_small(mesh.points[loop], small_mm):
            return None
        caps.add(loop)
    return caps.closed()


class _Caps:
    """The triangles that close a mesh, as they come up."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._centres: list[Points] = []
        self._faces: list[Faces] = []
        self._surface_mm2 = 0.0
        self._planes: dict[tuple[float, ...], Reals] = {}

    def add(self, loop: list[int]) -> None:
        """Spans the loop with one triangle or a fan, wound along it."""
        rim = self._mesh.points[loop].astype(np.float64)
        centre = rim.mean(axis=0)
        fan = 0.5 * cross(rim - centre, np.roll(rim, -1, axis=0) - centre)
        self._surface_mm2 += float(np.sqrt((fan**2).sum(axis=1)).sum())
        self._note_plane(fan.sum(axis=0), centre)
        if len(loop) == _TRIANGLE:
            self._faces.append(np.array([loop], dtype=np.int32))
            return
        faces = np.empty((len(loop), _TRIANGLE), dtype=np.int32)
        faces[:, 0], faces[:, 1] = loop, loop[1:] + loop[:1]
        faces[:, 2] = len(self._mesh.points) + len(self._centres)
        self._faces.append(faces)
        self._centres.append(centre.astype(np.float32)[np.newaxis])

    def _note_plane(self, area: Reals, centre: Reals) -> None:
        """Adds up areas with their direction: a rim within a rim of its plane counts against it."""
        size = float(np.sqrt((area**2).sum()))
        if size == 0.0:
            return
        normal = np.round(area / size, _NORMAL_DIGITS)
        normal *= np.sign(normal[np.flatnonzero(normal)[0]])
        offset = round(float(normal @ centre), _OFFSET_DIGITS)
        plane = (*normal.tolist(), offset)
        self._planes[plane] = self._planes.get(plane, np.zeros(3)) + area

    def closed(self) -> Closed:
        """The mesh with all caps."""
        area_mm2 = sum(float(np.sqrt((area**2).sum())) for area in self._planes.values())
        return Closed(
            mesh=Mesh(
                np.concatenate([self._mesh.points, *self._centres]),
                np.concatenate([self._mesh.faces, *self._faces]),
            ),
            holes=len(self._faces),
            area_mm2=area_mm2,
            overlap_mm2=self._surface_mm2 - area_mm2,
        )


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


def _is_flat_or_small(rim: Points, small_mm: float) -> bool:
    if len(rim) == _TRIANGLE:
        return True
    centred = rim.astype(np.float64) - rim.mean(axis=0, dtype=np.float64)
    diameter = 2 * float(np.sqrt((centred**2).sum(axis=1)).max())
    if diameter <= small_mm:
        return True
    normal = np.linalg.svd(centred, full_matrices=False).Vh[-1]
    return float(np.abs(centred @ normal).max()) <= max(FLAT_MM, FLAT_SHARE * diameter)
