"""Closes holes whose shape is not in doubt.

A slicer gives no warning of an open mesh and slices it wrongly (a 20 mm cube without one of its
twelve triangles was priced at 1.00 g instead of 4.21 g). A loop of three edges gets the missing
triangle. A flat one, or a long one, gets a fan around its centre: for a flat hole the fan gives the
right volume whatever the outline, since parts covered twice cancel out; this also holds for a rim
within a rim. Other loops are filled by `patches`. The rim of a T-junction is a loop without area.

A hole is in doubt if it is neither flat nor small nor filled for certain by `patches`. By how much
its filling may be wrong, two ways of filling it tell: the volume between the patch and a fan, or,
where there is no patch, the area times how far the rim is off a plane. All together may come to
`MAX_DOUBT_SHARE` of the part's volume. On real parts with ragged holes, of which a fan misses up to
1.8 % of the volume, the patches missed at most 0.2 %.

Cost: O(n) in open edges, of which there are at most `MAX_RIM_EDGES`, and as `rims` and `patches`,
which get at most `MAX_WORK`.
All loops are judged and closed together: one after the other, 16,000 of them took seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.edges import Edges
from pricing_fdm.mesh.measure import box_of, measure
from pricing_fdm.mesh.patches import MAX_LENGTH, filled
from pricing_fdm.mesh.rims import simple_loops
from pricing_fdm.mesh.triangles import Faces, Flags, Ints, Mesh, Reals, cross

MAX_RIM_EDGES = 400_000
"""A mesh with more open edges is not closed here."""

FLAT_SHARE = 0.01
FLAT_MM = 0.05
"""A loop is flat if no point is farther off its plane than this share of its diameter, or this."""

SMALL_SHARE = 0.05
"""A loop is small if its diameter is at most this share of the part's diagonal."""

MAX_DOUBT_SHARE = 0.03
"""Most that holes in doubt may come to, as a share of the part's volume."""

MAX_WORK = 10_000_000
"""About 0.1 us each; short loops are patched first, then the others get fans."""

_WORK_PER_STEP = 500

_TRIANGLE = 3

_NORMAL_DIGITS = 2
_OFFSET_DIGITS = 1


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """A mesh without open edges.

    Attributes:
        area_mm2: Of the holes.
        overlap_mm2: By how much the area of the new triangles exceeds that.
        places: The middles of the holes, (n, 3), the largest first.
    """

    mesh: Mesh
    holes: int
    area_mm2: float
    overlap_mm2: float
    places: Reals


@dataclass(frozen=True, slots=True, eq=False)
class Doubtful:
    """Why nothing was closed.

    Attributes:
        places: The middles of holes that are in doubt, (n, 3), the largest first; or points at
            open edges, if these form no loops or are too many.
    """

    places: Reals


def close_holes(mesh: Mesh, edges: Edges) -> Closed | Doubtful:
    """Closes all holes, or none if one is in doubt."""
    tails, heads = edges.rim_tails, edges.rim_heads
    # A walk can only get stuck where fewer edges lead away from a point than to it.
    if len(tails) > MAX_RIM_EDGES or not np.array_equal(np.sort(tails), np.sort(heads)):
        return Doubtful(mesh.points[edges.rim_points()].astype(np.float64))
    return _Loops(mesh, edges).closed()


