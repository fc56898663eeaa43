"""Turns faces so that neighbours agree, and bodies so that their outside is outside.

Neighbours agree if they run along their common edge in opposite directions. Which triangles to
turn is a question of connectivity: the graph holds each face twice, as it is and turned, and
connects the states in which two faces agree. A surface has two solutions. The one that turns fewer
triangles is taken, so a cavity stays a cavity; if both turn as many, the surface's first triangle
stays.

Cost: as `components`, plus O(n) in bodies, of which at most `MAX_DOUBTFUL_BODIES` are looked up.
"""

from __future__ import annotations

import numpy as np

from pricing_fdm.mesh.bodies import boxes_of_bodies, lie_within
from pricing_fdm.mesh.components import components
from pricing_fdm.mesh.edges import Edges
from pricing_fdm.mesh.triangles import Faces, Flags, Ints, Mesh, Reals

MAX_DOUBTFUL_BODIES = 1_000
"""Most bodies with negative volume that are compared with the boxes of the others."""


def agreed(mesh: Mesh, edges: Edges) -> Mesh:
    """Turns triangles until neighbours agree; a one-sided surface stays as it is."""
    tails = np.concatenate([2 * edges.left, 2 * edges.left + 1])
    heads = np.concatenate([2 * edges.right + edges.twisted, 2 * edges.right + 1 - edges.twisted])
    label = components(2 * len(mesh.faces), tails, heads).reshape(-1, 2)
    as_is, turned = label[:, 0], label[:, 1]
    turn = as_is > turned
    surface = np.minimum(as_is, turned)
    size = np.bincount(surface, minlength=label.size)
    turned_size = np.bincount(surface, weights=turn, minlength=label.size)
    turn ^= (2 * turned_size > size)[surface]
    # Both states in one component: the surface has only one side, like a Moebius strip.
    turn &= as_is != turned
    return Mesh(mesh.points, _turned(mesh.faces, turn))


def inside_out(volumes: Reals, mesh: Mesh, body_of_face: Ints) -> Flags:
    """Which bodies are wound inside out.

    A body with negative volume is a cavity when its box lies within the box of a body with
    positive volume, else it is inside out. If the whole sum is negative, everything is turned
    before that is asked.

    Returns:
        One flag for each body. With more than `MAX_DOUBTFUL_BODIES` negative ones they are all
        taken for cavities.
    """
    turn = np.full(len(volumes), bool(volumes.sum() < 0))
    outward = np.where(turn, -volumes, volumes)
    doubtful = np.flatnonzero(outward < 0)
    if 0 < len(doubtful) <= MAX_DOUBTFUL_BODIES:
        lowest, highest = boxes_of_bodies(mesh, body_of_face)
        solid = outward > 0
        turn[doubtful] ^= ~lie_within(
            (lowest[doubtful], highest[doubtful]), (lowest[solid], highest[solid])
        )
    return turn


def turn_bodies(mesh: Mesh, turn: Flags, body_of_face: Ints) -> Mesh:
    """Turns all faces of the flagged bodies; the same mesh if there are none."""
    if not turn.any():
        return mesh
    return Mesh(mesh.points, _turned(mesh.faces, turn[body_of_face]))


def _turned(faces: Faces, turn: Flags) -> Faces:
    result = faces.copy()
    result[turn] = faces[turn][:, ::-1]
    return result
