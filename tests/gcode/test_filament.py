"""Grams and volume from length, and the printed grams as witness."""

from __future__ import annotations

import struct
from decimal import Decimal

import pytest

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.gcode.filament import Filament, Slot, from_length, from_weight

PLA = Slot(Decimal("1.75"), Decimal("1.24"))
ABS = Slot(Decimal("2.85"), Decimal("1.04"))
PI = Decimal("3.14159265358979323846")


def decimals(*texts: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, texts))


def test_weight_and_volume_follow_from_length() -> None:
    """OrcaSlicer printed 3.39 and 4.21 for this cube.

    By hand: pi/4 x 1.75^2 = 2.405281875 mm2; x 1410.40 mm = 3392.40956 mm3 = 3.392410 cm3;
    x 1.24 g/cm3 = 4.206588 g.
    """
    found = from_length(decimals("1410.40"), (PLA,), [decimals("4.21")], decimals("4.21"))
    assert found.length_mm == Decimal("1410.40")
    assert round(found.volume_cm3, 6) == Decimal("3.392410")
    assert round(found.weight_g, 6) == Decimal("4.206588")


def test_slots_are_summed_each_with_its_own_filament() -> None:
    """PrusaSlicer 2.5.0 printed 2.28, 1.77 and in total 4.05 for this two-coloured cube.

    By hand: 763.08 mm x 2.405281875 mm2 = 1.835422 cm3, x 1.24 g/cm3 = 2.275924 g;
    266.75 mm x (pi/4 x 2.85^2 = 6.379397 mm2) = 1.701704 cm3, x 1.04 g/cm3 = 1.769772 g.
    """
    found = from_length(
        decimals("763.08", "266.75"), (PLA, ABS), [decimals("2.28", "1.77")], decimals("4.05")
    )
    assert found.length_mm == Decimal("1029.83")
    assert round(found.volume_cm3, 6) == Decimal("3.537127")
    assert round(found.weight_g, 6) == Decimal("4.045696")


@pytest.mark.parametrize(
    ("length", "weight"),
    [
        pytest.param("1410.40", "4.21", id="as-printed"),
        pytest.param("1410", "4.2", id="coarser-print"),
        pytest.param("1408.18", "4.20", id="just-under-half: 4.19997"),
        pytest.param("1410.20", "4.21", id="4.20599"),
        # 4.205 g lie at 1409.8674 mm: 1409.86 rounds from up to 1409.865, still short of it.
        pytest.param("1409.87", "4.21", id="4.205008-up"),
        pytest.param("1409.87", "4.20", id="4.205008-may-be-4.204993"),
    ],
)
def test_a_printed_weight_may_differ_by_both_roundings(length: str, weight: str) -> None:
    """Half of the last digit of the grams, and what half of the last digit of the length weighs."""
    from_length(decimals(length), (PLA,), [decimals(weight)], ())


@pytest.mark.parametrize(
    ("lengths", "weights", "total"),
    [
        pytest.param(("1410.40",), ("4.22",), None, id="one-hundredth-off"),
        pytest.param(("1410.40",), ("0.00",), None, id="density-lost"),
        pytest.param(("1410.40",), ("3.52",), None, id="density-of-another-material"),
        pytest.param(("1410.40",), ("4.21",), "4.20", id="total-differs"),
        pytest.param(("763.08", "0.00"), ("0.00", "2.28"), None, id="slots-exchanged"),
        pytest.param(("1410.40",), ("2.10", "2.11"), None, id="more-weights-than-lengths"),
        pytest.param(("700.00", "710.40"), ("4.21",), None, id="more-lengths-than-weights"),
    ],
)
def test_a_printed_weight_that_contradicts_the_length_is_an_error(
    lengths: tuple[str, ...], weights: tuple[str, ...], total: str | None
) -> None:
    """One of the two is not what we think it is; no one can say which."""
    with pytest.raises(ResultIncomplete, match="weight contradicts its filament length"):
        from_length(
            decimals(*lengths),
            (PLA,) * len(lengths),
            [decimals(*weights)],
            decimals(total) if total else (),
        )


