"""The presets of a shop are checked once, when it is loaded, and all that is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.model import BuildVolume
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.presets.file import ProfileKind
from tests.slicers.profile_folder import BUNDLED, ProfileFolder, only_printer, presets_in

SECOND_PRINTER = """
[[printers]]
id = "big"
name = "Big"
engine = "orca"
preset = "big.json"
"""


def add_big_printer(folder: ProfileFolder, **machine: object) -> None:
    """A second printer with a bed of 256 mm, for one quality and one material."""
    folder.write("big.json", (folder.path / "machine.json").read_text())
    corners = ["0x0", "256x0", "256x256", "0x256"]
    folder.set("big.json", name="Big", printable_area=corners, **machine)
    folder.set("process_fine.json", compatible_printers=["Generic FDM 200", "Big"])
    folder.add_to_shop(SECOND_PRINTER)
    folder.shop(
        'presets = { fdm-200 = "process_fine.json" }',
        'presets = { fdm-200 = "process_fine.json", big = "process_fine.json" }',
    )
    folder.shop(
        'presets = { fdm-200 = "filament_petg.json" }',
        'presets = { fdm-200 = "filament_petg.json", big = "filament_petg.json" }',
    )


def test_the_bundled_presets_load_without_a_warning() -> None:
    """The service starts with what is in the repository."""
    presets, printer = presets_in(BUNDLED), only_printer()
    assert presets.warnings == ()
    assert printer.machine.kind is ProfileKind.MACHINE
    assert list(printer.processes) == ["fine", "standard", "economy"]
    assert set(printer.filaments) == {"pla", "abs", "petg", "abs-esd", "asa", "nylon", "pc", "tpu"}
    assert printer.build_volume == BuildVolume(200.0, 200.0, 200.0)
    assert printer.engine is None


@pytest.mark.parametrize(("quality", "width_mm"), [("fine", 0.38), ("economy", 0.42)])
def test_the_line_width_is_the_chosen_process_own(
    folder: ProfileFolder, quality: str, width_mm: float
) -> None:
    """Walls are called thin by the lines that would really lay them."""
    folder.set("process_fine.json", outer_wall_line_width="0.38")
    assert only_printer(folder.path).line_width_mm(quality) == width_mm


def test_each_printer_has_its_own_presets(folder: ProfileFolder) -> None:
    """A printer may have fewer qualities and materials than another, and another bed."""
    add_big_printer(folder)
    small, big = folder.presets().printers
    assert (small.build_volume.x_mm, big.build_volume.x_mm) == (200, 256)
    assert (list(big.processes), list(big.filaments)) == (["fine"], ["petg"])
    assert big.engine == "orca"
    assert big.filaments["petg"] is small.filaments["petg"]  # read once


def test_a_later_edit_changes_nothing(folder: ProfileFolder) -> None:
    """What was checked when the shop was loaded is what is used until it is loaded again."""
    printer = only_printer(folder.path)
    folder.set("filament_pla.json", filament_density=["9"])
    assert printer.filaments["pla"].text("filament_density") == "1.24"


def test_the_samples_hold_every_preset() -> None:
    """An engine that can do the samples can do all combinations: no rule needs more than two."""
    printer = only_printer()
    samples = list(printer.samples())
    assert {each.process.path for each in samples} == {
        each.path for each in printer.processes.values()
    }
    assert {each.filament.path for each in samples} == {
        each.path for each in printer.filaments.values()
    }


def test_everything_wrong_is_named_at_once_with_its_line(folder: ProfileFolder) -> None:
    """Whoever brings presets corrects them in one round."""
    folder.set("machine.json", printable_area=["0x0", "9x0", "9x9"], before_layer_change_gcode="")
    folder.set("process_economy.json", layer_height="0.2", compatible_printers=["Other"])
    folder.set("filament_abs.json", filament_density=["0"])
    folder.set("filament_tpu.json", name=None)
    with pytest.raises(ShopError) as caught:
        folder.presets()
    faults = caught.value.faults
    assert {fault.file for fault in faults} == {
        "filament_tpu.json",
        "process_economy.json",
        "filament_abs.json",
        "machine.json",
    }
    assert len(faults) == 6
    for fault in faults:
        lines = (folder.path / fault.file).read_text().splitlines()
        assert fault.line is None or f'"{fault.key}"' in lines[fault.line - 1]
    assert sum(fault.line is not None for fault in faults) == 5  # all but the missing name


def test_a_fault_of_a_file_that_several_use_is_named_once(folder: ProfileFolder) -> None:
    """One mistake, one line."""
    add_big_printer(folder)
    folder.set("filament_petg.json", filament_density=["0"])
    assert len(folder.faults()) == 1


def test_without_a_machine_the_rest_is_still_judged(folder: ProfileFolder) -> None:
    """A broken machine hides no fault of a filament, and blames no process for its name."""
    folder.write("machine.json", "{}")
    folder.set("filament_abs.json", filament_density=["0"])
    assert {fault.partition(":")[0] for fault in folder.faults()} == {
        "machine.json",
        "filament_abs.json",
    }


def test_presets_of_prusaslicer_are_not_for_orcaslicer(folder: ProfileFolder) -> None:
    """And a printer's presets are all of one slicer."""
    add_big_printer(folder)
    folder.shop('preset = "big.json"', 'preset = "big.ini"')
    (folder.path / "big.ini").write_text(
        "nozzle_diameter = 0.4\nbed_shape = 0x0,250x0,250x210,0x210\nmax_print_height = 200\n"
    )
    faults = folder.faults()
    assert any('write engine = "prusa" for big' in fault for fault in faults)
    assert any("is no .ini file" in fault for fault in faults)


def test_a_printer_that_nothing_is_offered_for_is_left_out(tmp_path: Path) -> None:
    """The shop's own check warns of it."""
    folder = ProfileFolder(tmp_path / "shop")
    folder.write("big.json", (folder.path / "machine.json").read_text())
    folder.add_to_shop(SECOND_PRINTER)
    assert [printer.id for printer in folder.presets().printers] == ["fdm-200"]
