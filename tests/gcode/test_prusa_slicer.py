"""Real runs of the installed PrusaSlicer, read through the door of the stage."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.gcode.metrics import extract_metrics

PrusaSlice = Callable[..., Path]

CUBE = (0, 0, 0, 20, 20, 20)
ASKED = {
    "layer_height": "0.20",
    "fill_density": "20",
    "filament_type": "PLA",
    "filament_density": "1.240",
    "support_material": "0",
}


@pytest.fixture(scope="session")
def cube(prusa_slice: PrusaSlice) -> Path:
    """A 20 mm cube, sliced once."""
    return prusa_slice(CUBE)


def test_length_is_the_sum_of_the_moves(cube: Path) -> None:
    """Independent proof that the figure is what the machine will extrude."""
    metrics = extract_metrics(cube, None, ASKED)
    moves = re.findall(r"^G1 [^;\n]*?E(-?[0-9]*\.?[0-9]+)", cube.read_text(), re.MULTILINE)
    extruded_mm = sum(map(Decimal, moves))
    assert abs(metrics.filament_mm - extruded_mm) < metrics.filament_mm / 100


def test_layers_are_the_layers_of_the_file(cube: Path) -> None:
    """PrusaSlicer states no layer count of its own; the end G-code makes it do so."""
    changes = cube.read_text().count(";LAYER_CHANGE\n")
    assert extract_metrics(cube, None, ASKED).layers == changes == 100


def test_weight_is_length_times_section_times_density(cube: Path) -> None:
    """pi/4 x 1.75^2 = 2.405282 mm2; x 1.24 g/cm3 = 2.98255 mg a mm."""
    metrics = extract_metrics(cube, None, ASKED)
    assert abs(metrics.filament_g / metrics.filament_mm - Decimal("0.00298255")) < Decimal("1e-8")
    assert abs(metrics.volume_cm3 / metrics.filament_mm - Decimal("0.00240528")) < Decimal("1e-8")


@pytest.mark.parametrize(
    ("changed", "figure", "grows"),
    [
        pytest.param({"fill_density": "60%"}, "filament_g", True, id="more-infill-is-heavier"),
        pytest.param({"fill_density": "60%"}, "print_time_s", True, id="more-infill-takes-longer"),
        pytest.param({"layer_height": "0.1"}, "layers", True, id="thinner-layers-are-more"),
        pytest.param({"layer_height": "0.1"}, "print_time_s", True, id="thinner-takes-longer"),
        pytest.param({"filament_density": "1.04"}, "filament_g", False, id="lighter-material"),
    ],
)
def test_a_changed_setting_moves_the_figures(
    prusa_slice: PrusaSlice, cube: Path, changed: dict[str, str], figure: str, *, grows: bool
) -> None:
    """Invariant 2: the setting reached the slicer, seen from the figures."""
    before = getattr(extract_metrics(cube, None, ASKED), figure)
    after = getattr(extract_metrics(prusa_slice(CUBE, **changed), None, changed), figure)
    assert after > before if grows else after < before


def test_support_is_in_the_weight(prusa_slice: PrusaSlice) -> None:
    """A table needs support under its top; the slicer's figures include it."""
    table = ((8, 8, 0, 12, 12, 10), (0, 0, 8, 20, 20, 10))
    asked = {"support_material": "1", "support_material_auto": "1"}
    bare = extract_metrics(prusa_slice(*table), None, {"support_material": "0"})
    supported = extract_metrics(prusa_slice(*table, **asked), None, asked)
    assert supported.filament_g > bare.filament_g
    assert supported.support_g


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("layer_height", "0.3", "layer_thickness"),
        ("fill_density", "21%", "infill"),
        ("filament_type", "ABS", "material"),
        ("filament_density", "1.04", "material"),
        ("support_material", "1", "supports"),
    ],
)
def test_a_setting_that_the_slicer_did_not_use_is_an_error(
    cube: Path, key: str, value: str, field: str
) -> None:
    """The quote would be for another part than the caller asked for."""
    with pytest.raises(ResultIncomplete, match=f"did not reach the slicer: {field}"):
        extract_metrics(cube, None, {**ASKED, key: value})


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({}, id="one-value-in-each-list"),
        pytest.param({"filament_diameter": "1.75,1.75"}, id="lists-of-unequal-length"),
        pytest.param({"filament_density": "1.24,0"}, id="an-idle-filament-without-density"),
    ],
)
def test_a_printer_of_two_extruders_prints_one_filament(
    prusa_slice: PrusaSlice, cube: Path, config: dict[str, str]
) -> None:
    """The slicer repeats the lists as they were given. The part is the same, and its price too."""
    gcode = prusa_slice(CUBE, nozzle_diameter="0.4,0.4", **config)
    found, plain = extract_metrics(gcode, None, ASKED), extract_metrics(cube, None, ASKED)
    assert (found.filament_g, found.print_time_s) == (plain.filament_g, plain.print_time_s)


