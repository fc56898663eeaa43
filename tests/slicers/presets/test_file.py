"""Presets of both slicers answer to OrcaSlicer's keys."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.presets.file import (
    PresetFormat,
    Profile,
    ProfileKind,
    as_number,
    unescaped,
)

PRUSA = Profile(
    ProfileKind.MACHINE,
    "M",
    Path("mk3s/printer.ini"),
    {
        "nozzle_diameter": "0.6,0.4",
        "bed_shape": "0x0,250x0",
        "start_gcode": r"G28\nM117 50%, ready; go\\",
        "start_filament_gcode": r'"M900 K0.05 ; \"linear\"\nG4"',
        "pause_print_gcode": "",
        "max_print_height": "tall",
    },
    PresetFormat.PRUSA,
)
ORCA = Profile(
    ProfileKind.MACHINE,
    "M",
    Path("machine.json"),
    {"nozzle_diameter": ("0.6", "0.4"), "machine_start_gcode": "G28\nM117 a,b"},
)


@pytest.mark.parametrize("preset", [PRUSA, ORCA], ids=["ini", "json"])
def test_a_list_has_its_elements_and_a_first_one(preset: Profile) -> None:
    """One slot uses the first."""
    assert preset.texts("nozzle_diameter") == ("0.6", "0.4")
    assert preset.text("nozzle_diameter") == "0.6"
    assert preset.number("nozzle_diameter") == Decimal("0.6")


def test_keys_of_prusaslicer_are_found_by_those_of_orcaslicer() -> None:
    """One dictionary for the checks and for the translation."""
    assert PRUSA.texts("printable_area") == ("0x0", "250x0")
    assert PRUSA.own_key("machine_start_gcode") == "start_gcode"
    assert ORCA.own_key("machine_start_gcode") == "machine_start_gcode"


def test_gcode_is_one_text_with_its_line_breaks() -> None:
    """Commas and semicolons in it separate nothing."""
    assert PRUSA.texts("machine_start_gcode") == ("G28\nM117 50%, ready; go\\",)
    assert PRUSA.texts("filament_start_gcode") == ('M900 K0.05 ; "linear"\nG4',)
    assert ORCA.texts("machine_start_gcode") == ("G28\nM117 a,b",)


def test_what_is_no_number_is_none() -> None:
    """A check then says what is wrong with it."""
    assert PRUSA.number("printable_height") is None
    assert PRUSA.number("z_offset") is None


@pytest.mark.parametrize("text", ["1e999999999", "-1e999999999", "1e-999999999", "nan", "inf", "x"])
def test_what_cannot_be_calculated_with_is_no_number(text: str) -> None:
    """Python's Decimal holds it, and overflows at the next division."""
    assert as_number(text) is None
    assert as_number("0.00") == 0
    assert as_number("-1.5e3") == -1500


def test_a_missing_key_is_named_as_the_file_calls_it() -> None:
    """The owner looks for it in that file."""
    with pytest.raises(ShopError, match=r"mk3s/printer.ini: retract_lift: is missing"):
        PRUSA.text("z_hop")
    assert PRUSA.text("z_hop", default="0.2") == "0.2"


def test_escapes_are_those_of_prusaslicer() -> None:
    r"""`\n` is a line break, and a backslash before anything else is dropped."""
    assert unescaped(r"a\nb\\n\"c\r") == 'a\nb\\n"c\r'
