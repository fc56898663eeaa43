"""Convex polygons by their corners, counter-clockwise: turned, grown and added.

The service process loads no numpy, and shapely would load it; a few hundred corners need neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pricing_fdm.model import Outline, Point

_COSINE_AND_SINE = {0: (1.0, 0.0), 90: (0.0, 1.0), 180: (-1.0, 0.0), 270: (0.0, -1.0)}
_CIRCLE_CORNERS = 16


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
