"""Several bodies laid out anew on one plate, for a file that does not fit the printer as it lies.

Bodies whose boxes touch, overlap or nest may be interlocked or meant as one piece: they stay one
group and keep their places to each other. Groups are set down, turned about the vertical where
that helps, and packed side by side. Nothing is tipped over.

Cost: O(n log n) in points, and that of `packing`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.bodies import boxes_of_bodies, pieces_of
from pricing_fdm.mesh.measure import box_of
from pricing_fdm.mesh.placing.footprint import Turn
from pricing_fdm.mesh.placing.packing import pack
from pricing_fdm.mesh.placing.turning import on_bed, turn_for, turned
from pricing_fdm.mesh.triangles import Ints, Mesh, Points
from pricing_fdm.mesh.units import Size, beyond
from pricing_fdm.model import BuildVolume

GAP_MM = 6.0
"""Between groups: what PrusaSlicer keeps by default when it arranges (`duplicate_distance`).

Support stands out by up to 4.3 mm in our profiles.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Bodies that keep their places to each other.

    Attributes:
        rows: Which points of the mesh are theirs.
        size: Of their box, as they lie.
        turn: About the vertical, with which they fit the bed best.
        fits: They fit the printer, turned so, if nothing else is on it.
    """

    rows: npt.NDArray[np.intp]
    size: Size
    turn: Turn
    fits: bool


def groups_of(mesh: Mesh, body_of_face: Ints, volume: BuildVolume) -> list[Group]:
    """The groups of a mesh, in the order of their first bodies."""
    pieces = pieces_of(*boxes_of_bodies(mesh, body_of_face))
    group_of_point = np.empty(len(mesh.points), dtype=np.int32)
    group_of_point[mesh.faces] = pieces.of_body[body_of_face][:, np.newaxis]
    order = np.argsort(group_of_point, kind="stable")
    ends = np.cumsum(np.bincount(group_of_point, minlength=len(pieces.lowest)))
    return [_group(mesh.points, rows, volume) for rows in np.split(order, ends[:-1])]


def lay_out(points: Points, groups: list[Group], volume: BuildVolume) -> Points | None:
    """The points of all groups in their new places on one plate; None where they find none."""
    footprints = [(group.turn.x_mm, group.turn.y_mm) for group in groups]
    spots = pack(footprints, (volume.x_mm, volume.y_mm), GAP_MM)
    if spots is None:
        return None
    placed = np.empty(points.shape, dtype=np.float32)
    for group, spot in zip(groups, spots, strict=True):
        mine = points[group.rows].astype(np.float64)
        mine = turned(mine - mine.mean(axis=0), group.turn.degrees)
        if spot.turned:
            mine = turned(mine, 90.0)
        placed[group.rows] = mine + (np.array([spot.x_mm, spot.y_mm, 0.0]) - mine.min(axis=0))
    return placed


def _group(points: Points, rows: npt.NDArray[np.intp], volume: BuildVolume) -> Group:
    mine = points[rows]
    size = box_of(mine).size_mm
    turn = turn_for(mine, volume)
    return Group(rows, size, turn, on_bed(turn, volume) and "z" not in beyond(size, volume))
