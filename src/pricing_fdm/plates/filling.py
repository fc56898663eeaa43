"""Fills one plate from the front: each copy as far to the front as it may go, then to the left.

Where copies may go is kept as a grid of places for their origins. A copy that is laid down takes
away the places inside its no-fit polygons. So distances are exact, and only the places are rounded
to the grid.

Cost: per copy and turn, the rows of its no-fit polygon.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pricing_fdm.model import Bed, Outline, Placement, Point
from pricing_fdm.plates.places import Places, Stamp, stamp
from pricing_fdm.plates.polygons import (
    Convex,
    box_of,
    convex,
    grown,
    minkowski_sum,
    mirrored,
    points_inside,
    points_that_hold,
    transposed,
    turned,
)

_MISSES_MAX = 8
"""Parts in a row for which a plate has no room; then it counts as full."""

_MISSED_MAX = 1_000
"""The same by the copies that lie on it, beside which each part is tried."""


class _Pose(NamedTuple):
    """A part in one turn."""

    part: int
    turned_deg: int


class _Copy(NamedTuple):
    """A copy on the plate, at a place of its pose's grid."""

    pose: _Pose
    column: int
    row: int


class Filler:
    """Fills plates with copies of the same parts.

    Args:
        outlines: Of the parts, as their clean STL lie.
        bed: Of the printer.
        gap_mm: Between copies.
        along_y: Fills from the left instead of from the front; inside, x and y are exchanged.
    """

    def __init__(
        self,
        outlines: Sequence[Outline],
        bed: Bed,
        gap_mm: float,
        *,
        along_y: bool,
        gap_corners: int,
        steps: int,
    ) -> None:
        self._along_y = along_y
        self._outlines = [transposed(each) if along_y else each for each in outlines]
        self._bed = transposed(bed.outline) if along_y else bed.outline
        self._excluded = [transposed(each) if along_y else each for each in bed.excluded]
        self._gap_mm, self._gap_corners, self._edge_mm = gap_mm, gap_corners, bed.edge_mm
        self._low, self._high = box_of(self._bed)
        sides = (high - low for low, high in zip(self._low, self._high, strict=True))
        self._step_mm = max(sides) / steps
        self._shapes: dict[_Pose, Outline] = {}
        self._mirrored: dict[_Pose, Convex] = {}
        self._grown: dict[_Pose, Convex] = {}
        self._boxes: dict[_Pose, tuple[Point, Point]] = {}
        self._empty: dict[_Pose, Places] = {}
        self._no_fit: dict[tuple[_Pose, _Pose], Stamp] = {}

    def filled(
        self, wanted: Mapping[int, int], turns: Sequence[int], copies_max: int
    ) -> tuple[Placement, ...]:
        """One plate with as many of the wanted copies as it takes, in the middle if they may be.

        Args:
            wanted: How many copies of each part, in the order in which they are laid.
            turns: That a copy may have, in degrees.
            copies_max: On the plate.
        """
        laid: list[_Copy] = []
        misses = 0
        for part, copies in wanted.items():
            is_full = misses == _MISSES_MAX or misses * len(laid) > _MISSED_MAX
            if is_full or len(laid) == copies_max:
                break
            before = len(laid)
            most = min(copies, copies_max - before)
            self._add(laid, most, [_Pose(part, turn) for turn in turns])
            misses = 0 if len(laid) > before else misses + 1
        columns, rows = self._to_the_middle(laid) if laid else (0, 0)
        return tuple(
            self._placement(pose, column + columns, row + rows) for pose, column, row in laid
        )

    def _add(self, laid: list[_Copy], most: int, poses: Sequence[_Pose]) -> None:
        """Lays copies of one part beside those that lie there."""
        free = {pose: self._places(pose).copy() for pose in poses}
        for copy in laid:
            self._take(free, copy)
        for _ in range(most):
            fronts = [self._front(pose, *place) for pose in poses if (place := free[pose].first())]
            if not fronts:
                return
            copy = min(fronts)[1]
            laid.append(copy)
            self._take(free, copy)

    def _front(self, pose: _Pose, column: int, row: int) -> tuple[float, _Copy]:
        """A place for a copy, and how far back it reaches there."""
        _, (_, back) = self._box(pose, column, row)
        return back, _Copy(pose, column, row)

    def _take(self, free: Mapping[_Pose, Places], copy: _Copy) -> None:
        """Takes away the places at which a pose would come too close to a copy."""
        for pose, places in free.items():
            places.take(self._no_fit_stamp(copy.pose, pose), copy.column, copy.row)

    def _to_the_middle(self, laid: Sequence[_Copy]) -> tuple[int, int]:
        """By how many columns and rows all copies are moved; by none if one would not fit."""
        boxes = [self._box(*copy) for copy in laid]
        columns, rows = (
            round((self._low[axis] + self._high[axis] - front - back) / 2 / self._step_mm)
            for axis, front, back in (
                (axis, min(low[axis] for low, _ in boxes), max(high[axis] for _, high in boxes))
                for axis in (0, 1)
            )
        )
        fits = all(
            self._places(pose).has(column + columns, row + rows) for pose, column, row in laid
        )
        return (columns, rows) if fits else (0, 0)

    def _box(self, pose: _Pose, column: int, row: int) -> tuple[Point, Point]:
        """Around a copy."""
        if pose not in self._boxes:
            self._boxes[pose] = box_of(self._shape(pose))
        (left, front), (right, back) = self._boxes[pose]
        x, y = self._places(pose).at(column, row)
        return (left + x, front + y), (right + x, back + y)

    def _placement(self, pose: _Pose, column: int, row: int) -> Placement:
        """Where a copy lies in machine coordinates."""
        x, y = self._places(pose).at(column, row)
        if self._along_y:
            return Placement(pose.part, y, x, -pose.turned_deg % 360)
        return Placement(pose.part, x, y, pose.turned_deg)

    def _shape(self, pose: _Pose) -> Outline:
        """The outline in this turn."""
        if pose not in self._shapes:
            self._shapes[pose] = turned(self._outlines[pose.part], pose.turned_deg)
        return self._shapes[pose]

    def _mirrored_shape(self, pose: _Pose) -> Convex:
        """The outline in this turn, to be added to those that it must not meet."""
        if pose not in self._mirrored:
            self._mirrored[pose] = convex(mirrored(self._shape(pose)))
        return self._mirrored[pose]

    def _kept_free(self, pose: _Pose) -> Convex:
        """The outline with the gap around it."""
        if pose not in self._grown:
            shape = self._shape(pose)
            self._grown[pose] = convex(grown(shape, self._gap_mm, corners=self._gap_corners))
        return self._grown[pose]

    def _places(self, pose: _Pose) -> Places:
        """All places on the empty bed."""
        if pose not in self._empty:
            shape = grown(self._shape(pose), self._edge_mm)
            low, _ = box_of(shape)
            start = self._low[0] - low[0], self._low[1] - low[1]
            held = points_that_hold(self._bed, shape, start, self._step_mm)
            places = Places.at_points(held, start, self._step_mm)
            for area in self._excluded:
                no_fit = minkowski_sum(convex(area), convex(mirrored(shape)))
                within = range(places.rows)
                places.take(stamp(points_inside(no_fit, start, self._step_mm, within)))
            self._empty[pose] = places
        return self._empty[pose]

    def _no_fit_stamp(self, fixed: _Pose, moved: _Pose) -> Stamp:
        """The places that one copy takes away from another pose, counted from its own."""
        if (fixed, moved) not in self._no_fit:
            no_fit = minkowski_sum(self._kept_free(fixed), self._mirrored_shape(moved))
            before, places = self._places(fixed), self._places(moved)
            (fixed_x, fixed_y), (x, y) = before.start_mm, places.start_mm
            within = range(1 - before.rows, places.rows)
            inside = points_inside(no_fit, (x - fixed_x, y - fixed_y), self._step_mm, within)
            self._no_fit[fixed, moved] = stamp(inside)
        return self._no_fit[fixed, moved]
