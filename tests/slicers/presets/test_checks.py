"""What a profile must say for its slice to be priced."""

from __future__ import annotations

import pytest

from tests.slicers.profile_folder import ProfileFolder


@pytest.mark.parametrize(
    ("file", "values", "fault"),
    [
        ("process_fine.json", {"layer_height": "0.2"}, "offers it for 0.1 mm"),
        ("process_fine.json", {"layer_height": "thin"}, "layer_height is thin"),
        ("process_fine.json", {"layer_height": None}, "layer_height is missing."),
        ("process_fine.json", {"outer_wall_line_width": "wide"}, "line_width is wide, which is"),
        ("process_fine.json", {"outer_wall_line_width": "NaN"}, "is NaN, which is not a number"),
        ("process_fine.json", {"outer_wall_line_width": "-0.4"}, "gives lines of -0.4 mm"),
        ("process_fine.json", {"outer_wall_line_width": "42"}, "gives lines of 42 mm"),
        ("process_fine.json", {"compatible_printers": ["Other"]}, '"Generic FDM 200"'),
        ("process_fine.json", {"compatible_printers": None}, '"Generic FDM 200"'),
        ("process_fine.json", {"support_type": "tree(manual)"}, "nobody paints supports"),
        ("filament_pc.json", {"filament_density": ["0"]}, "filament_density must be a number"),
        ("filament_pc.json", {"filament_density": ["1,2"]}, "filament_density must be a number"),
        ("filament_pc.json", {"filament_density": ["NaN"]}, "filament_density must be a number"),
        ("filament_pc.json", {"filament_density": None}, "filament_density must be a number"),
        ("filament_pc.json", {"filament_diameter": ["0"]}, "filament_diameter must be"),
        ("filament_pc.json", {"filament_flow_ratio": ["-1"]}, "filament_flow_ratio must be"),
        ("filament_pc.json", {"filament_max_volumetric_speed": None}, "at 2 mm3/s"),
        ("filament_pc.json", {"filament_type": []}, "filament_type is missing"),
        ("filament_pc.json", {"filament_type": [""]}, "filament_type is missing"),
        ("machine.json", {"printable_height": "0"}, "printable_height is not above zero"),
        ("machine.json", {"printable_height": None}, "printable_height is missing"),
        ("machine.json", {"before_layer_change_gcode": ""}, "must contain G92 E0"),
        ("machine.json", {"use_relative_e_distances": "0"}, "may contain G92 E0"),
    ],
)
def test_a_wrong_profile_is_named_with_what_is_wrong(
    folder: ProfileFolder, file: str, values: dict[str, object], fault: str
) -> None:
    """Each of these would be sliced wrongly, or refused at request time."""
    folder.set(file, **values)
    faults = folder.faults()
    assert len(faults) == 1
    assert faults[0].startswith(f"{file}: ")
    assert fault in faults[0]


@pytest.mark.parametrize(
    "values",
    [
        {"use_relative_e_distances": "0", "before_layer_change_gcode": ""},
        {"before_layer_change_gcode": "", "layer_change_gcode": ";NEXT\nG92 E0\n"},
        {"gcode_flavor": "klipper", "before_layer_change_gcode": ""},
        {"gcode_flavor": None, "use_relative_e_distances": None},
    ],
    ids=["absolute", "after the change", "klipper", "defaults of OrcaSlicer"],
)
def test_extrusion_reset_is_asked_for_only_where_the_slicer_asks(
    folder: ProfileFolder, values: dict[str, object]
) -> None:
    """Only Marlin with relative extrusion needs it; elsewhere a shop's profile is left alone."""
    folder.set("machine.json", **values)
    folder.presets()


def test_a_support_type_may_be_left_out(folder: ProfileFolder) -> None:
    """OrcaSlicer's default is an automatic one."""
    folder.set("process_fine.json", support_type=None)
    folder.presets()
