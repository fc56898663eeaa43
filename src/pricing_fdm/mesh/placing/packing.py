"""Rectangles side by side on a bed: a skyline, filled from the front, each as far left as it goes.

The skyline is what can be seen from behind: how deep the bed is taken at each place along x. Each
rectangle goes where its own back edge stays closest to the front, as it is or turned by a quarter.
That is no optimum, but the same rectangles always get the same places.

Cost: O(r s^2) in rectangles and steps of the skyline. There are at most as many rectangles as
`bodies.MAX_COMPARED`, and as many steps as gaps fit across the bed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from pricing_fdm.mesh.units import FIT_TOLERANCE_MM

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
"""Largest first, by longer side, by area, by shorter side; the first that works is taken."""


def pack(rectangles: Sequence[Sides], bed: Sides, gap_mm: float) -> list[Spot] | None:
    """Lays rectangles on a bed with a gap between them, none at its edge.

    Returns:
        A spot for each, in their order; None where no order was found that fits them all.
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
    """For each step the place farthest to the front whose left edge begins with it."""
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
