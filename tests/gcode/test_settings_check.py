"""Invariant 2: what was asked for is what the slicer says it used."""

from __future__ import annotations

import pytest

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.gcode.settings_check import check_settings


@pytest.mark.parametrize(
    ("key", "expected", "reported"),
    [
        ("layer_height", "0.2", "0.2"),
        ("layer_height", "0.2", "0.20"),
        ("layer_height", "0.20", ".2"),
        ("layer_height", "1", "1."),
        ("z_offset", "-0.1", "-0.10"),
        ("fill_density", "20%", "20%"),
        ("sparse_infill_density", "20", "20%"),
        ("sparse_infill_density", "20.0%", "20"),
        ("enable_support", "1", "1"),
        ("filament_type", "PLA", "PLA"),
        ("filament_type", "PLA", "PLA;PETG"),
        ("filament_type", "PLA", '"PLA";"PETG"'),
        ("filament_density", "1.24", "1.24,1.04"),
        ("filament_settings_id", "Generic PLA", '"Generic PLA"'),
        ("filament_settings_id", '"a;b, c"', '"a;b, c";"d"'),
        ("filament_notes", "", '""'),
        ("print_settings_id", "0.20mm Standard", '"0.20mm Standard"'),
        ("support_type", "normal(auto)", "normal(auto)"),
        ("bed_shape", "0x0,200x0", "0x0,200x0"),
    ],
)
def test_a_setting_that_was_obeyed_passes(key: str, expected: str, reported: str) -> None:
    """Slicers write numbers, percentages, lists and text in their own way."""
    check_settings({key: expected}, {key: reported, "other": "1"})


@pytest.mark.parametrize(
    ("key", "expected", "reported", "field"),
    [
        ("layer_height", "0.2", "0.3", "layer_thickness"),
        ("layer_height", "0.2", "", "layer_thickness"),
        ("sparse_infill_density", "20%", "15%", "infill"),
        ("fill_density", "20%", "0.2", "infill"),
        ("filament_type", "PLA", "pla", "material"),
        ("filament_type", "PLA", "PETG;PLA", "material"),
        ("filament_density", "1.24", "0", "material"),
        ("enable_support", "1", "0", "supports"),
        ("support_threshold_angle", "30", "45", "supports"),
        ("nozzle_diameter", "0.4", "0.6", "printer profile"),
        ("bed_shape", "0x0,200x0", "0x0", "printer profile"),
        ("layer_height", "0.2", "0.2 ", "layer_thickness"),
        ("layer_height", "2", "٢", "layer_thickness"),
    ],
)
def test_a_setting_that_was_not_obeyed_is_an_error(
    key: str, expected: str, reported: str, field: str
) -> None:
    """The caller reads the field's name; the log has the slicer's key and both values."""
    with pytest.raises(ResultIncomplete) as caught:
        check_settings({key: expected}, {key: reported})
    assert f"did not reach the slicer: {field}." in caught.value.detail
    assert caught.value.log_detail == f"{key}: asked {expected!r}, slicer reports {reported!r}"


def test_a_setting_that_the_slicer_does_not_report_is_an_error() -> None:
    """A dropped key is how OrcaSlicer ignores a value of the wrong type."""
    with pytest.raises(ResultIncomplete, match="layer_thickness") as caught:
        check_settings({"layer_height": "0.2"}, {})
    assert caught.value.log_detail == "layer_height: asked '0.2', slicer reports None"


def test_all_lost_settings_are_named_at_once() -> None:
    """One failed quote is enough to see what is wrong."""
    expected = {"layer_height": "0.2", "filament_type": "PLA", "filament_density": "1.24"}
    with pytest.raises(ResultIncomplete, match="slicer: layer_thickness, material"):
        check_settings(expected, {"filament_type": "ABS", "filament_density": "1.04"})


def test_the_log_is_not_flooded() -> None:
    """A start G-code may be tens of kilobytes long."""
    with pytest.raises(ResultIncomplete) as caught:
        check_settings({"start_gcode": "G28"}, {"start_gcode": "G1\\n" * 100_000})
    assert len(caught.value.log_detail or "") == 1000
