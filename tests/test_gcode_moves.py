"""What a start G-code costs, computed by hand beside it."""

from __future__ import annotations

import pytest

from pricing_fdm.gcode_moves import start_moves

PRUSA_PURGE = """
G90 ; absolute
M83 ; relative extrusion
M109 S[first_layer_temperature]
G28 W ; home all without mesh bed level
G1 Z0.2 F720
G1 Y-3 F1000 ; go outside the print area
G92 E0
G1 X60 E9 F1000 ; intro line
G1 X100 E12.5 F1000
G92 E0
"""


@pytest.mark.parametrize(
    ("gcode", "seconds", "extruded_mm"),
    [
        ("G28\nM104 S200 ; heat\nG92 E0", 0, 0),
        # 0.2 mm at 720 mm/min, 3 mm, 60 mm and 40 mm at 1000 mm/min; 21.5 mm of filament
        (PRUSA_PURGE, 0.2 / 720 * 60 + 103 / 1000 * 60, 21.5),
        # absolute extrusion: 20 mm at 300 mm/min, 5 mm drawn back at 1800
        ("M82\nG92 E0\nG1 E20 F300\nG1 E15 F1800", 4 + 5 / 1800 * 60, 15),
        ("G91\nG1 Z5 F300\nG1 Z5\nG90", 2, 0),
        ("G1 X{print_bed_size[0]} Y[first] E5 F300", 1, 5),
        (";G1 X10 E5 F300", 0, 0),
        ("g1 e3 f180", 1, 3),
    ],
    ids=["nothing", "purge line", "absolute", "relative", "placeholders", "comment", "small"],
)
def test_moves_come_to_what_they_say(gcode: str, seconds: float, extruded_mm: float) -> None:
    """From the code's own coordinates and speeds; homing and heating are not in it."""
    moves = start_moves([gcode], extrudes_relatively=False)
    assert moves.seconds == pytest.approx(seconds)
    assert moves.extruded_mm == pytest.approx(extruded_mm)


def test_the_filaments_code_follows_the_machines() -> None:
    """Position and modes carry over."""
    moves = start_moves(["G1 X10 F600\nM83", "G1 X20 E2"], extrudes_relatively=False)
    assert moves.seconds == pytest.approx(1)  # where X stood before is not known
    assert moves.extruded_mm == 2


def test_the_slicer_may_have_set_relative_extrusion_before() -> None:
    """OrcaSlicer and PrusaSlicer do, where the preset says so."""
    twice = "G1 E5 F300\nG1 E5"
    assert start_moves([twice], extrudes_relatively=True).extruded_mm == 10
    assert start_moves([twice], extrudes_relatively=False).extruded_mm == 5
