"""Which imported presets are a printer's, and what it has of its vendor."""

from __future__ import annotations

from pathlib import Path

from pricing_fdm.slicers.importing.imported import read_files
from pricing_fdm.slicers.importing.offering import presets_offer, printer_offer
from pricing_fdm.slicers.presets.file import PresetFormat, Profile, ProfileKind
from tests.slicers.importing.files import PRUSA
from tests.slicers.library.bundles import tiny_library

MACHINE = "[printer:Mine]\ninherits = Tiny one\nmax_print_height = 70\n"
RED = "[filament:Red]\ninherits = Tiny PLA\n"


def test_presets_for_the_vendors_printer_are_for_one_that_inherits_from_it(tmp_path: Path) -> None:
    """As in the slicers' windows; the machine is the owner's, with the vendor's offer."""
    libraries = [tiny_library(tmp_path)]
    process = "[print:Fast]\ninherits = 0.20mm\ncompatible_printers = Tiny one\n"
    foreign = "[print:Slow]\ninherits = 0.20mm\ncompatible_printers = Other\n"
    imported = read_files([("x", (MACHINE + process + foreign).encode())], libraries)
    offer = printer_offer(imported, libraries)
    assert (offer.printer.name, offer.printer.bed) == ("Mine", "120 x 100 x 70")
    assert [each.name for each in offer.processes] == ["Fast"]
    assert "compatible_printers" not in offer.processes[0].values
    assert "Slow: is not for Mine, but for Other" in offer.remarks
    assert offer.filaments[0].name == "Tiny PLA"


def test_presets_of_a_configuration_are_for_its_printer_alone(tmp_path: Path) -> None:
    """It says nothing of others; an owner can, with the printer's id."""
    imported = read_files([("x", PRUSA.encode())])
    machine = Profile(ProfileKind.MACHINE, "Another", Path("m.ini"), {}, PresetFormat.PRUSA)
    assert presets_offer(imported, machine, is_named=False).processes == ()
    assert len(presets_offer(imported, machine, is_named=True).processes) == 1


def test_a_filament_that_names_no_printer_is_for_all(tmp_path: Path) -> None:
    """Its condition may still say for which."""
    imported = read_files([("x", RED.encode())], [tiny_library(tmp_path)])
    machine = Profile(ProfileKind.MACHINE, "Any", Path("m.ini"), {}, PresetFormat.PRUSA)
    assert len(presets_offer(imported, machine, is_named=False).filaments) == 1
    judged = RED + "compatible_printers_condition = nozzle_diameter[0]>0.5\n"
    imported = read_files([("x", judged.encode())], [tiny_library(tmp_path)])
    offer = presets_offer(imported, machine, is_named=False)
    assert offer.filaments == ()
    assert "Red: its condition cannot be judged (the printer's preset" in offer.remarks[0]
