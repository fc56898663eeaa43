"""Which points of a grid lie in a convex polygon, or may be the origin of one on a bed.

Cost: O(c) in corners, and O(r) in rows.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from pricing_fdm.model import Outline, Point
from pricing_fdm.plates.polygons import box_of, sides_of

TOUCH_MM = 1e-6
"""Polygons that reach into each other by less than this only touch."""


class Rows(NamedTuple):
    """Points of a grid, row by row.

    Attributes:
        first: Row.
        spans: The first point of each, and the one after its last; there may be none between.
    """

    first: int
    spans: Sequence[tuple[int, int]]


def points_inside(polygon: Outline, start_mm: Point, step_mm: float, within: range) -> Rows:
    """The grid points strictly inside of a polygon.

    Args:
        polygon: In mm, from the lowest of its corners.
        start_mm: The point in row 0 that is the first.
        step_mm: From point to point, and from row to row.
        within: The rows that matter.
    """
    start_x, start_y = start_mm
    corners = [((x - start_x) / step_mm, (y - start_y) / step_mm) for x, y in polygon]
    highest = corners.index(max(corners, key=itemgetter(1)))
    touch, floor, ceil = TOUCH_MM / step_mm, math.floor, math.ceil
    first = max(floor(corners[0][1] + touch) + 1, within.start)
    rows = range(first, min(ceil(corners[highest][1] - touch), within.stop))
    right = _crossed(corners[: highest + 1], rows)
    left = _crossed([corners[0], *corners[: highest - 1 : -1]], rows)
    spans = [
        (floor(low + touch) + 1, ceil(high - touch)) for low, high in zip(left, right, strict=True)
    ]
    return Rows(first, spans)


def _crossed(chain: Sequence[Point], rows: range) -> list[float]:
    """Where rows cross a chain of corners that goes up."""
    crossed: list[float] = []
    row = rows.start
    for (ax, ay), (bx, by) in itertools.pairwise(chain):
        end = min(math.floor(by) + 1, rows.stop)
        if row < end:
            slope = (bx - ax) / (by - ay)
            crossed += [ax + (each - ay) * slope for each in range(row, end)]
            row = end
    return crossed


def points_that_hold(bed: Outline, polygon: Outline, start_mm: Point, step_mm: float) -> Rows:
    """The grid points at which the origin of a polygon may be for it to lie within a bed."""
    start_x, start_y = start_mm
    (_, low), (_, high) = box_of(bed)
    rows = range(math.ceil((high - low) / step_mm) + 1)
    sides = []  # on the left of each is where dx * row - dy * column is not less than this
    for (ax, ay), (bx, by) in sides_of(bed):
        dx, dy = bx - ax, by - ay
        lowest = min(dx * y - dy * x for x, y in polygon)
        least = dx * ay - dy * ax - lowest - TOUCH_MM * math.hypot(dx, dy)
        sides.append((dx, dy, (least - dx * start_y + dy * start_x) / step_mm))
    for dx, dy, least in sides:
        if dy == 0 and dx > 0:
            rows = rows[max(math.ceil(least / dx), 0) :]
        elif dy == 0:
            rows = range(rows.start, min(math.floor(least / dx) + 1, rows.stop))
    left, right = (
        [[(dx * row - least) / dy for row in rows] for dx, dy, least in sides if dy * way > 0]
        for way in (-1, 1)
    )
    begin = (math.ceil(x - TOUCH_MM) for x in map(max, zip(*left, strict=True)))
    end = (math.floor(x + TOUCH_MM) + 1 for x in map(min, zip(*right, strict=True)))
    return Rows(rows.start, list(zip(begin, end, strict=True)))
