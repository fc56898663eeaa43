"""A part as some thousand points of its surface, each of which stands for the same area.

What a pose costs is a sum over the surface. A sum over 24,000 points spread evenly is as good as
one over two million triangles, takes the same time for every part, and is the same however the
part is turned, since the points lie where they lie on the part. Nothing is drawn at random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.measure import box_of
from pricing_fdm.mesh.triangles import (
    Mesh,
    Reals,
    area_columns,
    corner_columns,
    cross,
    dot_columns,
)
from pricing_fdm.model import Rotation

SAMPLES = 24_000

# Irrational steps that spread evenly in one and in two dimensions (Roberts 2018, R1 and R2).
_STEP = 0.618033988749895
_STEPS = (0.7548776662466927, 0.5698402909980532)


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Points spread evenly over a closed surface.

    Attributes:
        points: (k, 3) in mm.
        normals: (k, 3), unit length, outward.
        area_mm2: What each point stands for.
        centroid: Centre of mass of what is inside.
    """

    points: Reals
    normals: Reals
    area_mm2: float
    centroid: Reals


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The surface of a part that stands on z = 0.

    Attributes:
        points: (k, 3) in mm.
        facing: (k,), the z of the unit normal at each point.
        area_mm2: What each point stands for.
        centroid: Centre of mass.
        height_mm: Extent along z, of the whole part.
    """

    points: Reals
    facing: Reals
    area_mm2: float
    centroid: Reals
    height_mm: float


def sample_surface(mesh: Mesh, samples: int = SAMPLES) -> Surface | None:
    """Spreads points over a closed mesh, or None where it has no area or encloses nothing."""
    centre = np.asarray(box_of(mesh.points).centre_mm)
    areas = np.empty(len(mesh.faces))
    volume, moment = 0.0, np.zeros(3)
    for part, corners in corner_columns(mesh.points - centre, mesh.faces):
        normals = area_columns(corners)
        areas[part] = np.sqrt(dot_columns(normals, normals)) / 2
        volumes = dot_columns(corners[:, 0], normals) / 6
        volume += float(volumes.sum())
        moment += corners.sum(axis=1) @ volumes / 4
    reached = np.cumsum(areas)
    if not (reached[-1] > 0 and volume > 0):
        return None

    numbers = np.arange(samples)
    spots = (numbers + (numbers * _STEP) % 1.0) * (reached[-1] / samples)
    faces = np.minimum(np.searchsorted(reached, spots, side="right"), len(areas) - 1)
    corners = mesh.points[mesh.faces[faces]].astype(np.float64)
    normals = _normals(corners)
    lengths = np.sqrt(np.einsum("ij,ij->i", normals, normals))
    lengths[lengths == 0.0] = 1.0
    return Surface(
        points=_spread(corners),
        normals=normals / lengths[:, np.newaxis],
        area_mm2=float(reached[-1]) / samples,
        centroid=centre + moment / volume,
    )


def set_down(surface: Surface, rotation: Rotation, lowest_mm: float, height_mm: float) -> Standing:
    """Turns a surface and sets it down.

    Args:
        surface: Of the part, in its own axes.
        rotation: From these to the printer's.
        lowest_mm: The part's lowest z after the rotation.
        height_mm: How high it is then.
    """
    matrix = np.array(rotation)
    points = surface.points @ matrix.T
    points[:, 2] -= lowest_mm
    centroid = matrix @ surface.centroid
    centroid[2] -= lowest_mm
    return Standing(points, surface.normals @ matrix[2], surface.area_mm2, centroid, height_mm)


def _normals(corners: Reals) -> Reals:
    """By the right-hand rule, twice as long as the area."""
    first = corners[:, 0]
    return cross(corners[:, 1] - first, corners[:, 2] - first)


def _spread(corners: Reals) -> Reals:
    """A point in each triangle, so that those of one triangle spread evenly over it."""
    shares = np.arange(1, len(corners) + 1)[:, np.newaxis] * np.array(_STEPS) % 1.0
    beyond = shares.sum(axis=1) > 1.0
    shares[beyond] = 1.0 - shares[beyond]
    first, second, third = corners[:, 0], corners[:, 1], corners[:, 2]
    points: Reals = first + shares[:, :1] * (second - first) + shares[:, 1:] * (third - first)
    return points
