"""The bundled profiles obey OrcaSlicer's rules and leave nothing that decides a price unsaid.

OrcaSlicer never reports a misspelt key, a number without quotes or a key that is missing; it slices
with a default of its own. What it would not notice is noticed here.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.model import PrintQuality
from tests.harness import qualities
from tests.harness.qualities import MATERIALS, QUALITIES

PROFILES = Path(__file__).parents[4] / "profiles"
FILES = sorted(path.name for path in PROFILES.glob("*.json"))
PROCESSES = {
    qualities.FINE: "process_fine.json",
    qualities.STANDARD: "process_standard.json",
    qualities.ECONOMY: "process_economy.json",
}
KNOWN = frozenset(
    (Path(__file__).parent / "fixtures" / "orca-2.3.1-keys.txt").read_text("utf-8").split()
)

# Known to OrcaSlicer although its settings block does not repeat them: the header, the machine's
# name in a process, and the filament's own retraction, which is merged into the machine's.
UNREPEATED = ("type", "name", "from", "instantiation", "compatible_printers")
OWN_RETRACTION = re.compile(r"filament_(retract\w*|deretraction_speed|wipe\w*|z_hop\w*)")

# Keys that the profiles leave to OrcaSlicer's default, by what makes them idle.
IDLE = {
    "several tools or filaments": (
        *("cooling_tube_", "parking_pos_retraction", "extra_loading_move", "flush_"),
        *("filament_cooling_", "filament_loading_", "filament_unloading_", "filament_minimal_"),
        *("filament_multitool_", "filament_ramming_", "filament_stamping_", "prime_"),
        *("filament_toolchange_delay", "enable_filament_ramming", "high_current_on_filament_swap"),
        *("idle_temperature", "mmu_segmented_", "preheat_", "purge_in_prime_tower"),
        *("single_extruder_", "standby_temperature_delta", "manual_filament_change", "wipe_tower_"),
        *("wiping_volumes_", "retract_length_toolchange", "retract_restart_extra_toolchange"),
        *(
            "long_retractions_when_cut",
            "enable_long_retraction_when_cut",
            "first_layer_print_sequence",
        ),
        *("retraction_distances_when_cut", "other_layers_print_sequence", "print_order"),
        *("wall_filament", "sparse_infill_filament", "solid_infill_filament"),
    ),
    "a feature that is off and said to be off": (
        *("accel_to_decel_factor", "adaptive_pressure_advance", "pressure_advance"),
        *("brim_ears_", "fuzzy_skin_", "ironing_", "raft_", "seam_slope_", "scarf_"),
        *("has_scarf_joint_seam", "hole_to_polyhole_", "interlocking_", "make_overhang_printable_"),
        *("infill_combination_max_layer_height", "max_volumetric_extrusion_rate_slope_segment_"),
        *("extrusion_rate_smoothing_", "min_resonance_", "max_resonance_", "overhang_reverse_"),
        *(
            "small_area_infill_flow_compensation_model",
            "spiral_",
            "support_ironing_",
            "travel_slope",
        ),
        *("tree_support_", "skirt_", "single_loop_draft_shield", "min_width_top_surface"),
        *("infill_jerk", "initial_layer_jerk", "inner_wall_jerk", "outer_wall_jerk"),
        *("top_surface_jerk", "travel_jerk"),
    ),
    "a pattern that is not used": (
        *("infill_lock_depth", "infill_overhang_angle", "infill_shift_step", "lateral_lattice_"),
        *("skeleton_infill_", "skin_infill_"),
    ),
    "fans, bed meshes, cameras, vendors' machines": (
        *("adaptive_bed_mesh_margin", "bed_mesh_", "bbl_calib_mark_logo", "scan_first_layer"),
        *("complete_print_exhaust_fan_speed", "during_print_exhaust_fan_speed", "fan_speedup_"),
        *("internal_bridge_fan_speed", "support_material_interface_fan_speed", "nozzle_height"),
        *("support_air_filtration", "support_chamber_temp_control", "support_multi_bed_types"),
        *("calib_flowrate_topinfill_special_order", "head_wrap_detect_zone", "start_end_points"),
        *("nozzle_hrc", "nozzle_type", "nozzle_volume", "silent_mode"),
    ),
    "names, notes, colours, pictures, files": (
        *("bed_custom_", "default_filament_colour", "default_print_profile", "extruder_colour"),
        *("different_settings_to_system", "filament_colour", "filament_ids", "filament_notes"),
        *("filament_settings_id", "print_settings_id", "printer_settings_id", "inherits_group"),
        *("notes", "printer_notes", "print_compatible_printers", "thumbnails"),
        "change_extrusion_role_gcode",
    ),
    "copies that OrcaSlicer derives itself, or placing that we do": (
        *("bed_shape", "first_layer_bed_temperature", "first_layer_height"),
        *("first_layer_temperature", "best_object_pos", "preferred_orientation"),
    ),
    "chooses between plates that all have the same temperature": ("curr_bed_type",),
}

Document = dict[str, Any]


def read(file: str) -> Document:
    document: Document = json.loads((PROFILES / file).read_bytes())
    return document


def filament(material: str) -> Document:
    return read(f"filament_{material}.json")


@pytest.mark.parametrize("file", FILES)
class TestEveryFile:
    """OrcaSlicer's rules for one file."""

    def test_holds_only_text_and_lists_of_text(self, file: str) -> None:
        """A number or a boolean is skipped, and the default is used."""
        for value in read(file).values():
            elements = value if isinstance(value, list) else [value]
            assert all(isinstance(element, str) for element in elements)

    def test_says_what_it_is(self, file: str) -> None:
        """Without a name it is accepted and not used; without the rest it is refused."""
        document = read(file)
        assert document["type"] == file.partition("_")[0].removesuffix(".json")
        assert document["name"]
        assert document["from"] == "system"

    def test_has_no_parent(self, file: str) -> None:
        """The command line keeps `inherits` as text and never reads the parent."""
        assert "inherits" not in read(file)

    def test_has_only_keys_that_orcaslicer_knows(self, file: str) -> None:
        """A misspelt or retired key is dropped without a word."""
        unknown = read(file).keys() - KNOWN - set(UNREPEATED)
        assert [key for key in unknown if not OWN_RETRACTION.fullmatch(key)] == []

    def test_names_no_program_to_run(self, file: str) -> None:
        """Nor does a profile for pricing start anything."""
        assert not any(read(file).get("post_process", []))


