"""PrusaSlicer uses the same settings as OrcaSlicer; the proof is what it reports itself.

The table below is written by hand from both programs' documentation, not derived from the
dictionary under test. Each of the 24 combinations is sliced by the real PrusaSlicer, and the
settings block of its G-code is compared with the JSON that OrcaSlicer gets.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from pricing_fdm.model import PrintQuality
from pricing_fdm.slicers.presets.loaded_shop import PrinterPresets
from pricing_fdm.slicers.prusa.config import prusa_config
from tests.harness import qualities
from tests.harness.qualities import MATERIALS, QUALITIES
from tests.slicers.profile_folder import BUNDLED, Document, only_printer
from tests.slicers.real_prusa import Sliced, slice_with_prusa, write_boxes

CUBE = (95.0, 95.0, 0.0, 105.0, 105.0, 5.0)
CHOICES = [(material, thickness) for material in MATERIALS for thickness in QUALITIES]

# What a person would compare: the item, OrcaSlicer's key, PrusaSlicer's key.
SAME_FIGURE = [
    ("layer height", "layer_height", "layer_height"),
    ("first layer height", "initial_layer_print_height", "first_layer_height"),
    ("width in general", "line_width", "extrusion_width"),
    ("width of outer walls", "outer_wall_line_width", "external_perimeter_extrusion_width"),
    ("width of inner walls", "inner_wall_line_width", "perimeter_extrusion_width"),
    ("width of sparse infill", "sparse_infill_line_width", "infill_extrusion_width"),
    ("width of solid infill", "internal_solid_infill_line_width", "solid_infill_extrusion_width"),
    ("width of top surfaces", "top_surface_line_width", "top_infill_extrusion_width"),
    ("width of the first layer", "initial_layer_line_width", "first_layer_extrusion_width"),
    ("width of support", "support_line_width", "support_material_extrusion_width"),
    ("walls", "wall_loops", "perimeters"),
    ("wall generator", "wall_generator", "perimeter_generator"),
    ("top layers", "top_shell_layers", "top_solid_layers"),
    ("bottom layers", "bottom_shell_layers", "bottom_solid_layers"),
    ("top thickness", "top_shell_thickness", "top_solid_min_thickness"),
    ("bottom thickness", "bottom_shell_thickness", "bottom_solid_min_thickness"),
    ("top pattern", "top_surface_pattern", "top_fill_pattern"),
    ("bottom pattern", "bottom_surface_pattern", "bottom_fill_pattern"),
    ("infill", "sparse_infill_density", "fill_density"),
    ("infill pattern", "sparse_infill_pattern", "fill_pattern"),
    ("infill angle", "infill_direction", "fill_angle"),
    ("infill anchor", "infill_anchor", "infill_anchor"),
    ("longest infill anchor", "infill_anchor_max", "infill_anchor_max"),
    ("infill overlap", "infill_wall_overlap", "infill_overlap"),
    ("smallest sparse area", "minimum_sparse_infill_area", "solid_infill_below_area"),
    ("bridge flow", "bridge_flow", "bridge_flow_ratio"),
    ("thick bridges", "thick_bridges", "thick_bridges"),
    ("seam", "seam_position", "seam_position"),
    ("speed of the first layer", "initial_layer_speed", "first_layer_speed"),
    ("speed of outer walls", "outer_wall_speed", "external_perimeter_speed"),
    ("speed of inner walls", "inner_wall_speed", "perimeter_speed"),
    ("speed of small walls", "small_perimeter_speed", "small_perimeter_speed"),
    ("speed of sparse infill", "sparse_infill_speed", "infill_speed"),
    ("speed of solid infill", "internal_solid_infill_speed", "solid_infill_speed"),
    ("speed of top surfaces", "top_surface_speed", "top_solid_infill_speed"),
    ("speed of gap fill", "gap_infill_speed", "gap_fill_speed"),
    ("speed of bridges", "bridge_speed", "bridge_speed"),
    ("speed of travel", "travel_speed", "travel_speed"),
    ("speed of support", "support_speed", "support_material_speed"),
    ("speed of interfaces", "support_interface_speed", "support_material_interface_speed"),
    ("acceleration in general", "default_acceleration", "default_acceleration"),
    ("acceleration of walls", "inner_wall_acceleration", "perimeter_acceleration"),
    ("acceleration of infill", "sparse_infill_acceleration", "infill_acceleration"),
    ("acceleration of bridges", "bridge_acceleration", "bridge_acceleration"),
    ("acceleration of layer one", "initial_layer_acceleration", "first_layer_acceleration"),
    ("limit of speed x", "machine_max_speed_x", "machine_max_feedrate_x"),
    ("limit of speed y", "machine_max_speed_y", "machine_max_feedrate_y"),
    ("limit of speed z", "machine_max_speed_z", "machine_max_feedrate_z"),
    ("limit of speed e", "machine_max_speed_e", "machine_max_feedrate_e"),
    ("limit of x", "machine_max_acceleration_x", "machine_max_acceleration_x"),
    ("limit of y", "machine_max_acceleration_y", "machine_max_acceleration_y"),
    ("limit of z", "machine_max_acceleration_z", "machine_max_acceleration_z"),
    ("limit of e", "machine_max_acceleration_e", "machine_max_acceleration_e"),
    (
        "limit while extruding",
        "machine_max_acceleration_extruding",
        "machine_max_acceleration_extruding",
    ),
    (
        "limit while retracting",
        "machine_max_acceleration_retracting",
        "machine_max_acceleration_retracting",
    ),
    (
        "limit while travelling",
        "machine_max_acceleration_travel",
        "machine_max_acceleration_travel",
    ),
    ("jerk x", "machine_max_jerk_x", "machine_max_jerk_x"),
    ("jerk y", "machine_max_jerk_y", "machine_max_jerk_y"),
    ("jerk z", "machine_max_jerk_z", "machine_max_jerk_z"),
    ("jerk e", "machine_max_jerk_e", "machine_max_jerk_e"),
    ("nozzle", "nozzle_diameter", "nozzle_diameter"),
    ("height of the printer", "printable_height", "max_print_height"),
    ("firmware", "gcode_flavor", "gcode_flavor"),
    ("relative extrusion", "use_relative_e_distances", "use_relative_e_distances"),
    ("retraction", "retraction_length", "retract_length"),
    ("retraction speed", "retraction_speed", "retract_speed"),
    ("unretraction speed", "deretraction_speed", "deretract_speed"),
    ("shortest travel that retracts", "retraction_minimum_travel", "retract_before_travel"),
    ("retraction at layer change", "retract_when_changing_layer", "retract_layer_change"),
    ("lift", "z_hop", "retract_lift"),
    ("wipe", "wipe", "wipe"),
    ("density", "filament_density", "filament_density"),
    ("diameter", "filament_diameter", "filament_diameter"),
    ("material", "filament_type", "filament_type"),
    ("flow", "filament_flow_ratio", "extrusion_multiplier"),
    ("largest flow", "filament_max_volumetric_speed", "filament_max_volumetric_speed"),
    ("nozzle temperature", "nozzle_temperature", "temperature"),
    ("first nozzle temperature", "nozzle_temperature_initial_layer", "first_layer_temperature"),
    ("bed temperature", "hot_plate_temp", "bed_temperature"),
    ("first bed temperature", "hot_plate_temp_initial_layer", "first_layer_bed_temperature"),
    ("slow down for cooling", "slow_down_for_layer_cooling", "cooling"),
    ("shortest layer", "slow_down_layer_time", "slowdown_below_layer_time"),
    ("slowest speed", "slow_down_min_speed", "min_print_speed"),
    ("least fan", "fan_min_speed", "min_fan_speed"),
    ("most fan", "fan_max_speed", "max_fan_speed"),
    ("layer that needs the fan", "fan_cooling_layer_time", "fan_below_layer_time"),
    ("layers without fan", "close_fan_the_first_x_layers", "disable_fan_first_layers"),
    ("support", "enable_support", "support_material"),
    ("support threshold", "support_threshold_angle", "support_material_threshold"),
    ("support style", "support_style", "support_material_style"),
    ("support pattern", "support_base_pattern", "support_material_pattern"),
    ("support spacing", "support_base_pattern_spacing", "support_material_spacing"),
    ("support on bed only", "support_on_build_plate_only", "support_material_buildplate_only"),
    ("support gap above", "support_top_z_distance", "support_material_contact_distance"),
    ("support gap below", "support_bottom_z_distance", "support_material_bottom_contact_distance"),
    ("support gap aside", "support_object_xy_distance", "support_material_xy_spacing"),
    ("interfaces above", "support_interface_top_layers", "support_material_interface_layers"),
    (
        "interfaces below",
        "support_interface_bottom_layers",
        "support_material_bottom_interface_layers",
    ),
    ("interface spacing", "support_interface_spacing", "support_material_interface_spacing"),
    ("bridges without support", "bridge_no_support", "dont_support_bridges"),
    ("skirt", "skirt_loops", "skirts"),
    ("brim", "brim_type", "brim_type"),
    ("brim width", "brim_width", "brim_width"),
    ("raft", "raft_layers", "raft_layers"),
    ("vase", "spiral_mode", "spiral_vase"),
]

# Known only to PrusaSlicer 2.6 and later: compared where the installed version prints them.
SAME_FIGURE_LATER = [
    ("acceleration of outer walls", "outer_wall_acceleration", "external_perimeter_acceleration"),
    ("acceleration of solids", "internal_solid_infill_acceleration", "solid_infill_acceleration"),
    ("acceleration of tops", "top_surface_acceleration", "top_solid_infill_acceleration"),
    ("acceleration of travel", "travel_acceleration", "travel_acceleration"),
    ("speed of first solids", "initial_layer_infill_speed", "first_layer_infill_speed"),
    ("slow overhangs", "enable_overhang_speed", "enable_dynamic_overhang_speeds"),
    ("overhang in the air", "overhang_4_4_speed", "overhang_speed_0"),
    ("overhang of a quarter", "overhang_1_4_speed", "overhang_speed_3"),
    ("seam gap", "seam_gap", "seam_gap_distance"),
]

# What PrusaSlicer must print, whatever the profiles say; text as it stands in the G-code.
FIXED = {
    "bed_shape": "0x0,200x0,200x200,0x200",
    "machine_limits_usage": "emit_to_gcode",
    "external_perimeters_first": "0",
    "support_material_auto": "1",
    "support_material_synchronize_layers": "0",
    "gap_fill_enabled": "0",
    "complete_objects": "0",
    "extra_perimeters": "0",
    "silent_mode": "0",
    "post_process": "",
    "thumbnails": "",
    "gcode_comments": "0",
    "ironing": "0",
    "fuzzy_skin": "none",
    "infill_every_layers": "1",
}

# Switches that became words in 2.6; versions that print the word take the digit for it.
LATER_WORDS = {
    ("gcode_label_objects", "0"): "disabled",
    ("ensure_vertical_shell_thickness", "1"): "enabled",
}

# Keys of PrusaSlicer that we leave at its default, by what makes them idle.
IDLE = {
    "several tools or filaments": (
        *("clip_multipart_objects", "color_change_gcode", "colorprint_heights"),
        *("cooling_tube_", "parking_pos_retraction", "extra_loading_move", "duplicate_distance"),
        *("filament_cooling_", "filament_loading_", "filament_unloading_", "filament_minimal_"),
        *("filament_multitool_", "filament_purge_", "filament_ramming_", "filament_stamping_"),
        *("filament_toolchange_delay", "high_current_on_filament_swap", "idle_temperature"),
        *("infill_extruder", "perimeter_extruder", "solid_infill_extruder", "interlocking_"),
        *("mmu_segmented_", "multimaterial_purging", "retract_length_toolchange"),
        *("retract_restart_extra_toolchange", "single_extruder_", "standby_temperature_delta"),
        *("wipe_into_", "wipe_tower_", "wiping_volumes_", "bed_temperature_extruder"),
    ),
    "a feature that is off and said to be off": (
        *("first_layer_acceleration_over_raft", "first_layer_speed_over_raft", "raft_"),
        *("fuzzy_skin_point_dist", "fuzzy_skin_thickness", "ironing_", "scarf_seam_"),
        *("travel_lift_before_obstacle", "travel_max_lift", "travel_slope", "support_tree_"),
        *("automatic_infill_combination_max_layer_height", "overhang_fan_speed_"),
        *("filament_infill_max_", "variable_layer_height", "use_volumetric_e"),
        *("automatic_extrusion_widths", "filament_seam_gap_distance", "nozzle_high_flow"),
    ),
    "notes, names, colours and heat": (
        *("notes", "filament_notes", "printer_notes", "filament_colour", "extruder_colour"),
        *("filament_settings_id", "print_settings_id", "printer_settings_id"),
        *("physical_printer_settings_id", "filament_spool_weight", "output_filename_format"),
        *("thumbnails_format", "gcode_substitutions", "extrusion_axis", "filament_abrasive"),
        *("chamber_", "autoemit_temperature_commands", "threads", "prefer_clockwise_movements"),
    ),
    "used only where a speed is 0": ("max_print_speed",),
}


@pytest.fixture(scope="module")
def profiles() -> PrinterPresets:
    """What is in the repository."""
    return only_printer()


@pytest.fixture(scope="module")
def cube(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small block in the middle of the bed."""
    return write_boxes(tmp_path_factory.mktemp("cube") / "cube.stl", [CUBE])


