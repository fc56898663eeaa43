"""Lengths and places are converted exactly, and values do not change on their way."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from pricing_fdm.model import (
    UNTURNED,
    BuildVolume,
    Order,
    Orientation,
    PrintQuality,
    PrintSettings,
    Supports,
    Unit,
)
from tests.harness import qualities


@pytest.mark.parametrize(
    ("thickness", "height_mm"),
    [
        (qualities.FINE, "0.1"),
        (qualities.STANDARD, "0.2"),
        (qualities.ECONOMY, "0.3"),
    ],
)
def test_a_layer_height_in_mm_is_exact(thickness: PrintQuality, height_mm: str) -> None:
    """It is compared with the slicer's text; 0.1 + 0.2 as floats is not 0.3."""
    assert thickness.height_mm == Decimal(height_mm)


@pytest.mark.parametrize(
    ("unit", "length_mm"), [("mm", 1.0), ("inch", 25.4), ("cm", 10.0), ("m", 1000.0)]
)
def test_each_unit_has_its_length(unit: str, length_mm: float) -> None:
    """A wrong one changes a price by orders of magnitude."""
    assert Unit(unit).length_mm == length_mm


def test_every_unit_can_be_converted() -> None:
    """A new unit without a length fails here."""
    assert all(unit.length_mm > 0 for unit in Unit)


def test_the_centre_of_a_bed_depends_on_its_origin() -> None:
    """Delta printers have their origin in the middle of the bed."""
    assert BuildVolume(200, 100, 300).centre_mm == (100, 50)
    assert BuildVolume(200, 100, 300, origin_x_mm=-100, origin_y_mm=-50).centre_mm == (0, 0)


def test_a_build_volume_reads_as_a_person_writes_it() -> None:
    """The error text for a part that is too large contains it."""
    assert str(BuildVolume(200.0, 210.5, 250.0)) == "200 x 210.5 x 250 mm"


def test_an_order_has_the_documented_defaults() -> None:
    """One piece in mm that may be turned, with supports where they are needed."""
    order = Order(PrintSettings("pla", 20, qualities.STANDARD))
    assert (order.quantity, order.unit, order.speed) == (1, Unit.MM, None)
    assert order.orientation is Orientation.AUTO
    assert order.print_settings.supports is Supports.AUTO


def test_a_value_cannot_be_changed_on_its_way() -> None:
    """Stages share values between tasks."""
    with pytest.raises(FrozenInstanceError):
        BuildVolume(1, 2, 3).x_mm = 4  # type: ignore[misc]


def test_unturned_leaves_a_point_where_it_is() -> None:
    """It is the identity matrix."""
    point = (3.0, 5.0, 7.0)
    turned = tuple(sum(a * b for a, b in zip(row, point, strict=True)) for row in UNTURNED)
    assert turned == point
