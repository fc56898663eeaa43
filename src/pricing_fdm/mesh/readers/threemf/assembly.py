"""Puts the objects of a build in their places, in millimetres, as one soup of triangles.

An object may be used many times, also through other objects. A few lines of nested components
multiply to any number, so triangles and copies are counted, each object once, before the first
triangle is placed. Vertices that no triangle uses are not moved, so copies times vertices are at
most three times the triangles that are placed, which are bounded.

Cost: O(n) in triangles placed, in objects and in their copies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from pricing_fdm.mesh.judgement import require_count
from pricing_fdm.mesh.readers.threemf.budget import MAX_PLACES, fault
from pricing_fdm.mesh.readers.threemf.contents import Contents
from pricing_fdm.mesh.readers.threemf.model import Key, Object, Use
from pricing_fdm.mesh.triangles import (
    CHUNK_TRIANGLES,
    Corners,
    Faces,
    Points,
    Reals,
    slices,
    without_unused,
)

MAX_NESTING = 32

_Copies: TypeAlias = list[tuple[int, Reals]]
"""For each copy its first triangle, and the transform from its coordinates to millimetres."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over some objects with all their components.

    Attributes:
        triangles: Of what is printed.
        copies: Of objects, whether printed or not.
        meshes: Copies of what is printed.
        left_out: Meshes of a type that is not printed.
        unread: Copies of objects whose whole shape is not read.
        partly_read: Copies of meshes that have more shape than the mesh.
    """

    triangles: int = 0
    copies: int = 0
    meshes: int = 0
    left_out: int = 0
    unread: int = 0
    partly_read: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.triangles + other.triangles,
            self.copies + other.copies,
            self.meshes + other.meshes,
            self.left_out + other.left_out,
            self.unread + other.unread,
            self.partly_read + other.partly_read,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Assembled:
    """What is to be printed.

    Attributes:
        corners: In mm.
        tally: Of all of it.
        objects: Each that is used, once.
    """

    corners: Corners
    tally: Tally
    objects: dict[Key, Object]


def assemble(contents: Contents, max_triangles: int) -> Assembled:
    """Places everything that is to be printed.

    Raises:
        ModelInvalid: Nothing to print, too much, or objects that do not exist or hold themselves.
    """
    items = [use for use in contents.items if use.printable]
    tallies: dict[Key, Tally] = {}
    total = _sum(_tally(use.key, contents.objects, tallies) for use in items)
    if total.copies > MAX_PLACES:
        raise fault("multiplies its objects to more than we read")
    if total.left_out and not total.triangles:
        raise fault("holds no solid part: everything in it is marked as something else")
    unread = {title for key in tallies for title in contents.objects[key].unread}
    if unread and not total.triangles:
        raise fault(
            f"draws its parts with {', '.join(sorted(unread))}, which we do not support",
            "Export the part as a plain mesh.",
        )
    require_count(total.triangles, max_triangles)
    corners = np.empty((total.triangles, 3, 3), dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for key, copies in _copies(contents, items).items():
            _place(contents.objects[key], copies, corners)
    return Assembled(corners, total, {key: contents.objects[key] for key in tallies})


def _tally(
    key: Key, objects: dict[Key, Object], tallies: dict[Key, Tally], depth: int = 0
) -> Tally:
    if key in tallies:
        return tallies[key]
    if depth > MAX_NESTING:
        raise fault("nests its objects too deeply, or in themselves")
    if key not in objects:
        raise fault("refers to an object that is not in it")
    found = objects[key]
    is_mesh = len(found.faces) > 0
    own = Tally(
        triangles=len(found.faces) * found.solid,
        copies=1,
        meshes=int(is_mesh and found.solid),
        left_out=int(is_mesh and not found.solid),
        unread=int(found.solid and not is_mesh and not found.components),
        partly_read=int(found.solid and is_mesh and bool(found.unread)),
    )
    below = (_tally(use.key, objects, tallies, depth + 1) for use in found.components)
    tallies[key] = own + _sum(below)
    return tallies[key]


def _sum(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, start=Tally())


def _copies(contents: Contents, items: list[Use]) -> dict[Key, _Copies]:
    """All places of every mesh that is printed."""
    scale = np.eye(4, 3) * contents.unit_mm
    waiting = [(use.key, _after(use.transform, scale)) for use in reversed(items)]
    copies: dict[Key, _Copies] = {}
    done = 0
    while waiting:
        key, transform = waiting.pop()
        found = contents.objects[key]
        if found.solid and len(found.faces):
            copies.setdefault(key, []).append((done, transform))
            done += len(found.faces)
        waiting += [
            (use.key, _after(use.transform, transform)) for use in reversed(found.components)
        ]
    return copies


def _after(first: Reals, second: Reals) -> Reals:
    """The transform that does `first`, then `second`, to row vectors."""
    product: Reals = first @ second[:3]
    product[3] += second[3]
    return product


def _place(mesh: Object, copies: _Copies, corners: Corners) -> None:
    """Places all copies of a mesh, some at a time."""
    vertices, faces = without_unused(mesh.vertices, mesh.faces)
    together = max(1, CHUNK_TRIANGLES // len(faces))
    for start in range(0, len(copies), together):
        firsts, transforms = zip(*copies[start : start + together], strict=True)
        moves = np.stack(transforms)
        # Each vertex is moved once, so that triangles that shared it still do to the last bit.
        points = (vertices @ moves[:, :3] + moves[:, 3:]).astype(np.float32)
        mirrored = np.linalg.det(moves[:, :3]) < 0
        for first, moved, is_mirrored in zip(firsts, points, mirrored.tolist(), strict=True):
            _take_corners(moved, faces, corners[first : first + len(faces)], mirrored=is_mirrored)


def _take_corners(points: Points, faces: Faces, corners: Corners, *, mirrored: bool) -> None:
    for part in slices(len(faces), CHUNK_TRIANGLES):
        points.take(faces[part], axis=0, out=corners[part])
    if mirrored:
        # It would be inside out; its volume must keep its sign (3MF core, 3.3).
        corners[:, [1, 2]] = corners[:, [2, 1]]
