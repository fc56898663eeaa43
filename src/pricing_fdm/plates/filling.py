"""Fills one plate from the front: each copy as far to the front as it may go, then to the left.

Where copies may go is kept as a grid of places for their origins. A copy that is laid down takes
away the places inside its no-fit polygons. So distances are exact, and only the places are rounded
to the grid.

Cost: per copy and turn, the rows of its no-fit polygon.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pricing_fdm.model import Bed, Outline, Placement
from pricing_fdm.plates.places import Places
from pricing_fdm.plates.polygons import box_of, transposed
from pricing_fdm.plates.poses import Ground, LaidCopy, Pose

_MISSES_MAX = 8
"""Parts in a row for which a plate has no room; then it counts as full."""

_MISSED_MAX = 1_000
"""The same by the copies that lie on it, beside which each part is tried."""


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
        sides = zip(*box_of(bed.outline), strict=True)
        self._ground = Ground(
            _transposed(bed) if along_y else bed,
            gap_mm,
            gap_corners,
            step_mm=max(high - low for low, high in sides) / steps,
        )
        self._poses: dict[tuple[int, int], Pose] = {}

    def filled(
        self, wanted: Mapping[int, int], turns: Sequence[int], copies_max: int
    ) -> tuple[Placement, ...]:
        """One plate with as many of the wanted copies as it takes, in the middle if they may be.

        Args:
            wanted: How many copies of each part, in the order in which they are laid.
            turns: That a copy may have, in degrees.
            copies_max: On the plate.
        """
        laid: list[LaidCopy] = []
        misses = 0
        for part, copies in wanted.items():
            is_full = misses == _MISSES_MAX or misses * len(laid) > _MISSED_MAX
            if is_full or len(laid) == copies_max:
                break
            before = len(laid)
            most = min(copies, copies_max - before)
            self._add(laid, most, [self._pose(part, turn) for turn in turns])
            misses = 0 if len(laid) > before else misses + 1
        return tuple(map(self._placement, self._in_the_middle(laid) if laid else laid))

    def _pose(self, part: int, turned_deg: int) -> Pose:
        """Always the same, since much is worked out for each."""
        if (part, turned_deg) not in self._poses:
            pose = Pose(part, turned_deg, self._outlines[part], self._ground)
            self._poses[part, turned_deg] = pose
        return self._poses[part, turned_deg]

    def _add(self, laid: list[LaidCopy], most: int, poses: Sequence[Pose]) -> None:
        """Lays copies of one part beside those that lie there."""
        free = {pose: pose.places.copy() for pose in poses}
        for copy in laid:
            _take(free, copy)
        for _ in range(most):
            places = ((pose, places.first()) for pose, places in free.items())
            copies = [LaidCopy(pose, *place) for pose, place in places if place]
            if not copies:
                return
            copy = min(copies, key=_depth)
            laid.append(copy)
            _take(free, copy)

    def _in_the_middle(self, laid: Sequence[LaidCopy]) -> Sequence[LaidCopy]:
        """All copies moved together; where they are if one would not fit."""
        fronts, backs = zip(*(copy.box for copy in laid), strict=True)
        bed_front, bed_back = box_of(self._ground.bed.outline)
        columns, rows = (
            round(
                (
                    bed_front[axis]
                    + bed_back[axis]
                    - min(front[axis] for front in fronts)
                    - max(back[axis] for back in backs)
                )
                / 2
                / self._ground.step_mm
            )
            for axis in (0, 1)
        )
        moved = [LaidCopy(pose, column + columns, row + rows) for pose, column, row in laid]
        fits = all(pose.places.has(column, row) for pose, column, row in moved)
        return moved if fits else laid

    def _placement(self, copy: LaidCopy) -> Placement:
        """Where a copy lies in machine coordinates."""
        part, turned_deg, (x, y) = copy.pose.part, copy.pose.turned_deg, copy.at_mm
        if self._along_y:
            return Placement(part, y, x, -turned_deg % 360)
        return Placement(part, x, y, turned_deg)


def _depth(copy: LaidCopy) -> tuple[float, int]:
    """How far back a copy reaches; of equal ones the one that is turned less."""
    return copy.box[1][1], copy.pose.turned_deg


def _take(free: Mapping[Pose, Places], copy: LaidCopy) -> None:
    """Takes away the places at which a pose would come too close to a copy."""
    for pose, places in free.items():
        places.take(pose.taken_by(copy.pose), copy.column, copy.row)


def _transposed(bed: Bed) -> Bed:
    """The bed with x and y exchanged."""
    return Bed(transposed(bed.outline), tuple(map(transposed, bed.excluded)), bed.edge_mm)
