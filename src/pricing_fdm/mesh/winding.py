"""Turns faces so that neighbours agree, and bodies so that their outside is outside.

Neighbours agree if they run along their common edge in opposite directions. Which triangles to
turn is a question of connectivity: the graph holds each face twice, as it is and turned, and
connects the states in which two faces agree. A surface has two solutions. The one that turns fewer
triangles is taken, so a cavity stays a cavity; if both turn as many, the surface's first triangle
stays.

Cost: as `components` and `enclosure`, plus at most `MAX_COMPARED` pairs of bodies.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.bodies import boxes_of_bodies
from pricing_fdm.mesh.components import components
from pricing_fdm.mesh.edges import Edges
from pricing_fdm.mesh.enclosure import MAX_ASKED, enclosing
from pricing_fdm.mesh.triangles import Faces, Flags, Ints, Mesh, Reals

MAX_COMPARED = 1_000_000
"""Most pairs of bodies whose boxes are compared to find what lies in a body that is inside out."""


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

    If the whole sum is negative, everything is turned first. Then, from the largest body down,
    what lies in a body that is turned is turned with it, so a hollow part stays hollow. A body
    with negative volume is a cavity if material encloses it, else a part that is inside out.

    Returns:
        One flag for each body. If there is too much for `enclosure` to look at, bodies with
        negative volume are taken for cavities.
    """
    turn = np.full(len(volumes), bool(volumes.sum() < 0))
    outward = np.where(turn, -volumes, volumes)
    doubtful = _doubtful(outward, mesh, body_of_face)
    around = enclosing(mesh, body_of_face, volumes, doubtful) if len(doubtful) else None
    if around is None:
        return turn
    sizes, signs, flipped = np.abs(volumes), np.sign(outward), np.zeros(len(volumes), np.bool_)
    for body in doubtful[np.argsort(-sizes[doubtful], kind="stable")].tolist():
        enclosers = [[each for each in some if sizes[each] > sizes[body]] for some in around[body]]
        innermost = min(enclosers[0], key=lambda each: sizes[each], default=body)
        sign = -signs[body] if flipped[innermost] else signs[body]
        if sign < 0 and min(signs[some].sum() for some in enclosers) < 1:
            sign = 1.0
        flipped[body], signs[body] = sign != signs[body], sign
    return turn ^ flipped


def turn_bodies(mesh: Mesh, turn: Flags, body_of_face: Ints) -> Mesh:
    """Turns all faces of the flagged bodies; the same mesh if there are none."""
    if not turn.any():
        return mesh
    return Mesh(mesh.points, _turned(mesh.faces, turn[body_of_face]))


def _doubtful(outward: Reals, mesh: Mesh, body_of_face: Ints) -> npt.NDArray[np.intp]:
    """Bodies with negative volume and, if these are few, those whose boxes lie in theirs."""
    negative = np.flatnonzero(outward < 0)
    if not 0 < len(negative) * len(outward) <= MAX_COMPARED:
        return negative
    lowest, highest = boxes_of_bodies(mesh, body_of_face)
    within = (lowest[negative, np.newaxis] <= lowest).all(axis=2)
    within &= (highest[negative, np.newaxis] >= highest).all(axis=2)
    either = np.flatnonzero(within.any(axis=0))
    return either if len(either) <= MAX_ASKED else negative


def _turned(faces: Faces, turn: Flags) -> Faces:
    result = faces.copy()
    result[turn] = faces[turn][:, ::-1]
    return result
