"""Unites bodies that touch or overlap to the solid that they are together.

The slicers unite them too, and print nothing between them. So what is between them is no surface,
no overhang and no second body, and counts once in the volume: the same solid has the same figures
however it was put together. `manifold3d` does it, exactly up to the rounding of coordinates.

Cost: that of `enclosure` and, in manifold3d, O(n log n + c) in triangles of the bodies whose boxes
touch and in pairs of triangles that cross. With more than `MAX_TRIANGLES`, `MAX_BODIES` or
`MAX_CROSSINGS`, or more cavities than `enclosure` looks at, nothing is united.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from manifold3d import Error, Manifold, OpType
from manifold3d import Mesh as Shell

from pricing_fdm.mesh.bodies import boxes_of_bodies, pieces_of
from pricing_fdm.mesh.enclosure import MAX_ASKED, enclosing
from pricing_fdm.mesh.triangles import Faces, Flags, Ints, Mesh, Points, Reals, without_unused

MAX_TRIANGLES = 400_000
MAX_BODIES = 5_000
MAX_CROSSINGS = 1_200_000
"""Estimated from the boxes of triangles: two combs laid across each other have a square of them."""

_SAMPLES = 128
_STEP = 0.618033988749895
_SAME = 1e-6
"""Bodies whose volume and surface change by less, as a share, do not touch."""


@dataclass(frozen=True, slots=True, eq=False)
class United:
    """A mesh in which no bodies touch or overlap.

    Attributes:
        mesh: The very mesh that came in if none did.
        hidden: Bodies that lay wholly within others; they are part of these now.
    """

    mesh: Mesh
    hidden: int = 0


def unite(mesh: Mesh, body_of_face: Ints, volumes: Reals) -> United:
    """Unites bodies that touch or overlap.

    Args:
        mesh: Closed, each body right side out.
        body_of_face: Number of the body that each face belongs to.
        volumes: Of each body, negative for cavities.
    """
    as_it_is = United(mesh)
    near = _near_others(mesh, body_of_face, volumes)
    rows = np.flatnonzero(near[body_of_face])
    if not (len(rows) and len(rows) <= MAX_TRIANGLES and np.count_nonzero(near) <= MAX_BODIES):
        return as_it_is
    asked = near if np.count_nonzero(near) <= MAX_ASKED else near & (volumes < 0)
    around = enclosing(mesh, body_of_face, volumes, np.flatnonzero(asked))
    if around is None:
        return as_it_is
    outer = {body: _outer(body, samples, volumes) for body, samples in around.items()}
    owner = np.arange(len(volumes), dtype=np.int32)
    for cavity in np.flatnonzero(near & (volumes < 0)).tolist():
        owner[cavity] = outer[cavity]
    owner_of_row = owner[body_of_face[rows]]
    if (owner < 0).any() or _crossings(mesh.points, mesh.faces[rows], owner_of_row) > MAX_CROSSINGS:
        return as_it_is
    before = list(_shells(mesh, rows, owner_of_row))
    after = Manifold.batch_boolean(before, OpType.Add)
    if not _has_changed(before, after):
        return as_it_is
    hidden = sum(volumes[body] > 0 and outer[body] >= 0 for body in outer)
    return United(_with(mesh, ~near[body_of_face], after), int(hidden))


def _near_others(mesh: Mesh, body_of_face: Ints, volumes: Reals) -> Flags:
    """The bodies in pieces with several of positive volume, cavities with them."""
    near = np.zeros(len(volumes), dtype=np.bool_)
    if np.count_nonzero(volumes > 0) > 1:
        pieces = pieces_of(*boxes_of_bodies(mesh, body_of_face)).of_body
        solids = np.bincount(pieces, weights=volumes > 0)
        near[:] = (solids[pieces] > 1) & (volumes != 0)
    return near


def _outer(body: int, samples: list[list[int]], volumes: Reals) -> int:
    """The smallest larger body of positive volume that encloses a body wholly; -1 if none does."""
    solids = [
        each for each in set.intersection(*map(set, samples)) if volumes[each] > abs(volumes[body])
    ]
    return min(solids, key=lambda each: float(volumes[each]), default=-1)


def _crossings(points: Points, faces: Faces, owner: Ints) -> float:
    """About how many pairs of triangles of different bodies have boxes that touch."""
    corners = [np.ascontiguousarray(points[:, axis]).take(faces.T) for axis in range(3)]
    lowest = [column.min(axis=0) for column in corners]
    highest = [column.max(axis=0) for column in corners]
    samples = min(_SAMPLES, len(faces))
    chosen = (
        (np.arange(samples) + (np.arange(samples) * _STEP) % 1) / samples * len(faces)
    ).astype(np.intp)
    found = 0
    for face in chosen.tolist():
        meets = owner != owner[face]
        for low, high in zip(lowest, highest, strict=True):
            meets &= (low <= high[face]) & (high >= low[face])
        found += int(np.count_nonzero(meets))
    return found / samples * len(faces) / 2


def _shells(mesh: Mesh, rows: npt.NDArray[np.intp], owner: Ints) -> Iterator[Manifold]:
    """The bodies, each with its cavities."""
    order = np.argsort(owner, kind="stable")
    cuts = np.flatnonzero(np.diff(owner[order])) + 1
    for some in np.split(rows[order], cuts):
        used, faces = np.unique(mesh.faces[some], return_inverse=True)
        yield Manifold(Shell(mesh.points[used], faces.reshape(-1, 3).astype(np.uint32)))


def _has_changed(before: list[Manifold], after: Manifold) -> bool:
    """Whether the union is sound, and not just the bodies side by side."""
    if any(each.status() != Error.NoError for each in [*before, after]) or after.is_empty():
        return False
    volume = sum(each.volume() for each in before)
    surface = sum(each.surface_area() for each in before)
    return bool(
        abs(after.volume() - volume) > _SAME * volume
        or abs(after.surface_area() - surface) > _SAME * surface
    )


def _with(mesh: Mesh, keep: Flags, solid: Manifold) -> Mesh:
    shell = solid.to_mesh()
    points = np.asarray(shell.vert_properties, dtype=np.float32)[:, :3]
    faces = np.asarray(shell.tri_verts).astype(np.int32) + np.int32(len(mesh.points))
    return Mesh(
        *without_unused(
            np.concatenate([mesh.points, points]), np.concatenate([mesh.faces[keep], faces])
        )
    )
