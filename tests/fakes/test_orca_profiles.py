"""The stand-in reads profiles as OrcaSlicer does: some faults stop it, most pass silently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.bench import FILAMENT, MACHINE, PROCESS
from tests.fakes.boxes import binary_stl
from tests.harness.shapes import box

if TYPE_CHECKING:
    from tests.fakes.bench import Bench


@pytest.mark.parametrize(
    ("kind", "changes", "exit_code"),
    [
        pytest.param("machine", {"name": None}, 205, id="nameless machine: defaults, no G92"),
        pytest.param("machine", {"from": "vendor"}, 251, id="unknown source"),
        pytest.param("machine", {"type": "printer"}, 251, id="unknown type"),
        pytest.param("machine", {"version": 2}, 251, id="header key that is no string"),
        pytest.param("machine", {"nozzle_diameter": ["nil"]}, 251, id="nil where none may be"),
        pytest.param("machine", {"printable_height": "tall"}, 251, id="scalar that is no number"),
        pytest.param("machine", {"printable_area": ["0x0", "9x9"]}, -11, id="two corners"),
        pytest.param("process", {"compatible_printers": []}, 239, id="empty list"),
        pytest.param("process", {"compatible_printers": "Test Machine"}, 0, id="list as a text"),
        pytest.param("process", {"line_width": "3"}, 205, id="line too wide"),
        pytest.param("process", {"line_width": "0.15"}, 205, id="line thinner than a layer"),
        pytest.param("process", {"wall_loops": "-1"}, 238, id="out of range"),
        pytest.param("filament", {"type": "process"}, 251, id="no filament"),
        pytest.param("filament", {"filament_retraction_length": ["nil"]}, 0, id="nil override"),
        pytest.param("filament", {"filament_diameter": ["0"]}, 238, id="no diameter"),
    ],
)
def test_a_faulty_profile_has_its_exit_code(
    bench: Bench, kind: str, changes: dict[str, Any], exit_code: int
) -> None:
    """Each of these is a way our own profiles could be wrong."""
    base = {"machine": MACHINE, "process": PROCESS, "filament": FILAMENT}[kind]
    bench.profile(kind, base, **changes)
    assert bench.slice().exit == exit_code


def test_a_profile_that_is_no_object_is_unusable(bench: Bench) -> None:
    """Valid JSON is not enough."""
    bench.profile("process", "[1, 2]")
    assert bench.slice().exit == 251


def test_zero_means_unlimited(bench: Bench) -> None:
    """Limits of 0 switch them off instead of stopping the print."""
    unlimited = ["--filament-max-volumetric-speed", "0", "--default-acceleration", "0"]
    unlimited += ["--machine-max-acceleration-extruding", "0"]
    assert bench.slice(*unlimited).seconds < bench.slice().seconds


@pytest.mark.parametrize(
    ("settings", "exit_code"),
    [
        pytest.param("profiles/machine.json", 239, id="machine alone"),
        pytest.param("profiles/process.json", 239, id="process alone"),
        pytest.param("profiles/filament.json", 205, id="a filament here is ignored"),
        pytest.param("profiles/machine.json;profiles/machine.json", 251, id="two machines"),
    ],
)
def test_machine_and_process_belong_together(bench: Bench, settings: str, exit_code: int) -> None:
    """One of each; without any the built-in defaults break the G92 rule."""
    ran = bench.run("--load-settings", settings, "models/cube.stl", "--slice", "0")
    assert ran.exit == exit_code


@pytest.mark.parametrize(
    ("kind", "changes", "key", "value"),
    [
        pytest.param("process", {"name": None}, "sparse_infill_density", "20%", id="nameless"),
        pytest.param("process", {"layer_height": 0.3}, "layer_height", "0.2", id="number"),
        pytest.param("process", {"wall_loops": None}, "wall_loops", "2", id="missing key"),
        pytest.param("process", {"enable_support": "yes"}, "enable_support", "0", id="bad bool"),
        pytest.param("process", {"brim_type": "x"}, "brim_type", "auto_brim", id="bad choice"),
        pytest.param("process", {"layer_height": ["0.3"]}, "layer_height", "0.3", id="array"),
        pytest.param("filament", {"filament_density": ["x"]}, "filament_density", "0", id="bad"),
        pytest.param(
            "filament", {"filament_density": ["1.3", "9"]}, "filament_density", "1.3", id="first"
        ),
        pytest.param("filament", {"layer_height": "0.3"}, "layer_height", "0.2", id="scalar"),
        pytest.param(
            "filament",
            {"filament_max_volumetric_speed": None, "inherits": "Parent"},
            "filament_max_volumetric_speed",
            "2",
            id="inherits is not followed",
        ),
    ],
)
def test_a_trap_is_silent(
    bench: Bench, kind: str, changes: dict[str, Any], key: str, value: str
) -> None:
    """Exit 0 with another value than meant: only the config block tells."""
    bench.profile(kind, {"process": PROCESS, "filament": FILAMENT}[kind], **changes)
    ran = bench.slice()
    assert (ran.exit, ran.stated(key)) == (0, value)


def test_without_a_filament_there_are_no_grams(bench: Bench) -> None:
    """Density 0: the grams line is missing and the total says 0.00. Never price that."""
    ran = bench.slice(filament="")
    assert ran.exit == 0
    assert "\n; filament used [g]" not in ran.gcode
    assert ran.grams == 0


def test_names_of_the_profiles_are_stated(bench: Bench) -> None:
    """They tell a later reader which profile made the file."""
    ran = bench.slice()
    assert ran.stated("printer_settings_id") == "Test Machine"
    assert ran.stated("print_settings_id") == "Test Process"
    assert ran.stated("filament_settings_id") == '"Test PLA"'


def test_two_filaments_make_lists(bench: Bench) -> None:
    """Each loaded filament has its place in the lines; an unused one counts 0.00."""
    ran = bench.slice(filament="profiles/filament.json;profiles/filament.json")
    assert ran.stated("filament used [g]").endswith(", 0.00")
    assert "; filament_density: 1.24,1.24\n" in ran.gcode


def test_klipper_needs_no_reset_and_absolute_extrusion_must_have_none(bench: Bench) -> None:
    """The other arms of the G92 rule."""
    absolute = {"use_relative_e_distances": "0", "before_layer_change_gcode": None}
    bench.profile("machine", MACHINE, **absolute)
    assert bench.slice().exit == 0
    bench.profile("machine", MACHINE, **absolute, layer_change_gcode="G92 E0")
    assert '"G92 E0" was found in layer_gcode' in bench.slice().stderr


def test_the_skirt_takes_room_on_the_bed(bench: Bench) -> None:
    """A part that fits without a skirt may not fit with one when it is arranged."""
    model = bench.model("plate", binary_stl(box(244, 20, 5)))
    assert bench.slice("--allow-rotations=0", model=model).exit == 0
    bench.profile("process", PROCESS, skirt_loops="1")
    assert bench.slice("--allow-rotations=0", model=model).exit == 206
