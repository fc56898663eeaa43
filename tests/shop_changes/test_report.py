"""The report on a printer that is to be added: what an owner holds beside the slicer's window."""

from __future__ import annotations

import re

import pytest

from tests.harness.command import pricing_fdm
from tests.slicers.library.bundles import BUNDLE, tiny_library


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of a dry run; one filament has no density, and one no cost."""
    folder = tmp_path_factory.mktemp("report")
    assert pricing_fdm("shop", "init", folder / "shop").returncode == 0
    text = BUNDLE.replace("Tiny PLA; Tiny PETG", "Tiny PLA; Tiny ABS; Tiny PETG; Tiny Carbon")
    text += "\n[filament:Tiny Carbon]\ninherits = *any*\n"
    tiny_library(folder, text.replace("filament_density = 1.27", "filament_density = 0"))
    source = ("--shop", folder / "shop", "--library", folder, "--dry-run")
    report = pricing_fdm("shop", "add-printer", "Tiny one", *source)
    assert report.returncode == 0, report.stderr
    return report.stdout


@pytest.mark.parametrize(
    "row",
    [
        "Tiny one, from Tiny.ini 1.2, as tiny-one",
        "  inherits      *common*",
        "  bed           120 x 100 x 90 mm",
        "  nozzle        0.4 mm",
        "  limits        200 mm/s",
        "  stripped      print_host, printhost_apikey, post_process",
        "  quality       0.1mm: 0.10mm",
        "  quality       0.2mm: 0.20mm",
        "  material      pla: Tiny PLA",
        "  density       pla: 1.24 g/cm3, 1.75 mm",
        "  no cost       pla-cf: Tiny Carbon states none, so it stands in no entry",
        "  also there    0.20mm SPEED",
        "  OrcaSlicer    cannot read presets of PrusaSlicer's",
        "  not usable    Tiny PETG @0.4: filament_density: must be a number above zero",
    ],
)
def test_the_report_tells_what_was_found(told: str, row: str) -> None:
    """One line for each thing, and nothing left out in silence."""
    assert any(line.startswith(row) for line in told.splitlines()), told


def test_the_report_ends_with_a_cube_that_was_really_sliced(told: str) -> None:
    """The owner slices one, too, and compares."""
    assert re.search(
        r"self-test     a 10 mm cube takes [0-9.]+ g and [0-9]+ s$", told, re.MULTILINE
    )