def test_without_length_it_follows_from_weight() -> None:
    """By hand: 6.20 g / 1.24 g/cm3 = 5 cm3 = 5000 mm3; / 2.405281875 mm2 = 2078.758440 mm."""
    found = from_weight(decimals("6.20", "0.00"), (PLA, ABS))
    assert found.weight_g == Decimal("6.20")
    assert found.volume_cm3 == 5
    assert round(found.length_mm, 6) == Decimal("2078.758440")


def test_both_ways_meet() -> None:
    """The one derivation is the other's inverse."""
    there = from_length(decimals("1000.00"), (ABS,), [decimals("6.63")], ())
    back = from_weight((there.weight_g,), (ABS,))
    assert isinstance(back, Filament)
    assert round(back.length_mm, 20) == 1000
    assert round(back.volume_cm3 - there.volume_cm3, 20) == 0


def in_single_precision(number: str) -> Decimal:
    return Decimal(struct.unpack("f", struct.pack("f", float(number)))[0])


@pytest.mark.parametrize(
    ("diameter", "density", "length"),
    [
        pytest.param("1.75", "1.27", "334131.78", id="a kilogram of PETG"),
        pytest.param("2.85", "1.04", "150001.39", id="a kilogram of ABS, thick"),
    ],
)
def test_a_heavy_part_may_differ_by_the_slicer_s_own_precision(
    diameter: str, density: str, length: str
) -> None:
    """OrcaSlicer computes with the nearest numbers of 24 bits, and prints two decimals of it.

    At these lengths that is a hair beyond what the roundings of the print allow: 0.00006 g at most.
    """
    volume_mm3 = Decimal(length) * PI * in_single_precision(diameter) ** 2 / 4
    printed_g = round(volume_mm3 / 1000 * in_single_precision(density), 2)
    slot = Slot(Decimal(diameter), Decimal(density))
    strict_slack_g = Decimal("0.005") + Decimal("0.005") * slot.g_per_mm
    assert abs(printed_g - Decimal(length) * slot.g_per_mm) > strict_slack_g
    from_length(decimals(length), (slot,), [(printed_g,)], (printed_g,))


def test_grams_are_checked_as_often_as_they_are_printed() -> None:
    """OrcaSlicer prints them in the head as well for a Bambu printer."""
    lengths = decimals("1410.40")
    from_length(lengths, (PLA,), [decimals("4.21"), decimals("4.2")], decimals("4.21", "4.207"))
    with pytest.raises(ResultIncomplete, match="contradicts"):
        from_length(lengths, (PLA,), [decimals("4.21"), decimals("4.22")], ())
    with pytest.raises(ResultIncomplete, match="contradicts"):
        from_length(lengths, (PLA,), [decimals("4.21")], decimals("4.21", "4.22"))


def test_an_idle_filament_may_have_no_grams_and_no_density() -> None:
    """PrusaSlicer lists no grams for the last filament where its density is 0."""
    idle = Slot(Decimal("1.75"), Decimal(0))
    found = from_length(decimals("1410.40", "0.00"), (PLA, idle), [decimals("4.21")], ())
    assert found.g_per_mm == PLA.g_per_mm
    back = from_weight(decimals("4.21", "0.00"), (PLA, idle))
    assert round(back.length_mm, 3) == Decimal("1411.544")
    assert back.g_per_mm == PLA.g_per_mm


def test_filaments_of_different_weight_have_none_in_common() -> None:
    """So the weight of support stays unknown; but only if both are in use."""
    weights = [decimals("2.28", "6.63")]
    assert from_length(decimals("763.08", "1000"), (PLA, ABS), weights, ()).g_per_mm is None
    alone = from_length(decimals("763.08", "0"), (PLA, ABS), [decimals("2.28", "0")], ())
    assert alone.g_per_mm == PLA.g_per_mm
