"""Convex polygons by their corners, counter-clockwise: turned, added, and as rows of a grid.

The service process loads no numpy, and shapely would load it; a few hundred corners need neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from pricing_fdm.model import Outline, Point

TOUCH_MM = 1e-6
"""Polygons that reach into each other by less than this only touch."""

_COSINE_AND_SINE = {0: (1.0, 0.0), 90: (0.0, 1.0), 180: (-1.0, 0.0), 270: (0.0, -1.0)}
_CIRCLE_CORNERS = 16


class Run(NamedTuple):
    """Neighbouring points of a grid in one row, from the first to the last."""

    row: int
    first: int
    last: int


def turned(polygon: Outline, degrees: int) -> Outline:
    """The polygon turned about the origin by quarters, counter-clockwise."""
    cosine, sine = _COSINE_AND_SINE[degrees]
    return tuple((x * cosine - y * sine, x * sine + y * cosine) for x, y in polygon)


def transposed(polygon: Outline) -> Outline:
    """The polygon with x and y exchanged."""
    return tuple((y, x) for x, y in reversed(polygon))


def box_of(polygon: Outline) -> tuple[Point, Point]:
    """The lowest and the highest x and y."""
    xs, ys = zip(*polygon, strict=True)
    return (min(xs), min(ys)), (max(xs), max(ys))


def area_mm2(polygon: Outline) -> float:
    """What it covers."""
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in sides_of(polygon)) / 2


def sides_of(polygon: Outline) -> Iterator[tuple[Point, Point]]:
    """Each side, from corner to corner."""
    return zip(polygon, (*polygon[1:], *polygon[:1]), strict=True)


def grown(polygon: Outline, by_mm: float, *, corners: int = _CIRCLE_CORNERS) -> Outline:
    """A polygon that holds every point within this distance.

    Args:
        polygon: To be grown.
        by_mm: Distance; exact along x and y.
        corners: Of the polygon that stands for a circle, a multiple of four.
    """
    reach_mm = by_mm / math.cos(math.pi / corners)
    angles = [math.tau * (number + 0.5) / corners for number in range(corners)]
    circle = [(reach_mm * math.cos(angle), reach_mm * math.sin(angle)) for angle in angles]
    return minkowski_sum(polygon, tuple(circle))


def no_fit_polygon(fixed: Outline, moved: Outline) -> Outline:
    """Strictly inside of it, the origin of `moved` would make the two overlap."""
    return minkowski_sum(fixed, tuple((-x, -y) for x, y in moved))


def minkowski_sum(one: Outline, other: Outline) -> Outline:
    """All sums of a point of one polygon and a point of the other: their sides in one order.

    A corner that is not convex, if only by rounding, would move all sides after it.
    """
    hulls = hull(one), hull(other)
    sides = [(bx - ax, by - ay) for each in hulls for (ax, ay), (bx, by) in sides_of(each)]
    (x, y), (other_x, other_y) = hulls[0][0], hulls[1][0]
    corners = [(x + other_x, y + other_y)]
    for dx, dy in sorted(sides, key=lambda side: math.atan2(side[1], side[0]) % math.tau):
        x, y = corners[-1]
        corners.append((x + dx, y + dy))
    return tuple(corners[:-1])


def hull(points: Outline) -> Outline:
    """The convex hull of any points, from the lowest of its corners, of these the leftmost."""
    ordered = sorted({*points}, key=lambda point: (point[1], point[0]))
    right, left = _chain(ordered), _chain(ordered[::-1])
    return (*right[:-1], *left[:-1]) or (ordered[0],)


def _chain(ordered: list[Point]) -> list[Point]:
    """One side of the hull of points in order, from the first to the last."""
    chain: list[Point] = []
    for x, y in ordered:
        while len(chain) > 1:
            (ax, ay), (bx, by) = chain[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            chain.pop()
        chain.append((x, y))
    return chain


def points_inside(polygon: Outline, start_mm: Point, step_mm: float) -> Iterator[Run]:
    """The grid points strictly inside of a polygon.

    Args:
        polygon: In mm.
        start_mm: The point in row 0 that is the first.
        step_mm: From point to point, and from row to row.
    """
    left: dict[int, float] = {}
    right: dict[int, float] = {}
    start_x, start_y = start_mm
    for (ax, ay), (bx, by) in sides_of(polygon):
        if ay == by:
            continue
        bound, slope = (right if ay < by else left), (bx - ax) / (by - ay)
        first = math.ceil((min(ay, by) - start_y) / step_mm)
        for row in range(first, math.floor((max(ay, by) - start_y) / step_mm) + 1):
            bound[row] = ax + (start_y + row * step_mm - ay) * slope - start_x
    (_, lowest), (_, highest) = box_of(polygon)
    for row in left.keys() & right.keys():
        if lowest + TOUCH_MM < start_y + row * step_mm < highest - TOUCH_MM:
            first = math.floor((left[row] + TOUCH_MM) / step_mm) + 1
            yield Run(row, first, math.ceil((right[row] - TOUCH_MM) / step_mm) - 1)


def points_that_hold(
    bed: Outline, polygon: Outline, start_mm: Point, step_mm: float
) -> Iterator[Run]:
    """The grid points at which the origin of a polygon may be for it to lie within a bed."""
    sides = []
    for (ax, ay), (bx, by) in sides_of(bed):
        dx, dy = bx - ax, by - ay
        lowest = min(dx * y - dy * x for x, y in polygon)
        sides.append((dx, dy, dx * ay - dy * ax - lowest - TOUCH_MM * math.hypot(dx, dy)))
    (_, low), (_, high) = box_of(bed)
    for row in range(math.ceil((high - low) / step_mm) + 1):
        y = start_mm[1] + row * step_mm
        if any(dx * y < least for dx, dy, least in sides if dy == 0):
            continue
        left = max((dx * y - least) / dy for dx, dy, least in sides if dy < 0)
        right = min((dx * y - least) / dy for dx, dy, least in sides if dy > 0)
        first = math.ceil((left - start_mm[0]) / step_mm - TOUCH_MM)
        yield Run(row, first, math.floor((right - start_mm[0]) / step_mm + TOUCH_MM))
