"""Lays the bodies of a file out anew on one plate, if they do not fit the printer as they lie.

Bodies whose boxes touch, overlap or nest may be interlocked or meant as one piece, so they form a
group and keep their places to each other. Each group is set down, turned about the vertical where
that helps, and packed side by side with the others. Nothing is tipped over.

Packing keeps a skyline: how deep the bed is taken at each place along x. Each rectangle goes where
its back edge is closest to the front, as it is or turned by a quarter, and then as far left as it
goes. That is not optimal, but the same rectangles always get the same places.

Cost: O(n log n) in points, and O(r s^2) in rectangles and steps of the skyline. There are at most
as many rectangles as `bodies.MAX_COMPARED`, and as many steps as gaps fit across the bed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.bodies import boxes_of_bodies, pieces_of
from pricing_fdm.mesh.measure import box_of
from pricing_fdm.mesh.placing.footprint import Turn
from pricing_fdm.mesh.placing.turning import on_bed, turn_for, turned
from pricing_fdm.mesh.triangles import Ints, Mesh, Points
from pricing_fdm.mesh.units import FIT_TOLERANCE_MM, Size, beyond
from pricing_fdm.model import BuildVolume

GAP_MM = 6.0
"""Between groups: what PrusaSlicer keeps by default when it arranges (`duplicate_distance`).

Support stands out by up to 4.3 mm in our profiles.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Bodies that keep their places to each other.

    Attributes:
        rows: Numbers of their points.
        size: Of their box, as they lie.
        turn: About the vertical; the best for the bed.
        fits: Whether they fit the empty printer, turned so.
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
    """The points of all groups in their new places on one plate, or None if there is no room."""
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


Sides: TypeAlias = tuple[float, float]
"""Extents along x and y in mm."""


class Spot(NamedTuple):
    """Where a rectangle's front left corner lies, and whether it was turned by a quarter."""

    x_mm: float
    y_mm: float
    turned: bool


class _Step(NamedTuple):
    """The skyline is `y_mm` deep from `x_mm` to `end_mm`."""

    x_mm: float
    end_mm: float
    y_mm: float


_ORDERS: tuple[Callable[[Sides], Sides], ...] = (
    lambda sides: (max(sides), min(sides)),
    lambda sides: (sides[0] * sides[1], max(sides)),
    lambda sides: (min(sides), max(sides)),
)
"""Sort keys, largest first: longer side, area, shorter side; the first that works is taken."""


def pack(rectangles: Sequence[Sides], bed: Sides, gap_mm: float) -> list[Spot] | None:
    """Lays rectangles on a bed with a gap between them, none at its edge.

    Returns:
        A spot for each, in the given order; None if no sort order makes them fit.
    """
    inflated = [(x + gap_mm, y + gap_mm) for x, y in rectangles]
    # The last gap of each row and of the last row may stand over the edge.
    room = (bed[0] + gap_mm + FIT_TOLERANCE_MM, bed[1] + gap_mm + FIT_TOLERANCE_MM)
    for size_of in _ORDERS:
        order = sorted(range(len(inflated)), key=lambda each: size_of(inflated[each]), reverse=True)
        if spots := _packed([inflated[each] for each in order], room):
            return [spot for _, spot in sorted(zip(order, spots, strict=True))]
    return None


def _packed(rectangles: Sequence[Sides], bed: Sides) -> list[Spot] | None:
    skyline = [_Step(0.0, bed[0], 0.0)]
    spots = []
    for x, y in rectangles:
        places = [
            (spot.y_mm + depth, spot.x_mm, width, spot)
            for width, depth, turned in ((x, y, False), (y, x, True))
            for spot in _spots(skyline, width, bed[0], turned=turned)
            if spot.y_mm + depth <= bed[1]
        ]
        if not places:
            return None
        back_mm, _, width, spot = min(places)
        skyline = list(_raised(skyline, _Step(spot.x_mm, spot.x_mm + width, back_mm)))
        spots.append(spot)
    return spots


def _spots(
    skyline: Sequence[_Step], width_mm: float, bed_mm: float, *, turned: bool
) -> Iterator[Spot]:
    """For each step, the foremost place whose left edge is there."""
    for number, step in enumerate(skyline):
        end_mm = step.x_mm + width_mm
        if end_mm > bed_mm:
            return
        below = [each.y_mm for each in skyline[number:] if each.x_mm < end_mm]
        yield Spot(step.x_mm, max(below), turned)


def _raised(skyline: Sequence[_Step], roof: _Step) -> Iterator[_Step]:
    """The skyline with one more roof on it."""
    for step in skyline:
        if step.x_mm == roof.x_mm:
            yield roof
        start_mm = max(step.x_mm, roof.end_mm) if step.x_mm >= roof.x_mm else step.x_mm
        if start_mm < step.end_mm:
            yield _Step(start_mm, step.end_mm, step.y_mm)
