"""Represents a part by 24,000 points of its surface, each of which stands for the same area.

The cost of a pose is a sum over the surface. A sum over points spread evenly is as good as one over
two million triangles and takes the same time for every part. The points are fixed on the part, so
every pose sees the same ones, and nothing is random.

Cost: O(n + s log n) in triangles and samples, whose number is fixed.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.measure import Measures
from pricing_fdm.mesh.triangles import Mesh, Reals, area_columns, dot_columns
from pricing_fdm.model import Rotation

SAMPLES = 24_000

# Irrational steps that spread evenly in one and in two dimensions (Roberts 2018, R1 and R2).
_STEP = 0.618033988749895
_STEPS = (0.7548776662466927, 0.5698402909980532)


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Points spread evenly over a closed surface.

    Attributes:
        points: (3, k) in mm.
        normals: (3, k), unit length, outward.
        area_mm2: Area that each point stands for.
        centroid: Centre of mass.
    """

    points: Reals
    normals: Reals
    area_mm2: float
    centroid: Reals


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The surface of a part that stands on z = 0.

    Attributes:
        z_mm: (k,), the height of each point.
        facing: (k,), the z of the unit normal at each point.
        area_mm2: Area that each point stands for.
        centroid: Centre of mass.
        height_mm: Extent along z, of the whole part.
        points: (3, k) in mm, in the part's own axes.
        across: (2, 3), the printer's x and y in these axes.
    """

    z_mm: Reals
    facing: Reals
    area_mm2: float
    centroid: Reals
    height_mm: float
    points: Reals
    across: Reals

    def xy_mm(self, rows: npt.NDArray[np.intp] | None = None) -> Reals:
        """(2, k), where the points lie on the bed."""
        return self.across @ (self.points if rows is None else self.points.take(rows, axis=1))


def sample_surface(mesh: Mesh, measures: Measures) -> Surface | None:
    """Spreads points over a closed mesh; None if it has no area or no volume.

    Args:
        mesh: With outward normals.
        measures: Of this mesh.
    """
    reached = np.cumsum(measures.areas_mm2)
    if not (reached[-1] > 0 and measures.volumes_mm3.sum() > 0):
        return None

    numbers = np.arange(SAMPLES)
    spots = (numbers + (numbers * _STEP) % 1.0) * (reached[-1] / SAMPLES)
    faces = np.minimum(np.searchsorted(reached, spots, side="right"), len(reached) - 1)
    corners = mesh.points.T.take(mesh.faces[faces].T, axis=1).astype(np.float64)
    normals = area_columns(corners)
    lengths = np.sqrt(dot_columns(normals, normals))
    lengths[lengths == 0.0] = 1.0
    return Surface(
        points=_spread(corners),
        normals=normals / lengths,
        area_mm2=float(reached[-1]) / SAMPLES,
        centroid=measures.centroid_mm,
    )


def set_down(surface: Surface, rotation: Rotation, lowest_mm: float, height_mm: float) -> Standing:
    """Turns a surface and sets it down on z = 0.

    Args:
        surface: Of the part, in its own axes.
        rotation: From these to the printer's.
        lowest_mm: The part's lowest z after the rotation.
        height_mm: How high it is then.
    """
    across, up = np.array(rotation[:2]), np.array(rotation[2])
    z_mm = up @ surface.points
    z_mm -= lowest_mm
    centroid = np.array(rotation) @ surface.centroid
    centroid[2] -= lowest_mm
    return Standing(
        z_mm=z_mm,
        facing=up @ surface.normals,
        area_mm2=surface.area_mm2,
        centroid=centroid,
        height_mm=height_mm,
        points=surface.points,
        across=across,
    )


def _spread(corners: Reals) -> Reals:
    """A point in each triangle, so that those of one triangle spread evenly over it."""
    first, second, third = corners[:, 0], corners[:, 1], corners[:, 2]
    to_second, to_third = _shares(corners.shape[2])
    points: Reals = first + to_second * (second - first) + to_third * (third - first)
    return points


@functools.cache
def _shares(samples: int) -> Reals:
    """How far each point lies from the first corner to the second and to the third, (2, k)."""
    shares: Reals = np.remainder(np.outer(_STEPS, np.arange(1, samples + 1)), 1.0)
    beyond = shares.sum(axis=0) > 1.0
    shares[:, beyond] = 1.0 - shares[:, beyond]
    return shares
