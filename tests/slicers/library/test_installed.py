"""The libraries are found beside the programs."""

from __future__ import annotations

from pathlib import Path

from pricing_fdm.slicers.library.installed import library_folders, printers_in, vendors_in
from tests.slicers.library.bundles import BUNDLE
from tests.slicers.library.trees import tiny_tree


def test_a_library_is_found_from_the_program_of_its_slicer(tmp_path: Path) -> None:
    """As an archive has it: the program, and `resources/profiles` beside it."""
    program = tmp_path / "bin" / "prusa-slicer"
    profiles = tmp_path / "resources" / "profiles"
    for folder in (program.parent, profiles):
        folder.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert library_folders([str(program), str(program), "no-such-slicer"]) == [profiles]


def test_a_faulty_vendor_is_told_and_the_others_are_listed(tmp_path: Path) -> None:
    """One broken file does not take the rest away."""
    (tmp_path / "A.ini").write_text("[print:a]\n[print:a]\n")
    (tmp_path / "B.ini").write_text(BUNDLE)
    remarks: list[str] = []
    found = [each.printer.vendor for each in printers_in(vendors_in([tmp_path]), remarks)]
    assert found == ["B"] * 4
    assert "A.ini:2" in remarks[0]


def test_a_vendor_whose_presets_are_not_installed_is_passed_over(tmp_path: Path) -> None:
    """The container image has OrcaSlicer's indexes and none of their thousands of files."""
    tree = tiny_tree(tmp_path)
    for preset in (tree / "Tiny").rglob("*.json"):
        preset.unlink()
    remarks: list[str] = []
    assert list(printers_in(vendors_in([tree]), remarks)) == []
    assert remarks == []
