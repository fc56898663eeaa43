"""What works and is probably not meant is said, with the file and the key."""

from __future__ import annotations

import pytest

from tests.slicers.profile_folder import ProfileFolder


@pytest.mark.parametrize(
    ("file", "values", "warning"),
    [
        (
            "machine.json",
            {"nozzle_diameter": ["0.6"]},
            "process_fine.json: outer_wall_line_width gives lines of 0.42 mm with a nozzle of 0.6",
        ),
        (
            "process_economy.json",
            {"outer_wall_line_width": "0.6"},
            "process_economy.json: outer_wall_line_width gives lines of 0.6 mm with a nozzle",
        ),
        (
            "machine.json",
            {"max_layer_height": ["0.28"]},
            "process_economy.json: layer_height is 0.3 mm; machine.json prints 0.08 to 0.28 mm",
        ),
        (
            "machine.json",
            {"min_layer_height": ["0.15"]},
            "process_fine.json: layer_height is 0.1 mm",
        ),
        (
            "machine.json",
            {"machine_max_speed_x": ["500"]},
            "machine.json: machine_max_speed_x is 500 mm/s and no process asks for more than 180",
        ),
        (
            "machine.json",
            {"machine_max_acceleration_extruding": ["20000"]},
            "machine.json: machine_max_acceleration_extruding is 20000 mm/s2 and no process asks",
        ),
        (
            "filament_pla.json",
            {"filament_density": ["7.8"]},
            "filament_pla.json: filament_density is 7.8 g/cm3; only foamed or metal-filled",
        ),
        (
            "filament_pla.json",
            {"filament_diameter": ["1.57"]},
            "filament_pla.json: filament_diameter is 1.57 mm; 1.75 and 2.85 are usual",
        ),
        # 20 mm of 1.75 mm PLA are 48.1 mm3, 0.06 g; 100 mm at 1000 mm/min take 6 s.
        (
            "machine.json",
            {"machine_start_gcode": "G28\nM83\nG1 X0 Y0\nG1 X100 E20 F1000"},
            "machine.json: machine_start_gcode moves and extrudes: about 0.06 g of Generic PLA and",
        ),
    ],
)
def test_what_an_owner_gets_wrong_is_found(
    folder: ProfileFolder, file: str, values: dict[str, object], warning: str
) -> None:
    """Each of these gives a price that looks right."""
    folder.set(file, **values)
    found = folder.warnings()
    assert any(each.startswith(warning) for each in found), found


def test_a_start_gcode_of_the_filament_counts_too(folder: ProfileFolder) -> None:
    """It runs before every part as well."""
    folder.set("filament_pla.json", filament_start_gcode=["M83\nG1 E40 F240"])
    (warning,) = folder.warnings()
    assert "about 0.12 g of Generic PLA and 10 s" in warning


def test_speeds_in_percent_of_others_are_passed_over(folder: ProfileFolder) -> None:
    """They are never the highest."""
    folder.set("process_fine.json", sparse_infill_acceleration="100%")
    assert folder.warnings() == ()


def test_warnings_have_their_lines(folder: ProfileFolder) -> None:
    """An editor jumps there."""
    folder.set("filament_pla.json", filament_density=["7.8"])
    (warning,) = folder.presets().warnings
    lines = (folder.path / "filament_pla.json").read_text().splitlines()
    assert warning.line is not None
    assert '"filament_density"' in lines[warning.line - 1]
