"""The bed decides whether a part fits, so only what can be judged exactly is accepted."""

from __future__ import annotations

import math
from pathlib import Path
from types import MappingProxyType

import pytest

from pricing_fdm.model import BuildVolume
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.presets.bed import bed_cautions, build_volume
from pricing_fdm.slicers.presets.file import PresetFormat, Profile, ProfileKind


def machine(*corners: str, height: str = "200") -> Profile:
    return Profile(
        ProfileKind.MACHINE,
        "M",
        Path("machine.json"),
        MappingProxyType({"printable_area": corners, "printable_height": height}),
    )


@pytest.mark.parametrize(
    ("corners", "volume"),
    [
        (("0x0", "200x0", "200x200", "0x200"), BuildVolume(200, 200, 200)),
        (("0x200", "0x0", "200x0", "200x200"), BuildVolume(200, 200, 200)),
        (("0x0", "0x250", "210.5x250", "210.5x0"), BuildVolume(210.5, 250, 200)),
        (("-90x-60", "90x-60", "90x60", "-90x60"), BuildVolume(180, 120, 200, -90, -60)),
    ],
    ids=["square", "another first corner", "clockwise", "origin in the middle"],
)
def test_rectangles_are_read_with_their_origin(
    corners: tuple[str, ...], volume: BuildVolume
) -> None:
    """Parts are centred on the bed; a delta's origin lies in the middle of it."""
    assert build_volume(machine(*corners)) == volume


@pytest.mark.parametrize(
    "corners",
    [
        (),
        ("0x0", "200x0", "200x200"),
        ("0x0", "200x0", "200x200", "0x190"),
        ("100x0", "200x100", "100x200", "0x100"),
        ("0x0", "200x200", "200x0", "0x200"),
        ("0x0", "200x0", "200x0", "0x200"),
        ("0x0", "0x0", "0x0", "0x0"),
        ("0x0", "200x0", "200x200", "100x200", "0x200"),
        ("0x0", "Infinityx0", "Infinityx9", "0x9"),
    ],
    ids=[
        "none",
        "triangle",
        "trapezium",
        "on its tip",
        "bow tie",
        "corner twice",
        "a point",
        "five corners",
        "endless",
    ],
)
def test_other_beds_are_refused(corners: tuple[str, ...]) -> None:
    """A part that fits the box around such a bed may still hang over its edge."""
    with pytest.raises(ShopError, match="no upright rectangle of four corners, and no circle"):
        build_volume(machine(*corners))


def circle(count: int, radius_mm: float = 100, x_mm: float = 0, y_mm: float = 0) -> list[str]:
    turns = [2 * math.pi * step / count for step in range(count)]
    return [
        f"{x_mm + radius_mm * math.cos(t):.4f}x{y_mm + radius_mm * math.sin(t):.4f}" for t in turns
    ]


@pytest.mark.parametrize("count", [13, 60, 72])
@pytest.mark.parametrize("middle_mm", [(0, 0), (100, 110)])
def test_of_a_round_bed_the_square_in_it_is_used(count: int, middle_mm: tuple[int, int]) -> None:
    """No corner of it lies outside of the bed; a warning says so."""
    preset = machine(*circle(count, 100, *middle_mm), height="300")
    volume = build_volume(preset)
    assert volume.centre_mm == pytest.approx(middle_mm, abs=2)
    largest_mm = 100 * math.sqrt(2) * math.cos(math.pi / count)
    assert volume.x_mm == volume.y_mm == pytest.approx(largest_mm, abs=0.05 if count > 13 else 3)
    assert volume.x_mm <= largest_mm
    assert volume.z_mm == 300
    (caution,) = bed_cautions(preset, volume)
    assert f"the square of {volume.x_mm:g} mm" in caution.message
    assert list(bed_cautions(machine("0x0", "2x0", "2x2", "0x2"), volume)) == []


@pytest.mark.parametrize(
    "corners",
    [
        [f"{2 * float(x)}x{y}" for x, _, y in (c.partition("x") for c in circle(60))],
        [*circle(60)[:30], "0x0"],
        [*circle(60)[:-1], "Infinityx0"],
        circle(12),
        ["5x5"] * 20,
    ],
    ids=["ellipse", "half", "endless", "few corners", "a point"],
)
def test_what_is_no_circle_is_no_round_bed(corners: list[str]) -> None:
    """Or its square would not lie in it."""
    with pytest.raises(ShopError, match="and no circle of more than twelve"):
        build_volume(machine(*corners))


@pytest.mark.parametrize(
    ("corners", "height", "fault"),
    [
        (("0x0", "2x0", "2x2", "0xtwo"), "200", "not a number"),
        (("0x0", "2x0", "2x2", "0"), "200", "not a number"),
        (("0x0", "2x0", "2x2", "0x2"), "tall", "not a number"),
        (("0x0", "2x0", "2x2", "0x2"), "-1", "not above zero"),
        (("0x0", "2x0", "2x2", "0x2"), "Infinity", "not above zero"),
    ],
    ids=["word", "half a point", "height in words", "below the bed", "endless"],
)
def test_figures_must_be_figures(corners: tuple[str, ...], height: str, fault: str) -> None:
    """OrcaSlicer would read a zero."""
    with pytest.raises(ShopError, match=fault):
        build_volume(machine(*corners, height=height))


def test_a_bed_of_prusaslicers_is_read_likewise() -> None:
    """Its keys are others, and the corners stand in one text."""
    values = {"bed_shape": "0x0,250x0,250x210,0x210", "max_print_height": "210"}
    path, ini = Path("printer.ini"), PresetFormat.PRUSA
    assert build_volume(Profile(ProfileKind.MACHINE, "M", path, values, ini)) == BuildVolume(
        250, 210, 210
    )
