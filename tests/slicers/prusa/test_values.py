"""Each kind of value is written as PrusaSlicer reads it."""

from __future__ import annotations

import pytest

from pricing_fdm.slicers.prusa.config import prusa_config
from tests.slicers.profile_folder import only_printer
from tests.slicers.prusa.changed_profiles import changed


@pytest.mark.parametrize(
    ("orca", "prusa_key", "expected"),
    [
        ({"outer_wall_line_width": "105%"}, "external_perimeter_extrusion_width", "0.42"),
        ({"outer_wall_line_width": "0"}, "external_perimeter_extrusion_width", "0.45"),
        (
            {"outer_wall_line_width": "0", "line_width": "0"},
            "external_perimeter_extrusion_width",
            "0.45",
        ),
        (
            {"outer_wall_line_width": "0", "line_width": "110%"},
            "external_perimeter_extrusion_width",
            "0.44",
        ),
        (
            {"support_line_width": "0", "line_width": "0"},
            "support_material_extrusion_width",
            "0.4",
        ),
        ({"small_perimeter_speed": "50%"}, "small_perimeter_speed", "30"),
        ({"bridge_acceleration": "50%"}, "bridge_acceleration", "750"),
        ({"sparse_infill_acceleration": "100%"}, "infill_acceleration", "2500"),
        ({"overhang_1_4_speed": "0"}, "overhang_speed_3", "60"),
        ({"overhang_4_4_speed": "25%"}, "overhang_speed_0", "15"),
        ({"filament_shrink": ("98.5%",)}, "filament_shrinkage_compensation_xy", "1.5%"),
        ({"gcode_flavor": "klipper"}, "gcode_flavor", "marlin2"),
        ({"emit_machine_limits_to_gcode": "0"}, "machine_limits_usage", "time_estimate_only"),
        ({"sparse_infill_pattern": "tri-hexagon"}, "fill_pattern", "stars"),
        ({"top_surface_pattern": "monotonicline"}, "top_fill_pattern", "monotoniclines"),
        ({"seam_position": "back"}, "seam_position", "rear"),
        ({"wall_sequence": "outer wall/inner wall"}, "external_perimeters_first", "1"),
        ({"independent_support_layer_height": "0"}, "support_material_synchronize_layers", "1"),
        ({"machine_max_jerk_x": ("9", "5")}, "machine_max_jerk_x", "9"),
        ({"machine_start_gcode": "G28\r\nM117 a\\b"}, "start_gcode", r"G28\r\nM117 a\\b"),
        ({"machine_end_gcode": ""}, "end_gcode", "; total layers count = {layer_num + 1}"),
        (
            {"filament_start_gcode": ('M117 "hot"\nG4',)},
            "start_filament_gcode",
            r'"M117 \"hot\"\nG4"',
        ),
    ],
)
def test_values_are_converted(
    orca: dict[str, str | tuple[str, ...]],
    prusa_key: str,
    expected: str,
) -> None:
    """The same meaning, not the same text."""
    assert prusa_config(changed(only_printer(), orca))[prusa_key] == expected
