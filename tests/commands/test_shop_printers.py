"""`pricing-fdm shop printers`: what the installed slicers' own libraries hold."""

from __future__ import annotations

from pathlib import Path

from tests.harness.command import pricing_fdm
from tests.slicers.library.bundles import tiny_library


def test_the_printers_of_the_installed_slicer_are_listed_with_nozzle_and_bed() -> None:
    """PrusaSlicer's own library, hundreds of printers; a word finds among them."""
    every = pricing_fdm("shop", "printers")
    assert every.returncode == 0
    assert len(every.stdout.splitlines()) > 300
    mini = pricing_fdm("shop", "printers", "mini & mini+ 0.25").stdout.splitlines()
    assert mini[0].split()[:3] == ["name", "engine", "vendor"]
    row = "Original Prusa MINI & MINI+ 0.25 nozzle prusa PrusaResearch 0.25 180 x 180 x 180"
    assert [" ".join(line.split()) for line in mini[1:]] == [row]


def test_another_folder_of_profiles_can_be_looked_in(tmp_path: Path) -> None:
    """Its faults are told beside the list."""
    tiny_library(tmp_path)
    listed = pricing_fdm("shop", "printers", "tiny", "--library", tmp_path)
    assert [line.split("  ")[0] for line in listed.stdout.splitlines()[1:]] == [
        "Tiny one",
        "Tiny one MMU",
        "Tiny delta",
        "Tiny hexagon",
    ]
    assert "warning: Tiny.ini: Tiny broken: inherits from *gone*" in listed.stderr


def test_a_word_that_no_printer_has_is_an_error(tmp_path: Path) -> None:
    """A script notices."""
    tiny_library(tmp_path)
    asked = ("shop", "printers", "--library", tmp_path)
    assert pricing_fdm(*asked, "nothing").returncode == 1
    assert pricing_fdm(*asked, "--engine", "orca").returncode == 1
    assert pricing_fdm(*asked, "--vendor", "Other").returncode == 1
    assert pricing_fdm(*asked, "--vendor", "tiny").returncode == 0


def test_the_list_in_the_guide_is_what_the_command_prints() -> None:
    """An owner types what stands there."""
    guide = (Path(__file__).parents[2] / "docs" / "shop.md").read_text()
    _, _, shown = guide.partition('$ pricing-fdm shop printers "mk3s+ 0"\n')
    assert shown.partition("```")[0] == pricing_fdm("shop", "printers", "mk3s+ 0").stdout