class _Loops:
    """The rims of all holes, one behind the other.

    Attributes:
        lengths: How many points each loop has.
        starts: Where each begins.
        points: Numbers of the points along all of them.
    """

    def __init__(self, mesh: Mesh, edges: Edges) -> None:
        self._mesh = mesh
        loops = simple_loops(mesh, edges)
        rows = np.concatenate(loops)
        self.lengths = np.array([len(loop) for loop in loops], dtype=np.intp)
        self.starts = np.cumsum(self.lengths) - self.lengths
        self.points: Ints = edges.rim_tails[rows]
        self._faces = edges.rim_faces[rows]
        rim_mm = mesh.points[self.points].astype(np.float64)
        self._centres = self._summed(rim_mm) / self.lengths[:, np.newaxis]
        self._centred = rim_mm - self._centres.repeat(self.lengths, axis=0)
        onward = np.arange(1, len(self.points) + 1)
        onward[self.starts + self.lengths - 1] = self.starts
        self._onward = onward
        self._fans = 0.5 * cross(self._centred, self._centred[onward])
        self._areas = self._summed(self._fans)

    def closed(self) -> Closed | Doubtful:
        """The mesh with all loops filled, or the places of those in doubt."""
        diameters = 2 * np.maximum.reduceat(_sizes(self._centred), self.starts)
        depths = self._off_plane()
        is_triangle = self.lengths == _TRIANGLE
        flat = (depths <= np.maximum(FLAT_MM, FLAT_SHARE * diameters)) | is_triangle
        small = diameters <= SMALL_SHARE * box_of(self._mesh.points).diagonal_mm
        patched = self._worth_patching(~flat)
        patches, certain, doubts_mm3 = self._patches(patched)
        fanned = ~(is_triangle | patched)
        doubts_mm3[fanned] = (depths * _sizes(self._areas))[fanned]
        result = self._with(is_triangle, fanned, patches)
        doubtful = ~(flat | small | certain)
        if doubtful.any():
            doubt_mm3 = float(doubts_mm3[doubtful].sum())
            if not doubt_mm3 <= MAX_DOUBT_SHARE * _volume_mm3(result.mesh):
                return Doubtful(self._places(doubtful))
        return result

    def _worth_patching(self, which: Flags) -> Flags:
        """Those of these loops that are filled by patches: the shortest, up to a bound."""
        loops = np.bincount(self.lengths[which], minlength=MAX_LENGTH + 1)[: MAX_LENGTH + 1]
        length = np.arange(MAX_LENGTH + 1)
        work = np.cumsum(np.where(loops > 0, length**2 * (_WORK_PER_STEP + loops * length), 0))
        longest = int(np.searchsorted(work, MAX_WORK, side="right")) - 1
        return which & (self.lengths <= longest)

    def _patches(self, which: Flags) -> tuple[list[Faces], Flags, Reals]:
        """Triangles for these loops, which they fill for certain, and what a fan would differ."""
        found: list[Faces] = []
        certain = np.zeros(len(which), dtype=np.bool_)
        doubts_mm3 = np.zeros(len(which))
        # Loops of one length are looked at together; there are few different lengths.
        for length in np.unique(self.lengths[which]).tolist():
            some = np.flatnonzero(which & (self.lengths == length))
            rows = self.starts[some, np.newaxis] + np.arange(length)
            normals = _normals(self._mesh, self._faces[rows])
            triangles, certain[some] = filled(self._centred[rows], normals)
            corners = rows[np.arange(len(some))[:, np.newaxis, np.newaxis], triangles]
            found.append(self.points[corners].reshape(-1, 3))
            first, second, third = np.moveaxis(self._centred[corners], 2, 0)
            doubts_mm3[some] = np.abs((first * np.cross(second, third)).sum(axis=(1, 2))) / 6
        return found, certain, doubts_mm3

    def _with(self, triangles: Flags, fanned: Flags, patches: list[Faces]) -> Closed:
        """The mesh with a triangle, a fan or a patch in each loop, wound along it."""
        firsts = self.starts[triangles]
        single = np.stack([self.points[firsts + step] for step in range(_TRIANGLE)], axis=1)
        in_fan = fanned.repeat(self.lengths)
        centre = len(self._mesh.points) + np.cumsum(fanned) - 1
        fans = np.stack(
            [self.points, self.points[self._onward], centre.repeat(self.lengths)], axis=1
        )[in_fan]
        patched = np.concatenate([np.empty((0, 3), dtype=np.int32), *patches])
        plain_mm2 = self._area_mm2(triangles | fanned)
        covered_mm2 = _sizes(self._areas[triangles]).sum() + _sizes(self._fans[in_fan]).sum()
        return Closed(
            mesh=Mesh(
                np.concatenate([self._mesh.points, self._centres[fanned].astype(np.float32)]),
                np.concatenate([self._mesh.faces, single, fans, patched]).astype(np.int32),
            ),
            holes=len(self.lengths),
            area_mm2=plain_mm2 + float(_sizes(_areas(self._mesh, patched)).sum()),
            overlap_mm2=float(covered_mm2) - plain_mm2,
            places=self._places(np.ones(len(self.lengths), dtype=np.bool_)),
        )

    def _places(self, which: Flags) -> Reals:
        some = np.flatnonzero(which)
        largest: Reals = self._centres[some[np.argsort(-_sizes(self._areas[some]), kind="stable")]]
        return largest

    def _off_plane(self) -> Reals:
        """How far each loop's farthest point is off its plane."""
        depths = np.zeros(len(self.lengths))
        for length in np.unique(self.lengths[self.lengths > _TRIANGLE]).tolist():
            some = np.flatnonzero(self.lengths == length)
            rows = self.starts[some, np.newaxis] + np.arange(length)
            depths[some] = _off_plane(self._centred[rows])
        return depths

    def _area_mm2(self, which: Flags) -> float:
        """Adds up areas with their direction: a rim within a rim of its plane counts against it."""
        sizes = _sizes(self._areas)
        faced = which & (sizes > 0.0)
        areas = self._areas[faced]
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


def _normals(mesh: Mesh, faces: Ints) -> Reals:
    """Unit normals of faces, in the shape of their numbers."""
    areas = _areas(mesh, mesh.faces[faces.ravel()])
    sizes = _sizes(areas)
    normals: Reals = areas / np.where(sizes > 0.0, sizes, 1.0)[:, np.newaxis]
    return normals.reshape(*faces.shape, 3)


def _areas(mesh: Mesh, faces: Faces) -> Reals:
    """The area of each face as a vector along its normal."""
    corners = mesh.points[faces].astype(np.float64)
    return 0.5 * cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])


def _sizes(vectors: Reals) -> Reals:
    lengths: Reals = np.sqrt((vectors**2).sum(axis=1))
    return lengths


def _volume_mm3(mesh: Mesh) -> float:
    one_body = np.zeros(len(mesh.faces), dtype=np.int32)
    return abs(float(measure(mesh, box_of(mesh.points), one_body, 1).volumes_mm3[0]))


def _off_plane(centred: Reals) -> Reals:
    """The greatest distance of a point from the plane of its loop; (k, n, 3) to (k,)."""
    normals = np.linalg.svd(centred, full_matrices=False).Vh[:, -1, :, np.newaxis]
    distances: Reals = np.abs(centred @ normals).max(axis=(1, 2))
    return distances
