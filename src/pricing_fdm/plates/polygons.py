"""Convex polygons by their corners, counter-clockwise: turned, added, and as rows of a grid.

The service process loads no numpy, and shapely would load it; a few hundred corners need neither.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from pricing_fdm.model import Outline, Point

TOUCH_MM = 1e-6
"""Polygons that reach into each other by less than this only touch."""

_COSINE_AND_SINE = {0: (1.0, 0.0), 90: (0.0, 1.0), 180: (-1.0, 0.0), 270: (0.0, -1.0)}
_CIRCLE_CORNERS = 16


class Rows(NamedTuple):
    """Points of a grid, row by row.

    Attributes:
        first: Row.
        spans: The first point of each, and the one after its last; there may be none between.
    """

    first: int
    spans: Sequence[tuple[int, int]]


class Convex(NamedTuple):
    """A convex polygon, ready to be added to others.

    Attributes:
        lowest: Of its corners, of these the leftmost.
        sides: Direction, x and y of each, from there on.
    """

    lowest: Point
    sides: Sequence[tuple[float, float, float]]


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
    return minkowski_sum(convex(polygon), convex(circle))


def mirrored(polygon: Outline) -> Outline:
    """The polygon mirrored at the origin.

    Added to another, it is the no-fit polygon: strictly inside, the origin would make them overlap.
    """
    return tuple((-x, -y) for x, y in polygon)


def convex(points: Iterable[Point]) -> Convex:
    """The hull of any points.

    A corner that is not convex, if only by rounding, would move all sides after it.
    """
    corners = hull(points)
    ways = ((bx - ax, by - ay) for (ax, ay), (bx, by) in sides_of(corners))
    return Convex(corners[0], sorted((math.atan2(y, x) % math.tau, x, y) for x, y in ways))


def minkowski_sum(one: Convex, other: Convex) -> Outline:
    """All sums of a point of one polygon and a point of the other: their sides in one order."""
    x, y = one.lowest[0] + other.lowest[0], one.lowest[1] + other.lowest[1]
    corners = []
    for _, dx, dy in sorted((*one.sides, *other.sides)):  # two runs in order: merged, not sorted
        corners.append((x, y))
        x, y = x + dx, y + dy
    return tuple(corners)


def hull(points: Iterable[Point]) -> Outline:
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