def test_nothing_that_decides_a_price_is_left_to_a_default() -> None:
    """An update of OrcaSlicer must not move prices by changing a default."""
    stated = {key for file in FILES for key in read(file)}
    idle = tuple(prefix for prefixes in IDLE.values() for prefix in prefixes)
    assert sorted(key for key in KNOWN - stated if not key.startswith(idle)) == []


def test_a_key_stands_in_one_kind_of_profile_only() -> None:
    """Else it would depend on the order of loading which one counts."""
    machine, process = read("machine.json"), read("process_standard.json")
    header = {"type", "name", "from", "instantiation"}
    for material in MATERIALS:
        assert machine.keys() & filament(material).keys() == header
        assert process.keys() & filament(material).keys() == header
    assert machine.keys() & process.keys() == header


def test_keys_of_a_filament_are_lists() -> None:
    """A plain value of a list-typed key is skipped when filaments are merged."""
    for material in MATERIALS:
        values = filament(material)
        plain = {key for key, value in values.items() if not isinstance(value, list)}
        assert plain == {"type", "name", "from", "instantiation"}
        assert all(len(value) == 1 for value in values.values() if isinstance(value, list))


def test_profiles_of_a_kind_state_the_same_keys() -> None:
    """A key forgotten in one of them would be a default in one of them."""
    assert len({frozenset(read(file)) for file in PROCESSES.values()}) == 1
    assert len({frozenset(filament(material)) for material in MATERIALS}) == 1


