"""A part in one turn on one bed: where it may lie, and what a copy of it takes from others.

Each is worked out when it is first needed, and serves all plates of an order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pricing_fdm.model import Bed, Outline, Point
from pricing_fdm.plates.grid import points_inside, points_that_hold
from pricing_fdm.plates.places import Places, Stamp, stamp
from pricing_fdm.plates.polygons import (
    Convex,
    box_of,
    convex,
    grown,
    minkowski_sum,
    mirrored,
    turned,
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What copies lie on.

    Attributes:
        gap_mm: Between copies.
        gap_corners: Of what stands for a circle around a copy.
        step_mm: Of the grid of places.
    """

    bed: Bed
    gap_mm: float
    gap_corners: int
    step_mm: float


class Pose:
    """A part in one turn.

    Args:
        part: Its number.
        turned_deg: Counter-clockwise.
        outline: Not turned yet.
        ground: On which it lies.
    """

    def __init__(self, part: int, turned_deg: int, outline: Outline, ground: Ground) -> None:
        self.part, self.turned_deg = part, turned_deg
        self._shape = turned(outline, turned_deg)
        self._ground = ground
        self._taken: dict[Pose, Stamp] = {}

    @cached_property
    def places(self) -> Places:
        """All places on the empty bed."""
        ground, bed = self._ground, self._ground.bed
        shape = grown(self._shape, bed.edge_mm)
        (bed_left, bed_front), _ = box_of(bed.outline)
        (left, front), _ = box_of(shape)
        start = bed_left - left, bed_front - front
        held = points_that_hold(bed.outline, shape, start, ground.step_mm)
        places = Places.at_points(held, start, ground.step_mm)
        for area in bed.excluded:
            no_fit = minkowski_sum(convex(area), convex(mirrored(shape)))
            places.take(stamp(points_inside(no_fit, start, ground.step_mm, range(places.rows))))
        return places

    def taken_by(self, other: Pose) -> Stamp:
        """The places that a copy in another pose takes away, counted from its own."""
        if other not in self._taken:
            no_fit = minkowski_sum(other._kept_free, self._mirrored)
            (other_x, other_y), (x, y) = other.places.start_mm, self.places.start_mm
            start, within = (x - other_x, y - other_y), self._rows_beside(other)
            inside = points_inside(no_fit, start, self._ground.step_mm, within)
            self._taken[other] = stamp(inside)
        return self._taken[other]

    def _rows_beside(self, other: Pose) -> range:
        """The rows that may still have places once a copy lies in another pose, from its own.

        Of one part all that lie farther to the front are taken, or the copy would lie there.
        """
        first = 1 - other.places.rows
        if other.part == self.part:
            deeper_mm = other._depth_mm - self._depth_mm
            first = max(first, math.floor(deeper_mm / self._ground.step_mm) - 1)
        return range(first, self.places.rows)

    @property
    def _depth_mm(self) -> float:
        (_, front), (_, back) = self.box
        return back - front

    @cached_property
    def box(self) -> tuple[Point, Point]:
        """Around it, at its origin."""
        return box_of(self._shape)

    @cached_property
    def _mirrored(self) -> Convex:
        return convex(mirrored(self._shape))

    @cached_property
    def _kept_free(self) -> Convex:
        ground = self._ground
        return convex(grown(self._shape, ground.gap_mm, corners=ground.gap_corners))


class LaidCopy(NamedTuple):
    """A copy on the plate, at a place of its pose's grid."""

    pose: Pose
    column: int
    row: int

    @property
    def at_mm(self) -> Point:
        """Where its origin is."""
        return self.pose.places.at(self.column, self.row)

    @property
    def box(self) -> tuple[Point, Point]:
        """Around it."""
        (left, front), (right, back) = self.pose.box
        x, y = self.at_mm
        return (left + x, front + y), (right + x, back + y)