def config_for(profiles: PrinterPresets, material: str, thickness: PrintQuality) -> dict[str, str]:
    return prusa_config(profiles.chosen(thickness.id, material))


@dataclass(frozen=True, slots=True)
class Case:
    """One combination: what OrcaSlicer is given, PrusaSlicer's configuration, what it sliced."""

    orca: Document
    config: dict[str, str]
    sliced: Sliced


@pytest.fixture(
    scope="module",
    params=CHOICES,
    ids=[f"{material}-{thickness.id}" for material, thickness in CHOICES],
)
def case(
    request: pytest.FixtureRequest,
    profiles: PrinterPresets,
    cube: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Case:
    """Each material with each layer thickness, really sliced."""
    material, thickness = request.param
    config = config_for(profiles, material, thickness)
    sliced = slice_with_prusa(config, cube, tmp_path_factory.mktemp("slice"))
    return Case(orca_values(material, thickness), config, sliced)


def orca_values(material: str, thickness: PrintQuality) -> Document:
    """The three JSON files as a person reads them, merged; no code of ours in between."""
    merged: Document = {}
    for file in ("machine", f"process_{thickness.id}", f"filament_{material}"):
        merged |= json.loads((BUNDLED / f"{file}.json").read_bytes())
    return merged


def test_prusaslicer_states_what_orcaslicer_is_given(case: Case) -> None:
    """Both engines are asked for the same print, down to the last figure that decides a price."""
    used = case.sliced.config
    rows = SAME_FIGURE + [row for row in SAME_FIGURE_LATER if row[2] in used]
    different = {
        item: (case.orca[orca_key], used.get(prusa_key))
        for item, orca_key, prusa_key in rows
        if not same_figure(first(case.orca[orca_key]), used.get(prusa_key, "missing"))
    }
    assert not different
    assert {key: used.get(key) for key in FIXED} == FIXED


def test_prusaslicer_uses_every_value_that_it_is_told(case: Case) -> None:
    """It replaces values that it does not understand by its defaults, silently."""
    used = case.sliced.config
    lost = {
        key: (value, used[key])
        for key, value in case.config.items()
        if key in used and used[key] not in (value, LATER_WORDS.get((key, value)))
    }
    assert not lost


def test_no_setting_is_left_to_prusaslicers_default(case: Case) -> None:
    """An update of PrusaSlicer must not move a price by changing a default."""
    idle = tuple(prefix for prefixes in IDLE.values() for prefix in prefixes)
    unset = case.sliced.config.keys() - case.config.keys()
    assert sorted(key for key in unset if not key.startswith(idle)) == []


def test_layers_are_stated_near_the_end_of_the_file(case: Case) -> None:
    """Extraction reads the tail only, and PrusaSlicer itself never states the number."""
    above_first_mm = Decimal(str(CUBE[5])) - Decimal(case.orca["initial_layer_print_height"])
    expected = 1 + round(above_first_mm / Decimal(case.orca["layer_height"]))
    gcode = case.sliced.gcode
    assert int(case.sliced.figure("total layers count")) == expected
    assert gcode.count("\n;LAYER_CHANGE\n") == expected
    assert len(gcode.encode()) - gcode.index("\n; total layers count = ") < 16_384


def test_nothing_is_extruded_beside_the_part(case: Case) -> None:
    """A purge line, skirt or brim would be charged with every part."""
    extruding = re.findall(r"^G1 X(\S+) Y(\S+) E[.\d]", case.sliced.gcode, re.MULTILINE)
    assert extruding
    assert all(CUBE[0] <= float(x) <= CUBE[3] for x, _ in extruding)
    assert all(CUBE[1] <= float(y) <= CUBE[4] for _, y in extruding)


def test_the_estimate_counts_the_machine_limits(
    profiles: PrinterPresets, cube: Path, tmp_path: Path
) -> None:
    """Limits that were emitted but not counted would make every print too cheap."""
    config = config_for(profiles, "pla", qualities.STANDARD)
    slow = {f"machine_max_acceleration_{axis}": "100" for axis in ("x", "y", "extruding", "travel")}
    assert (
        slice_with_prusa(config | slow, cube, tmp_path).seconds
        > slice_with_prusa(config, cube, tmp_path).seconds * 1.2
    )


def same_figure(orca: str, prusa: str) -> bool:
    """Numbers as numbers, words as words."""
    try:
        return orca.endswith("%") == prusa.endswith("%") and Decimal(
            orca.removesuffix("%")
        ) == Decimal(prusa.removesuffix("%"))
    except InvalidOperation:
        return orca == prusa


def first(value: str | list[str]) -> str:
    return value if isinstance(value, str) else value[0]


def test_a_missing_prusaslicer_fails_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A skipped comparison looks like a passed one."""
    monkeypatch.setenv("PRUSA_BINARY", "no-such-slicer")
    assert shutil.which("no-such-slicer") is None
    with pytest.raises(pytest.fail.Exception, match="not installed"):
        slice_with_prusa({}, Path("no.stl"), Path())
