"""Finds out where the material is: which bodies are inside out, which are cavities, which are one.

Cost: that of `measure`, `winding` and `union`, and of `edges` where bodies were united.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.measure import Box, Measures, measure
from pricing_fdm.mesh.repair import Solid
from pricing_fdm.mesh.solids import body_of_each_face
from pricing_fdm.mesh.triangles import Ints, Mesh
from pricing_fdm.mesh.union import unite
from pricing_fdm.mesh.winding import inside_out, turn_bodies


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """A mesh, right side out.

    Attributes:
        mesh: Bodies that touch are united.
        body_of_face: Number of the body that each face belongs to.
        bodies: How many there are, without cavities; with those that lie within others.
        measures: Of the mesh.
        turned: How many bodies were inside out.
        non_manifold: Edges with more than two triangles.
    """

    mesh: Mesh
    body_of_face: Ints
    bodies: int
    measures: Measures
    turned: int
    non_manifold: int


def material_of(solid: Solid, box: Box) -> Material:
    """Turns the bodies of a closed mesh right side out, and unites those that touch."""
    body_of_face, non_manifold = solid.body_of_face, solid.non_manifold
    measures = measure(solid.mesh, box, body_of_face, solid.bodies)
    turn = inside_out(measures.volumes_mm3, solid.mesh, body_of_face)
    upright = turn_bodies(solid.mesh, turn, body_of_face)
    volumes_mm3 = np.where(turn, -measures.volumes_mm3, measures.volumes_mm3)
    united = unite(upright, body_of_face, volumes_mm3)
    mesh, bodies = united.mesh, solid.bodies
    if mesh is not upright:
        edges = survey(mesh.faces)
        non_manifold = edges.non_manifold
        body_of_face, bodies = body_of_each_face(mesh, edges)
    if mesh is not solid.mesh:
        measures = measure(mesh, box, body_of_face, bodies)
    return Material(
        mesh=mesh,
        body_of_face=body_of_face,
        # Those with negative volume are cavities.
        bodies=int(np.count_nonzero(measures.volumes_mm3 > 0)) + united.hidden,
        measures=measures,
        turned=int(np.count_nonzero(turn)),
        non_manifold=non_manifold,
    )
