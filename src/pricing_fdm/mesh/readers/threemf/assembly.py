"""Puts the items of a build together: every object in its place, in millimetres, as one soup.

An object may be used many times, also through others. A few lines of components within
components multiply to any number, so triangles and copies are counted, each object once, before
the first triangle is placed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.judgement import require_count
from pricing_fdm.mesh.readers.threemf.budget import MAX_PLACES
from pricing_fdm.mesh.readers.threemf.contents import Contents
from pricing_fdm.mesh.readers.threemf.faults import fault
from pricing_fdm.mesh.readers.threemf.model import Key, Object, Use
from pricing_fdm.mesh.triangles import CHUNK_TRIANGLES, Corners, Reals

MAX_NESTING = 32


@dataclass(frozen=True, slots=True)
class Tally:
    """What some objects come to with all their components.

    Attributes:
        triangles: Of what is printed.
        copies: Of objects, whether printed or not.
        left_out: Meshes of a type that is not printed.
    """

    triangles: int = 0
    copies: int = 0
    left_out: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.triangles + other.triangles,
            self.copies + other.copies,
            self.left_out + other.left_out,
        )


def assemble(contents: Contents, max_triangles: int) -> tuple[Corners, int]:
    """Places everything that is to be printed.

    Returns:
        The corners in mm, and how many meshes were left out since they are no solid parts.

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
    require_count(total.triangles, max_triangles)
    corners = np.empty((total.triangles, 3, 3), dtype=np.float32)
    done = 0
    with np.errstate(over="ignore", invalid="ignore"):
        for mesh, transform in _meshes(contents, items):
            _place(mesh, transform, corners[done : done + len(mesh.faces)])
            done += len(mesh.faces)
    return corners, total.left_out


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
    own = Tally(
        triangles=len(found.faces) * found.solid,
        copies=1,
        left_out=int(len(found.faces) > 0 and not found.solid),
    )
    below = (_tally(use.key, objects, tallies, depth + 1) for use in found.components)
    tallies[key] = own + _sum(below)
    return tallies[key]


def _sum(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, start=Tally())


def _meshes(contents: Contents, items: list[Use]) -> Iterator[tuple[Object, Reals]]:
    """Every printed mesh with the transform from its own coordinates to millimetres."""
    scale = np.eye(4, 3) * contents.unit_mm
    waiting = [(use.key, _after(use.transform, scale)) for use in reversed(items)]
    while waiting:
        key, transform = waiting.pop()
        found = contents.objects[key]
        if found.solid:
            yield found, transform
        waiting += [
            (use.key, _after(use.transform, transform)) for use in reversed(found.components)
        ]


def _after(first: Reals, second: Reals) -> Reals:
    """The transform that does `first`, then `second`, to row vectors."""
    product: Reals = first @ second[:3]
    product[3] += second[3]
    return product


def _place(mesh: Object, transform: Reals, corners: Corners) -> None:
    # Each vertex is moved once, so that triangles that shared it still do to the last bit.
    points = (mesh.vertices @ transform[:3] + transform[3]).astype(np.float32)
    # A mirrored part would be inside out; its volume must keep its sign (3MF core, 3.3).
    order = [0, 2, 1] if np.linalg.det(transform[:3]) < 0 else [0, 1, 2]
    for start in range(0, len(mesh.faces), CHUNK_TRIANGLES):
        part = slice(start, start + CHUNK_TRIANGLES)
        corners[part] = points.take(mesh.faces[part][:, order], axis=0)
