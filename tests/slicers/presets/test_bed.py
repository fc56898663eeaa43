"""The bed decides whether a part fits, so only what can be judged exactly is accepted."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from pricing_fdm.model import BuildVolume
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.presets.bed import build_volume
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
    """A part that fits the box of a round bed may still hang over its edge."""
    with pytest.raises(ShopError, match="not an upright rectangle"):
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
