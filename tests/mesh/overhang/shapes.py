"""Solids made by cutting and joining, as meshes that stand on z = 0."""

from __future__ import annotations

import numpy as np
from manifold3d import CrossSection, Manifold

from pricing_fdm.mesh.triangles import Ints, Mesh

LAYER_MM = 0.2


def block(x: float, y: float, z: float, at: tuple[float, float, float] = (0, 0, 0)) -> Manifold:
    """A box with its lowest corner at `at`."""
    return Manifold.cube([x, y, z]).translate(at)


def wall(outline: list[tuple[float, float]], thickness: float) -> Manifold:
    """An outline in x and z, counter-clockwise, as thick as said along y."""
    return (
        CrossSection([outline]).extrude(thickness).rotate([90, 0, 0]).translate([0, thickness, 0])
    )


def lying_hole(diameter: float, *, wall_mm: float = 6.0) -> Manifold:
    """A block with a round hole along y."""
    side = diameter + 2 * wall_mm
    hole = Manifold.cylinder(60, diameter / 2, circular_segments=64).rotate([-90, 0, 0])
    return block(side, 20, side) - hole.translate([side / 2, -20, side / 2])


def mesh_of(*solids: Manifold) -> tuple[Mesh, Ints]:
    """The solids as bodies of one mesh, and the body of each face."""
    points, faces, bodies, shift = [], [], [], 0
    for body, solid in enumerate(solids):
        mesh = solid.to_mesh()
        points.append(np.asarray(mesh.vert_properties, dtype=np.float32)[:, :3])
        faces.append(np.asarray(mesh.tri_verts, dtype=np.int32) + shift)
        bodies.append(np.full(len(faces[-1]), body, dtype=np.int32))
        shift += len(points[-1])
    return Mesh(np.concatenate(points), np.concatenate(faces)), np.concatenate(bodies)
