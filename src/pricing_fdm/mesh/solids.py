"""Numbers the bodies of a mesh: what hangs together by its surface.

At an edge with more than two triangles bodies touch, or one body touches itself. Each of them is a
wedge of material there. Going around the edge, the triangle at which a wedge begins and the one at
which it ends belong to the same body.

Cost: as `components` in triangles; O(k log k) in triangles at edges that have more than two.
"""

from __future__ import annotations

import numpy as np

from pricing_fdm.mesh.components import components, consecutive
from pricing_fdm.mesh.edges import Crowd, Edges
from pricing_fdm.mesh.triangles import Faces, Ints, Mesh, Points, Reals, cross

_ROUNDING = 1e-4
"""Radians between triangles that lie on each other: there a wedge ends before the next begins."""

_AWAY = 0.1234
"""Radians, by which angles are turned, so that the first triangle is not where they begin anew."""


def body_of_each_face(mesh: Mesh, edges: Edges) -> tuple[Ints, int]:
    """The number of the body that each face belongs to, and how many bodies there are."""
    left, right = edges.left, edges.right
    if len(edges.crowd.face):
        one, other = _sides_of_wedges(mesh, edges.crowd)
        left, right = np.concatenate([left, one]), np.concatenate([right, other])
    return consecutive(components(len(mesh.faces), left, right))


def _sides_of_wedges(mesh: Mesh, crowd: Crowd) -> tuple[Ints, Ints]:
    """Pairs of triangles between which there is material."""
    order = np.lexsort((_angles(mesh.points, mesh.faces, crowd), crowd.edge))
    edge, face, begins = crowd.edge[order], crowd.face[order], ~crowd.forward[order]
    step = np.where(begins, 1, -1)
    balance = np.bincount(edge, weights=step)
    depth = np.cumsum(step)
    firsts = np.flatnonzero(np.diff(edge, prepend=-1))
    depth -= (depth - step)[firsts][edge]
    # At one depth wedges begin and end in turn. Where more begin than end, all is one body.
    level = np.where(balance[edge] == 0, depth + ~begins, 0)
    rows = np.lexsort((np.arange(len(edge)), level, edge))
    starts = np.diff(edge[rows], prepend=-1) != 0
    starts |= np.diff(level[rows], prepend=0) != 0
    starts = np.flatnonzero(starts)
    counts = np.diff(starts, append=len(rows))
    run = np.repeat(np.arange(len(starts)), counts)
    onward = starts[run] + (np.arange(len(rows)) - starts[run] + 1) % counts[run]
    paired = begins[rows] | (balance[edge[rows]] != 0)
    return face[rows[paired]], face[rows[onward[paired]]]


def _angles(points: Points, faces: Faces, crowd: Crowd) -> Reals:
    """The direction of each triangle, seen along its edge: rising counter-clockwise."""
    low, high = (points[ends].astype(np.float64) for ends in (crowd.low, crowd.high))
    corners = faces[crowd.face]
    third = corners.sum(axis=1) - crowd.low - crowd.high
    axis = high - low
    away = cross(axis, points[third] - low)  # turned by a quarter, as all of them are
    firsts = np.flatnonzero(np.diff(crowd.edge, prepend=-1))[crowd.edge]
    ahead = away[firsts]
    aside = cross(axis, ahead)
    lengths = np.sqrt((axis**2).sum(axis=1))
    angle = np.arctan2((away * aside).sum(axis=1), (away * ahead).sum(axis=1) * lengths)
    keys: Reals = np.mod(angle + _AWAY, 2 * np.pi) - _ROUNDING * crowd.forward
    return keys
