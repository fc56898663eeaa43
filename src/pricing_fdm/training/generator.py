"""Parts to fit the estimate on, made by arithmetic: no file of anybody is needed.

The same number gives the same part, whatever else is made; sizes are drawn evenly in their
logarithm, as real parts are small more often than large. The shapes are in `kinds`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from manifold3d import Manifold

from pricing_fdm.mesh.stl_writer import write_stl
from pricing_fdm.mesh.triangles import Mesh
from pricing_fdm.training.drawing import Draw, block, corners
from pricing_fdm.training.kinds import KINDS

_LARGEST_MM = 170.0
_BLOCKS_MM = (
    *((20, 20, 20), (60, 60, 60), (6, 6, 6), (170, 170, 2), (120, 120, 120), (40, 20, 4)),
    *((170, 170, 170), (170, 12, 8), (25, 25, 170), (90, 60, 30)),
)
"""Plain blocks of such sizes: the simplest parts of all, from small to large."""


@dataclass(frozen=True, slots=True)
class GeneratedPart:
    """A closed solid.

    Attributes:
        kind: Which function made it, or `block`; the family of its labels.
    """

    kind: str
    number: int
    solid: Manifold

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.kind}-{self.number:04d}.stl"

    def write(self, path: Path) -> None:
        """As a binary STL."""
        with path.open("xb") as file:
            write_stl(mesh_of(self.solid), file, (0, 0, 0))


def mesh_of(solid: Manifold) -> Mesh:
    """The surface of a solid."""
    mesh = solid.to_mesh()
    points = np.asarray(mesh.vert_properties, dtype=np.float32)[:, :3]
    return Mesh(points, np.asarray(mesh.tri_verts, dtype=np.int32))


def generated_parts(count: int) -> Iterator[GeneratedPart]:
    """The first `count` parts, in which the kinds take turns, and a plain block for each turn."""
    kinds = list(KINDS.items())
    for number in range(count):
        kind, make = kinds[number % len(kinds)]
        solid = make(Draw(number))
        largest = max(b - a for a, b in zip(*corners(solid), strict=True))
        if largest > _LARGEST_MM:
            solid = solid.scale([_LARGEST_MM / largest] * 3)
        yield GeneratedPart(kind, number, solid)
    for number, size in enumerate(_BLOCKS_MM[: count // len(kinds)]):
        yield GeneratedPart("block", number, block(*size))
