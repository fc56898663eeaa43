"""Joins points at open edges by the smallest distance that closes the gaps of a mesh.

Programs that round each triangle for itself leave corners apart that should be one. By how much,
the mesh tells: distances are tried from a micrometre up. A larger one is taken only if it leaves
less than half of the open edges, and if next to no surface vanishes, since a mesh with holes and
finer triangles than that would be drawn together.

Cost: that of `weld` and `edges` for each of at most `len(DISTANCES_MM)` distances. A mesh with more
than `MAX_POINTS` points at open edges is left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.edges import Edges, survey
from pricing_fdm.mesh.measure import box_of
from pricing_fdm.mesh.triangles import Mesh, area_columns, corner_columns, dot_columns
from pricing_fdm.mesh.weld import weld_near

DISTANCES_MM = (0.001, 0.005, 0.02, 0.05)
"""The last is what slicers close by themselves (`slice_closing_radius`)."""

MAX_SHARE = 0.002
"""Largest distance as a share of the part's diagonal, for all but the first."""

MAX_LOST_SHARE = 0.002
"""Largest share of the surface that may vanish or appear."""

MAX_POINTS = 2_000_000
"""Twelve seconds; as many as 33 MB of triangles have that share no corner."""

_WORTH = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """A mesh after its near points were joined.

    Attributes:
        near_mm: The distance; 0 if nothing was joined.
    """

    mesh: Mesh
    edges: Edges
    near_mm: float = 0.0


def join_gaps(mesh: Mesh, edges: Edges) -> Joined:
    """Joins what is left open by rounding."""
    best, rim = Joined(mesh, edges), edges.rim_points()
    if len(rim) > MAX_POINTS:
        return best
    surface_mm2 = _surface_mm2(mesh)
    reach_mm = MAX_SHARE * box_of(mesh.points).diagonal_mm
    for near_mm in DISTANCES_MM:
        if best.edges.open == 0 or near_mm > max(reach_mm, DISTANCES_MM[0]):
            break
        joined = weld_near(mesh, rim, near_mm)
        lost_mm2 = abs(surface_mm2 - _surface_mm2(joined))
        if joined is mesh or lost_mm2 > MAX_LOST_SHARE * surface_mm2:
            continue
        after = survey(joined.faces)
        worth = _WORTH if near_mm > DISTANCES_MM[0] else 1.0
        if after.open < worth * best.edges.open:
            best = Joined(joined, after, near_mm)
    return best


def _surface_mm2(mesh: Mesh) -> float:
    total = 0.0
    for _, corners in corner_columns(mesh.points, mesh.faces):
        areas = area_columns(corners)
        total += float(np.sqrt(dot_columns(areas, areas)).sum())
    return total / 2
