"""Parts and turns for the tests of orientation, and what its own measure makes of a pose."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import strategies as st

from pricing_fdm.mesh.measure import Measures, box_of, measure
from pricing_fdm.mesh.orientation.cost import cut, part_cost, support_cost
from pricing_fdm.mesh.orientation.support import estimate_support
from pricing_fdm.mesh.orientation.surface import Standing, sample_surface, set_down
from pricing_fdm.mesh.triangles import Corners, Mesh
from pricing_fdm.mesh.weld import weld
from pricing_fdm.model import UNTURNED, Rotation
from tests.mesh.shapes import box, soup

LAYER_MM = 0.2


def whole(mesh: Mesh) -> Measures:
    """What a mesh adds up to as one body."""
    return measure(mesh, box_of(mesh.points), np.zeros(len(mesh.faces), dtype=np.int32), 1)


def mesh_of(*bodies: Corners) -> Mesh:
    return weld(np.concatenate(bodies))


def four_legged_table() -> Mesh:
    """A plate of 80 x 60 x 4 mm on four legs of 25 mm."""
    legs = [box((6, 6, 25), at=(x, y, 0)) for x in (0, 74) for y in (0, 54)]
    return mesh_of(*legs, box((80, 60, 4), at=(0, 0, 25)))


def lathe(radii: list[float], heights: list[float], sides: int = 48) -> Mesh:
    """A solid of revolution about z: one ring of corners for each radius, closed at its ends."""
    angles = np.arange(sides) * 2 * np.pi / sides
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rings = [
        np.column_stack([radius * around, np.full(sides, height)])
        for radius, height in zip(radii, heights, strict=True)
    ]
    bottom, top = np.array([0, 0, heights[0]]), np.array([0, 0, heights[-1]])
    triangles = []
    for one in range(sides):
        two = (one + 1) % sides
        triangles += [bottom, rings[0][two], rings[0][one], top, rings[-1][one], rings[-1][two]]
        for lower, upper in itertools.pairwise(rings):
            triangles += [lower[one], lower[two], upper[two], lower[one], upper[two], upper[one]]
    return weld(soup(triangles))


def turned_by(mesh: Mesh, rotation: Rotation) -> Mesh:
    points = mesh.points.astype(np.float64) @ np.array(rotation).T
    return Mesh(points.astype(np.float32), mesh.faces)


def any_rotation() -> st.SearchStrategy[Rotation]:
    """Rotations made of unit quaternions."""
    number = st.floats(-1, 1)
    return st.tuples(number, number, number, number).filter(_has_length).map(_matrix)


def standing(mesh: Mesh, rotation: Rotation = UNTURNED) -> Standing:
    """The surface of a part in a pose, on the bed."""
    surface = sample_surface(mesh, whole(mesh))
    assert surface is not None
    heights = mesh.points.astype(np.float64) @ np.array(rotation[2])
    return set_down(surface, rotation, float(heights.min()), float(np.ptp(heights)))


def cost_usd(mesh: Mesh, rotation: Rotation = UNTURNED) -> float:
    part = standing(mesh, rotation)
    support = estimate_support(part, LAYER_MM)
    return part_cost(cut(part, LAYER_MM)) + support_cost(support, LAYER_MM)


def rested(mesh: Mesh) -> bool:
    """Whether a face of the part lies on the bed."""
    low = mesh.points[:, 2] < mesh.points[:, 2].min() + 0.05
    return bool(low[mesh.faces].all(axis=1).any())


def _has_length(quaternion: tuple[float, ...]) -> bool:
    return sum(value * value for value in quaternion) > 0.01


def _matrix(quaternion: tuple[float, ...]) -> Rotation:
    w, x, y, z = np.array(quaternion) / np.linalg.norm(quaternion)
    return (
        (1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
        (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
        (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)),
    )
