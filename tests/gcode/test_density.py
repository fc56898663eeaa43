"""Weights of another material out of the same slice; the real slices stand in tests/slicer."""

from __future__ import annotations

import dataclasses
from decimal import Context, Decimal, localcontext

import pytest

from pricing_fdm.gcode.density import with_density
from pricing_fdm.gcode.filament import Slot, from_length
from pricing_fdm.gcode.metrics import VOLUME_DERIVED
from pricing_fdm.gcode.support_weight import needs_support
from pricing_fdm.model import Metrics, QuoteWarning

DIAMETER_MM = Decimal("1.75")
REMARK = QuoteWarning("slicer_warning", "Something else.")


def metrics(density: str, *, length: str = "1410.40", support: str | None = None) -> Metrics:
    """What a slice with this density tells."""
    slot = Slot(DIAMETER_MM, Decimal(density))
    with localcontext(Context(prec=60)):
        filament = from_length([Decimal(length)], [slot], [], [])
        support_g = None if support is None else Decimal(support) * slot.g_per_mm
        warnings = (REMARK, *needs_support(support_g, filament.weight_g))
    return Metrics(
        print_time_s=Decimal(1021),
        filament_mm=filament.length_mm,
        filament_g=filament.weight_g,
        volume_cm3=filament.volume_cm3,
        layers=100,
        support_g=support_g,
        warnings=warnings,
    )


@pytest.mark.parametrize("support", [None, "0", "3.12345", "34.5", "705.20001"])
@pytest.mark.parametrize(
    ("one", "other"), [("1.24", "1.04"), ("1.24", "1.24"), ("1.2345678", "0.9876543")]
)
@pytest.mark.parametrize("length", ["1410.40", "0.33", "98765432.10"])
def test_weights_are_those_of_the_other_slice_to_the_last_digit(
    one: str, other: str, length: str, support: str | None
) -> None:
    """Price follows from them; a cached and a fresh quote must not differ by a cent."""
    if support is not None and Decimal(support) > Decimal(length):
        length = support
    found = with_density(
        metrics(one, length=length, support=support),
        diameter_mm=DIAMETER_MM,
        density_g_cm3=Decimal(other),
    )
    assert found == metrics(other, length=length, support=support)


def test_a_support_that_was_noise_may_count_when_it_is_heavier() -> None:
    """The word about support is about grams: 0.09 g of a light filament, 0.11 g of a heavy one."""
    light = metrics("1.04", length="4000", support="38.5")
    assert light.warnings == (REMARK,)
    heavy = with_density(light, diameter_mm=DIAMETER_MM, density_g_cm3=Decimal("1.27"))
    assert [warning.code for warning in heavy.warnings] == ["slicer_warning", "needs_support"]


def test_what_came_from_a_rounded_weight_still_says_so() -> None:
    """Invariant 1: no more digits than the slicer gave."""
    derived = dataclasses.replace(metrics("1.24"), warnings=(VOLUME_DERIVED,))
    found = with_density(derived, diameter_mm=DIAMETER_MM, density_g_cm3=Decimal("1.1"))
    assert found.warnings == (VOLUME_DERIVED,)
    assert found.filament_g == metrics("1.1").filament_g
