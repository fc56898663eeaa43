"""How large a mesh is: box, volume and surface, summed in float64.

The volume is the sum of the signed tetrahedra between the faces and the centre of the box; seen
from there the terms stay as small as the part, wherever in space it was drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.triangles import (
    CHUNK_TRIANGLES,
    Ints,
    Mesh,
    Points,
    Reals,
    area_columns,
    corner_columns,
    dot_columns,
)


@dataclass(frozen=True, slots=True)
class Box:
    """The axis-aligned box around some points, in mm."""

    lowest: tuple[float, float, float]
    highest: tuple[float, float, float]

    @property
    def size_mm(self) -> tuple[float, float, float]:
        """Extents along x, y, z."""
        low, high = self.lowest, self.highest
        return high[0] - low[0], high[1] - low[1], high[2] - low[2]

    @property
    def centre_mm(self) -> tuple[float, float, float]:
        """The middle of the box."""
        low, high = self.lowest, self.highest
        return (low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2

    @property
    def diagonal_mm(self) -> float:
        """From corner to corner."""
        return math.hypot(*self.size_mm)


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """Signed volume of each body, negative when it is inside out, and the surface of all."""

    volumes_mm3: Reals
    surface_mm2: float


def box_of(points: Points) -> Box:
    """The box around points."""
    # Axis by axis: one reduction over rows of three is ten times slower.
    columns = [points[:, axis] for axis in range(3)]
    low = [float(column.min()) for column in columns]
    high = [float(column.max()) for column in columns]
    return Box((low[0], low[1], low[2]), (high[0], high[1], high[2]))


def measure(mesh: Mesh, box: Box, body_of_face: Ints, bodies: int) -> Measures:
    """Sums the faces body by body."""
    centred = mesh.points - np.asarray(box.centre_mm, dtype=np.float64)
    volumes = np.zeros(bodies, dtype=np.float64)
    terms, doubled_areas = np.empty(len(mesh.faces)), np.empty(len(mesh.faces))
    for part, corners in corner_columns(centred, mesh.faces):
        normals = area_columns(corners)
        terms[part] = dot_columns(corners[:, 0], normals)
        doubled_areas[part] = np.sqrt(dot_columns(normals, normals))
    surface = 0.0
    for start in range(0, len(terms), CHUNK_TRIANGLES):
        part = slice(start, start + CHUNK_TRIANGLES)
        volumes += np.bincount(body_of_face[part], weights=terms[part], minlength=bodies)
        surface += float(doubled_areas[part].sum())
    return Measures(volumes / 6, surface / 2)