def test_names_are_unique() -> None:
    """The G-code names its profiles, and tells which were used."""
    names = [read(file)["name"] for file in FILES]
    assert len(set(names)) == len(names)


class TestMachine:
    """The printer that is priced."""

    def test_is_the_box_of_the_contract(self) -> None:
        """200 x 200 x 200 mm, 0.4 mm nozzle."""
        machine = read("machine.json")
        assert machine["printable_area"] == ["0x0", "200x0", "200x200", "0x200"]
        assert machine["printable_height"] == "200"
        assert machine["nozzle_diameter"] == ["0.4"]

    def test_resets_the_extruder_at_every_layer(self) -> None:
        """OrcaSlicer refuses relative extrusion for Marlin without it (exit 205)."""
        machine = read("machine.json")
        assert machine["gcode_flavor"] == "marlin2"
        assert machine["use_relative_e_distances"] == "1"
        assert "G92 E0" in machine["before_layer_change_gcode"]

    def test_moves_and_extrudes_nothing_of_its_own(self) -> None:
        """A purge line is charged with every part, and only one of the two slicers counts it."""
        machine = read("machine.json")
        lines = f"{machine['machine_start_gcode']}\n{machine['machine_end_gcode']}".splitlines()
        commands = {line.split()[0] for line in lines}
        assert commands.isdisjoint({"G0", "G1", "G2", "G3", "G4"})

    def test_allows_every_layer_on_offer(self) -> None:
        """A layer above the nozzle's limit would be clipped or refused."""
        machine = read("machine.json")
        low, high = Decimal(machine["min_layer_height"][0]), Decimal(machine["max_layer_height"][0])
        assert all(low <= thickness.height_mm <= high for thickness in QUALITIES)

    def test_is_not_taken_for_a_vendors_machine(self) -> None:
        """For names that begin with Bambu Lab the G-code lacks the figures we read."""
        machine = read("machine.json")
        assert not machine["printer_model"].startswith("Bambu")
        assert not machine["name"].startswith("Bambu")


