"""The build volume of a machine preset, and the areas of its bed that are taken.

Only rectangular beds: whether a part fits and where its centre goes is decided by one box
everywhere. A round or cut-out bed would need another check in each of these places.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from itertools import product

from pricing_fdm.model import BuildVolume, Outline, rectangle
from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.slicers.presets.file import Profile

_FEWEST_OF_A_CIRCLE = 12
_CORNERS_OF_AN_AREA = 4


def build_volume(machine: Profile) -> BuildVolume:
    """Reads `printable_area` (corner points like `200x0`, mm) and `printable_height`.

    Raises:
        ShopError: The bed is no upright rectangle, or a figure is missing or not above zero.
    """
    area, height_text = machine.texts("printable_area"), machine.text("printable_height")
    try:
        corners = [_point(text) for text in area]
        height = Decimal(height_text)
    except (InvalidOperation, ValueError) as error:
        raise machine.error("printable_area", "or the height is not a number.") from error
    if not _is_rectangle(corners):
        raise machine.error("printable_area", _shape_fault(len(corners)))
    if not (height.is_finite() and height > 0):
        raise machine.error("printable_height", "is not above zero.")
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


def _shape_fault(corners: int) -> str:
    if corners > _FEWEST_OF_A_CIRCLE:
        return f"is a round bed ({corners} corners); prices are made for rectangular beds only."
    return "is not an upright rectangle of four corners."


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