def test_the_second_extruder_has_the_filament_of_the_first(prusa_slice: PrusaSlice) -> None:
    """PrusaSlicer's own reading of a list that is too short; its grams are the witness."""
    second = dict.fromkeys(("perimeter_extruder", "infill_extruder", "solid_infill_extruder"), "2")
    gcode = prusa_slice(CUBE, nozzle_diameter="0.4,0.4", temperature="200,200", **second)
    assert "; filament used [mm] = 0, " in gcode.read_text()
    assert extract_metrics(gcode, None, {}).filament_g > 3


def test_a_printer_s_own_line_of_layers_does_no_harm(prusa_slice: PrusaSlice) -> None:
    """Presets for Klipper end with it. PrusaSlicer counts support twice there; our line is last."""
    own = "; total layers count = [total_layer_count]"
    table = ((8, 8, 0, 12, 12, 10), (0, 0, 8, 20, 20, 10))
    gcode = prusa_slice(
        *table, support_material="1", end_gcode=rf"{own}\n; total layers count = {{layer_num + 1}}"
    )
    text = gcode.read_text()
    assert len(set(re.findall(r"^; total layers count = (.*)$", text, re.MULTILINE))) == 2
    assert extract_metrics(gcode, None, {}).layers == text.count(";LAYER_CHANGE\n")


def test_a_part_too_light_for_printed_grams_still_has_a_weight(prusa_slice: PrusaSlice) -> None:
    """A 1 mm cube: the slicer prints 0.00 g. Its length does not round to nothing."""
    gcode = prusa_slice((0, 0, 0, 1, 1, 1))
    assert "; filament used [g] = 0.00\n" in gcode.read_text()
    assert Decimal("0.0005") < extract_metrics(gcode, None, ASKED).filament_g < Decimal("0.005")


def test_density_zero_is_an_error(prusa_slice: PrusaSlice) -> None:
    """PrusaSlicer's default density is 0; it slices without complaint."""
    with pytest.raises(ResultIncomplete, match="filament weight"):
        extract_metrics(prusa_slice(CUBE, filament_density="0"), None, {})


def test_layers_that_the_slicer_does_not_state_are_an_error(prusa_slice: PrusaSlice) -> None:
    """Height divided by layer height would be a guess (first layer, adaptive layers, raft)."""
    with pytest.raises(ResultIncomplete, match="number of layers"):
        extract_metrics(prusa_slice(CUBE, end_gcode="M84"), None, ASKED)


@pytest.mark.parametrize(
    ("walls", "infill", "figures"),
    [
        pytest.param("1", "2", 2, id="both-extruders"),
        pytest.param("1", "1", 1, id="only-the-first: the second is not listed"),
        pytest.param("2", "2", 2, id="only-the-second: the first is listed as 0"),
    ],
)
def test_each_extruder_has_its_own_filament(
    prusa_slice: PrusaSlice, walls: str, infill: str, figures: int
) -> None:
    """Two diameters and two densities: the witness would tell if they were mixed up."""
    gcode = prusa_slice(
        CUBE,
        nozzle_diameter="0.4,0.4",
        filament_diameter="1.75,2.85",
        filament_density="1.24,1.04",
        filament_type="PLA;ABS",
        temperature="200,230",
        perimeter_extruder=walls,
        infill_extruder=infill,
        solid_infill_extruder=infill,
    )
    match = re.search(r"^; filament used \[g\] = (.*)$", gcode.read_text(), re.MULTILINE)
    assert match
    printed = [Decimal(part) for part in match[1].split(", ")]
    assert len(printed) == figures
    weight_g = extract_metrics(gcode, None, {"filament_type": "PLA"}).filament_g
    assert abs(weight_g - sum(printed)) < Decimal("0.011")
