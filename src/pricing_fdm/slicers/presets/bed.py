"""The build volume of a machine preset, and the areas of its bed that are taken.

Whether a part fits and where its centre goes is decided by one box everywhere. Of a round bed that
is the largest square in it: a part that would fit the circle only is refused, and none hangs over
the edge. A bed of any other shape would need another check in each of these places.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import pairwise, product

from pricing_fdm.model import BuildVolume, Outline, rectangle
from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.shop.faults import Fault
from pricing_fdm.slicers.presets.file import Profile

_FEWEST_OF_A_CIRCLE = 12
_ROUND_ENOUGH = 0.98  # the shortest radius to the longest
_STEPS_PER_MM = 100
_CORNERS_OF_AN_AREA = 4


def build_volume(machine: Profile) -> BuildVolume:
    """Reads `printable_area` (corner points like `200x0`, mm) and `printable_height`.

    Raises:
        ShopError: The bed is neither an upright rectangle nor round, or a figure is missing or not
            above zero.
    """
    area, height_text = machine.texts("printable_area"), machine.text("printable_height")
    try:
        corners = [_point(text) for text in area]
        height = Decimal(height_text)
    except (InvalidOperation, ValueError) as error:
        raise machine.error("printable_area", "or the height is not a number.") from error
    if not (height.is_finite() and height > 0):
        raise machine.error("printable_height", "is not above zero.")
    if not _is_rectangle(corners):
        corners = _square_in_circle(corners)
    if not corners:
        message = "is no upright rectangle of four corners, and no circle of more than twelve."
        raise machine.error("printable_area", message)
    xs, ys = zip(*corners, strict=True)
    return BuildVolume(
        x_mm=float(EXACT.subtract(max(xs), min(xs))),
        y_mm=float(EXACT.subtract(max(ys), min(ys))),
        z_mm=float(height),
        origin_x_mm=float(min(xs)),
        origin_y_mm=float(min(ys)),
    )


def excluded_areas(machine: Profile) -> tuple[Outline, ...]:
    """The boxes around the areas of `bed_exclude_area`, which lists four corners of each.

    Raises:
        ShopError: A corner is none.
    """
    texts = [text for text in machine.texts("bed_exclude_area") if text]
    try:
        corners = [_point(text) for text in texts]
    except (InvalidOperation, ValueError) as error:
        raise machine.error("bed_exclude_area", "has a corner that is not like 18x0.") from error
    areas = []
    for first in range(0, len(corners), _CORNERS_OF_AN_AREA):
        xs, ys = zip(*corners[first : first + _CORNERS_OF_AN_AREA], strict=True)
        left, right, front, back = map(float, (min(xs), max(xs), min(ys), max(ys)))
        if left < right and front < back:  # 0x0 stands for no area
            areas.append(rectangle(left, right, front, back))
    return tuple(areas)


def bed_cautions(machine: Profile, volume: BuildVolume) -> Iterator[Fault]:
    """That of a round bed not all is used."""
    if len(machine.texts("printable_area")) > _FEWEST_OF_A_CIRCLE:
        message = f"is round: parts are printed in the square of {volume.x_mm:g} mm in it."
        yield machine.fault("printable_area", message)


def _square_in_circle(corners: list[tuple[Decimal, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    """Two opposite corners of the largest upright square in a circle; none where it is no circle.

    The circle is the one that no edge of the bed cuts.
    """
    if len(corners) <= _FEWEST_OF_A_CIRCLE or not all(c.is_finite() for xy in corners for c in xy):
        return []
    each = set(corners)
    x_mid, y_mid = (Decimal(f"{sum(axis) / len(each):.3f}") for axis in zip(*each, strict=True))
    points = [(float(x - x_mid), float(y - y_mid)) for x, y in corners]
    radii = [math.hypot(*point) for point in points]
    if min(radii) <= _ROUND_ENOUGH * max(radii):
        return []
    edges = pairwise([*points, points[0]])
    inner_mm = min(_distance_mm(a, b) for a, b in edges if a != b)
    half = Decimal(math.floor(inner_mm / math.sqrt(2) * _STEPS_PER_MM)) / _STEPS_PER_MM
    return [(x_mid - half, y_mid - half), (x_mid + half, y_mid + half)] if half else []


def _distance_mm(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Of the line through two points from the middle."""
    return abs(a[0] * b[1] - a[1] * b[0]) / math.dist(a, b)


def _point(text: str) -> tuple[Decimal, Decimal]:
    x, y = text.split("x")
    return Decimal(x), Decimal(y)


def _is_rectangle(corners: list[tuple[Decimal, Decimal]]) -> bool:
    """The four corners of their own bounding box, each step along one axis only."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    steps = zip(corners, [*corners[1:], *corners[:1]], strict=True)
    return (
        bool(corners)
        and all(coordinate.is_finite() for coordinate in (*xs, *ys))
        and sorted(corners) == sorted(product({*xs}, {*ys}))
        and all((ax == bx) != (ay == by) for (ax, ay), (bx, by) in steps)
    )