class TestProcesses:
    """Three layer heights of one way to print."""

    @pytest.mark.parametrize("thickness", QUALITIES, ids=lambda each: each.id)
    def test_has_the_layer_height_it_is_offered_for(self, thickness: PrintQuality) -> None:
        """The heart of the product: fine, standard, economy."""
        assert Decimal(read(PROCESSES[thickness])["layer_height"]) == thickness.height_mm

    def test_differ_only_in_what_follows_from_the_layer_height(self) -> None:
        """So a price differs between them for one reason only."""
        standard = read(PROCESSES[qualities.STANDARD])
        for file in PROCESSES.values():
            other = read(file)
            assert {key for key in standard if standard[key] != other[key]} <= {
                "name",
                "layer_height",
                "top_shell_layers",
                "bottom_shell_layers",
            }

    @pytest.mark.parametrize("thickness", QUALITIES, ids=lambda each: each.id)
    def test_shells_are_about_equally_thick(self, thickness: PrintQuality) -> None:
        """0.8 mm above and 0.6 mm below, as near as whole layers come."""
        process = read(PROCESSES[thickness])
        height, first = thickness.height_mm, Decimal(process["initial_layer_print_height"])
        top = int(process["top_shell_layers"]) * height
        bottom = first + (int(process["bottom_shell_layers"]) - 1) * height
        assert abs(top - Decimal("0.8")) <= Decimal("0.1")
        assert abs(bottom - Decimal("0.6")) <= Decimal("0.1")
        assert process["top_shell_thickness"] == process["bottom_shell_thickness"] == "0"

    @pytest.mark.parametrize("file", PROCESSES.values())
    def test_every_line_is_wider_than_high(self, file: str) -> None:
        """OrcaSlicer refuses a line that is not (exit 205)."""
        process = read(file)
        widths = [Decimal(process[key]) for key in process if key.endswith("line_width")]
        assert len(widths) == 8
        assert min(widths) > Decimal(process["layer_height"])

    @pytest.mark.parametrize("file", PROCESSES.values())
    def test_prints_nothing_but_the_part(self, file: str) -> None:
        """Skirt, brim, raft, tower and support would be charged; support is asked for."""
        process = read(file)
        assert process["skirt_loops"] == "0"
        assert process["brim_type"] == "no_brim"
        assert process["raft_layers"] == "0"
        assert process["enable_prime_tower"] == "0"
        assert process["enable_support"] == "0"

    @pytest.mark.parametrize("file", PROCESSES.values())
    def test_names_the_machine_literally(self, file: str) -> None:
        """Conditions are not evaluated; without the name every slice ends with exit 239."""
        assert read("machine.json")["name"] in read(file)["compatible_printers"]

    @pytest.mark.parametrize("file", PROCESSES.values())
    def test_twins_are_equal(self, file: str) -> None:
        """PrusaSlicer has one key for each of these pairs; both must mean the same."""
        process = read(file)
        for one, other in (
            ("bridge_speed", "internal_bridge_speed"),
            ("bridge_flow", "internal_bridge_flow"),
            ("bridge_angle", "internal_bridge_angle"),
            ("thick_bridges", "thick_internal_bridges"),
            ("infill_wall_overlap", "top_bottom_infill_wall_overlap"),
            ("infill_direction", "solid_infill_direction"),
            ("support_interface_spacing", "support_bottom_interface_spacing"),
            ("support_object_xy_distance", "support_object_first_layer_gap"),
            ("min_bead_width", "initial_layer_min_bead_width"),
            ("initial_layer_speed", "initial_layer_infill_speed"),
            ("inner_wall_acceleration", "outer_wall_acceleration"),
            ("sparse_infill_acceleration", "internal_solid_infill_acceleration"),
            ("sparse_infill_acceleration", "top_surface_acceleration"),
            ("default_acceleration", "travel_acceleration"),
        ):
            assert process[one] == process[other]


class TestFilaments:
    """Eight materials."""

    @pytest.mark.parametrize("material", MATERIALS)
    def test_all_plates_are_equally_warm(self, material: str) -> None:
        """So it does not matter which plate the slicer believes in; and none is forbidden (0)."""
        values = filament(material)
        for suffix in ("plate_temp", "plate_temp_initial_layer"):
            temperatures = {values[key][0] for key in values if key.endswith(suffix)}
            assert len(temperatures) == 1
            assert temperatures != {"0"}

    @pytest.mark.parametrize("material", MATERIALS)
    def test_density_is_that_of_a_plastic(self, material: str) -> None:
        """A zero or a slipped point would be a price."""
        assert Decimal(1) <= Decimal(filament(material)["filament_density"][0]) <= Decimal("1.4")

    def test_the_readme_table_says_what_the_files_say(self) -> None:
        """People read the table; slicers read the files."""
        rows = {
            cells[0].strip("`"): cells[1:9]
            for line in (PROFILES / "README.md").read_text("utf-8").splitlines()
            if len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 10
        }
        for material in MATERIALS:
            values = filament(material)
            assert rows[material] == [
                values["filament_type"][0],
                values["filament_density"][0],
                with_first(values, "nozzle_temperature"),
                with_first(values, "hot_plate_temp"),
                values["filament_flow_ratio"][0],
                values["filament_max_volumetric_speed"][0],
                f"{values['fan_min_speed'][0]}-{values['fan_max_speed'][0]}",
                values["slow_down_layer_time"][0],
            ]


def with_first(values: Document, key: str) -> str:
    """A temperature, and the first layer's in brackets where it is another one."""
    usual, first = values[key][0], values[f"{key}_initial_layer"][0]
    return usual if usual == first else f"{usual} ({first})"
