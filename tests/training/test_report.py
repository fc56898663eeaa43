"""The report says how wrong a model is, where, and leaves the words of people alone."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from pricing_fdm.estimate.features import VERSION
from pricing_fdm.estimate.labels import Label
from pricing_fdm.model import UNTURNED, Supports
from pricing_fdm.settings.shop import bundled_shop_folder
from pricing_fdm.shop.load import load_shop
from pricing_fdm.slicers.presets.loaded_shop import load_presets
from pricing_fdm.training.errors_table import judge, markdown
from pricing_fdm.training.model_folder import Fitted, fit_all
from pricing_fdm.training.pictures import by_kind, scatter
from pricing_fdm.training.report import with_section
from tests.estimate.labels import rows

LOADED = load_presets(load_shop(bundled_shop_folder()))


@cache
def fitted_labels(slower: float = 1.0) -> Fitted:
    """Labels of a slicer that is this much slower for one of the families."""
    presets = LOADED.printers[0].chosen("standard", "pla")
    found = [
        replace(
            row,
            profile_hash=presets.hash,
            print_time_s=row.print_time_s * (slower if row.family == "family 2" else 1),
        )
        for row in (*rows(), *rows())
    ]
    labels = [
        Label(
            version=VERSION,
            engine="prusa",
            slicer="2.9",
            printer=LOADED.printers[0].id,
            material="pla",
            quality="standard",
            infill_percent=number,
            supports=Supports.AUTO,
            rotation=UNTURNED,
            row=row,
        )
        for number, row in enumerate(found)
    ]
    (fitted,) = fit_all(labels, LOADED, dt.date(2026, 11, 30))
    return fitted


def test_errors_are_those_of_families_that_were_not_seen() -> None:
    """A family that takes half as long again is told by a model that knows only the others."""
    fitted = fitted_labels(slower=1.5)
    judged = judge(fitted.labels, fitted.held, LOADED.shop)
    odd = judged.families == "family 2"
    assert np.abs(judged.error("hours")[odd]).min() > 0.25
    assert np.abs(judged.error("grams")).max() < 0.05
    assert not judged.inside["hours"][odd].any()  # widths of the others, who knew nothing of it
    assert 0 < np.abs(judged.error("price")[odd]).max() < np.abs(judged.error("hours")[odd]).max()
    table = markdown(judged)
    assert "| family 2 | 16 |" in table
    assert "| **all** |" in table
    for picture in (scatter(judged), by_kind(judged)):
        assert len(ET.fromstring(picture)) > 20


def test_kinds_that_were_generated_are_one_row_and_a_folded_table() -> None:
    """Families of real parts are what the reader looks for."""
    fitted = fitted_labels()
    judged = judge(fitted.labels, fitted.held, LOADED.shop)
    kinds = np.where(judged.families == "family 2", judged.families, "generated/gear")
    table = markdown(replace(judged, families=kinds))
    above, below = table.split("<details>")
    assert "| family 2 | 16 |" in above
    assert "| 1 kinds that were generated | 32 |" in above
    assert "generated/gear" not in above
    assert "| generated/gear | 32 |" in below


def test_a_model_knows_all_that_its_printer_prints() -> None:
    """What was not sliced is covered by the figures of the presets."""
    printer = LOADED.printers[0]
    everything = {printer.chosen(q, m).hash for q in printer.processes for m in printer.filaments}
    assert set(fitted_labels().model.profile_hashes) == everything


def test_a_section_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    """All else in the file is written by people."""
    report = with_section("# Ours\n\nWords.\n", "orca", "first")
    report = with_section(report, "prusa", "other")
    again = with_section(report, "orca", "second \\1")
    assert again == report.replace("first", "second \\1")
    assert again.startswith("# Ours\n\nWords.\n")
