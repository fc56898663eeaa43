"""Real presets of PrusaSlicer's, sliced by the real PrusaSlicer, without OrcaSlicer's keys."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.model import Metrics, PrintQuality, PrintSettings, Slice, Supports
from pricing_fdm.slicers.engine import SliceJob
from pricing_fdm.slicers.presets.loaded_shop import PrinterPresets
from pricing_fdm.slicers.prusa.engine import PrusaEngine
from tests.harness.shapes import binary_stl, box
from tests.slicers.engines import find
from tests.slicers.profile_folder import presets_in

TWO_PRINTERS = Path(__file__).parents[2] / "fixtures" / "two_printers"
STANDARD = PrintQuality("standard", 200)
EDGE_MM = 20.0


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> PrusaEngine:
    """The installed program; equal parts get equal figures."""
    found = find("prusa", tmp_path_factory.mktemp("engine"))
    assert isinstance(found, PrusaEngine)
    return found


@pytest.fixture(scope="module")
def printers() -> tuple[PrinterPresets, ...]:
    """0.4 mm and 200 mm of bed; 0.6 mm and 256 mm."""
    return presets_in(TWO_PRINTERS).printers


def sliced(
    engine: PrusaEngine, printer: PrinterPresets, folder: Path, *overrides: tuple[str, str]
) -> tuple[Slice, Metrics]:
    """A cube in the middle of the bed."""
    folder.mkdir()
    x_mm, y_mm = printer.build_volume.centre_mm
    stl = folder / "model.stl"
    corner = (x_mm - EDGE_MM / 2, y_mm - EDGE_MM / 2, 0.0)
    stl.write_bytes(binary_stl(box(EDGE_MM, EDGE_MM, EDGE_MM, corner)))
    settings = PrintSettings("pla", 20, STANDARD, Supports.NEVER, overrides)
    job = SliceJob(stl, settings, printer.chosen("standard", "pla"), folder)
    done = asyncio.run(engine.slice(job))
    return done, extract_metrics(done.gcode, done.member, done.expected)


def test_each_printer_has_figures_of_its_own(
    engine: PrusaEngine, printers: tuple[PrinterPresets, ...], tmp_path: Path
) -> None:
    """A wider nozzle lays more plastic for two walls; the layers are those of the preset."""
    small, big = (sliced(engine, each, tmp_path / each.id) for each in printers)
    assert big[1].filament_g * 10 > small[1].filament_g * 11
    assert big[1].print_time_s != small[1].print_time_s
    assert small[1].layers == big[1].layers == 100
    assert small[0].engine.profile_hash != big[0].engine.profile_hash


def test_what_the_preset_says_is_read_back(
    engine: PrusaEngine, printers: tuple[PrinterPresets, ...], tmp_path: Path
) -> None:
    """Invariant 2: the checked settings are the file's own."""
    done, metrics = sliced(engine, printers[1], tmp_path / "run")
    assert done.expected["layer_height"] == "0.2"
    assert done.expected["filament_density"] == "1.24"
    assert done.expected["perimeters"] == "2"
    assert done.expected["fill_density"] == "20%"  # the request's, in place of the preset's 15 %
    text = done.gcode.read_text()
    assert "; extrusion_width = 0.66" in text
    assert "; nozzle_diameter = 0.6" in text
    assert metrics.layers == int(text.partition("; total layers count = ")[2].split()[0])


def test_a_start_gcode_of_the_shop_is_in_the_time(
    engine: PrusaEngine, printers: tuple[PrinterPresets, ...], tmp_path: Path
) -> None:
    """So it is worth a warning; 100 mm at 60 mm/min take 100 s."""
    (printer, _), line = printers, r"\nG1 X0 Y0 F6000\nG1 X100 F60\n"
    values = {**printer.machine.values}
    values["start_gcode"] = f"{values['start_gcode']}{line}"
    slow = replace(printer, machine=replace(printer.machine, values=values))
    usual_s = sliced(engine, printer, tmp_path / "usual")[1].print_time_s
    longer_s = sliced(engine, slow, tmp_path / "slow")[1].print_time_s
    assert 95 <= longer_s - usual_s <= 115


@pytest.mark.parametrize(
    ("override", "reported"),
    [
        (("wall_loops", "5"), ("perimeters", "5")),
        (("sparse_infill_pattern", "tri-hexagon"), ("fill_pattern", "stars")),
        (("brim_type", "outer_only"), ("brim_type", "outer_only")),
        (("infill_wall_overlap", "40"), ("infill_overlap", "40%")),
    ],
)
def test_an_override_reaches_the_slicer_under_its_own_name(
    engine: PrusaEngine,
    printers: tuple[PrinterPresets, ...],
    tmp_path: Path,
    override: tuple[str, str],
    reported: tuple[str, str],
) -> None:
    """It is among what the G-code must repeat, and is repeated."""
    done, _ = sliced(engine, printers[0], tmp_path / "run", override)
    assert reported in done.expected.items()
    assert f"; {' = '.join(reported)}\n" in done.gcode.read_text()


def test_more_walls_take_more_plastic(
    engine: PrusaEngine, printers: tuple[PrinterPresets, ...], tmp_path: Path
) -> None:
    """The figures move the right way on both printers."""
    for printer in printers:
        usual = sliced(engine, printer, tmp_path / f"{printer.id}-usual")[1]
        thick = sliced(engine, printer, tmp_path / f"{printer.id}-thick", ("wall_loops", "6"))[1]
        assert thick.filament_g > usual.filament_g


def test_what_prusaslicer_has_no_name_for_is_a_fault(
    engine: PrusaEngine, printers: tuple[PrinterPresets, ...]
) -> None:
    """Found when the shop is loaded, not when somebody asks for it."""
    presets = printers[0].chosen("standard", "pla")
    assert engine.faults(presets, {"wall_loops": "4"}) == ()
    (fault,) = engine.faults(presets, {"fill_multiline": "2"})
    assert (fault.key, fault.message) == ("fill_multiline", "PrusaSlicer has no such setting.")
    (fault,) = engine.faults(presets, {"sparse_infill_pattern": "crosshatch"})
    assert "PrusaSlicer can only be told" in fault.message
