"""What a bundle of PrusaSlicer's has for a printer."""

from __future__ import annotations

from pathlib import Path

from pricing_fdm.slicers.library.offer import PrinterOffer
from tests.slicers.library.bundles import BUNDLE, tiny_library


def offer_of(folder: Path, name: str, text: str = BUNDLE) -> PrinterOffer:
    """By the printer's name."""
    library = tiny_library(folder, text)
    printer = next(each for each in library.printers([]) if each.name == name)
    return library.offer(printer)


def test_printers_of_filament_are_listed_and_a_broken_one_is_named(tmp_path: Path) -> None:
    """Parents in stars are no printers, and one fault does not hide the others."""
    remarks: list[str] = []
    found = {each.name: each for each in tiny_library(tmp_path).printers(remarks)}
    assert list(found) == ["Tiny one", "Tiny one MMU", "Tiny delta", "Tiny hexagon"]
    assert (found["Tiny one"].nozzle, found["Tiny one"].bed) == ("0.4", "120 x 100 x 90")
    assert found["Tiny delta"].bed.endswith("round")
    assert "Tiny broken: inherits from *gone*" in remarks[0]


def test_the_presets_whose_condition_holds_come_with_the_default_first(tmp_path: Path) -> None:
    """The printer does not state `single_extruder_multi_material`; PrusaSlicer assumes it off."""
    offer = offer_of(tmp_path, "Tiny one")
    assert [each.name for each in offer.processes] == ["0.20mm", "0.10mm", "0.20mm SPEED"]
    assert offer.machine.chain == ("*common*",)
    assert offer.origin == "Tiny.ini 1.2"
    multi = offer_of(tmp_path, "Tiny one MMU")
    assert [each.name for each in multi.processes] == ["0.30mm multi"]


def test_of_the_filaments_those_come_that_the_vendor_names(tmp_path: Path) -> None:
    """In their variant for this printer, and one of each usual material that it does not name."""
    offer = offer_of(tmp_path, "Tiny one")
    assert [each.name for each in offer.filaments] == ["Tiny PLA", "Tiny PETG @0.4", "Tiny ABS"]
    unnamed = BUNDLE.replace("default_materials = Tiny PLA; Tiny PETG", "")
    assert len(offer_of(tmp_path, "Tiny one", unnamed).filaments) == 4


def test_a_default_that_is_not_there_and_a_condition_that_makes_no_sense_are_told(
    tmp_path: Path,
) -> None:
    """A preset is not left out in silence."""
    text = BUNDLE.replace('default_filament_profile = "Tiny PLA"', "default_filament_profile = X")
    text = text.replace("= single_extruder_multi_material", "= colour==7")
    remarks = offer_of(tmp_path, "Tiny one", text).remarks
    assert "the vendor's default, X, is not among those for this printer" in remarks
    assert any(remark.startswith("0.30mm multi: its condition cannot") for remark in remarks)


def test_a_first_layer_in_percent_becomes_one_in_mm(tmp_path: Path) -> None:
    """PrusaSlicer's command line takes the percent for mm, and refuses the print."""
    text = BUNDLE.replace("perimeters = 2", "perimeters = 2\nfirst_layer_height = 150%")
    processes = offer_of(tmp_path, "Tiny one", text).processes
    heights = {each.name: each.values["first_layer_height"] for each in processes}
    assert heights == {"0.20mm": "0.3", "0.10mm": "0.15", "0.20mm SPEED": "0.3"}
