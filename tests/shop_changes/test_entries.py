"""A printer is added to the text of a shop file, and nothing else in it changes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop.load import load_shop
from pricing_fdm.shop_changes.entries import Entries, entries_of, printer_entry, text_with
from pricing_fdm.slicers.library.judging import Usable, usable
from pricing_fdm.slicers.library.snapshot import snapshot
from tests.shop.shops import SMALL, write_shop
from tests.slicers.library.bundles import tiny_library


@pytest.fixture
def found(tmp_path: Path) -> Usable:
    """The presets of the tiny printer."""
    library = tiny_library(tmp_path)
    files = snapshot(library.offer(next(library.printers([]))), "t1")
    for file in files:
        (tmp_path / file.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.path).write_bytes(file.content)
    return usable(files, tmp_path)


def entries_in(folder: Path, found: Usable) -> Entries:
    entries = entries_of(load_shop(write_shop(folder / "shop")), "t1", found)
    entries.new["printers"] = [printer_entry("t1", "Tiny one", found)]
    return entries


def test_presets_join_the_entries_that_are_there_and_others_are_new(
    tmp_path: Path, found: Usable
) -> None:
    """By layer thickness, and by material."""
    text = SMALL.replace("[[printers]]", "# Ours since 2019.\n[[printers]]  # the best")
    result = text_with(text, entries_in(tmp_path, found))
    shop = tomllib.loads(result)
    assert shop["qualities"][0]["presets"]["t1"] == "presets/t1/process-0.20mm.ini"
    assert shop["materials"][0]["presets"]["t1"] == "presets/t1/filament-tiny-pla.ini"
    assert shop["printers"][1] == {
        "id": "t1",
        "name": "Tiny one",
        "preset": "presets/t1/machine.ini",
        "engine": "prusa",
    }
    assert shop["qualities"][1] == {
        "id": "0.1mm",
        "name": "0.1 mm",
        "layer_thickness": 100,
        "presets": {"t1": "presets/t1/process-0.10mm.ini"},
    }
    unchanged = [line for line in text.splitlines() if not line.startswith("presets")]
    kept = iter(result.splitlines())
    assert all(line in kept for line in unchanged), "a line was lost or moved"


def test_a_material_without_a_known_cost_is_left_out_and_named(
    tmp_path: Path, found: Usable
) -> None:
    """A price is never invented."""
    entries = entries_in(tmp_path, found)
    assert entries.left_out == {"petg": "Tiny PETG @0.4", "abs": "Tiny ABS"}
    assert "materials" not in entries.new


@pytest.mark.parametrize("change", ["one line", "dotted"])
def test_a_file_that_is_written_in_another_way_is_edited_rightly_or_not_at_all(
    tmp_path: Path, found: Usable, change: str
) -> None:
    """The result is read again and compared with what was meant."""
    table = '[[printers]]\nid = "mk3s"\nname = "Prusa MK3S"\npreset = "machine.ini"\n'
    assert table in SMALL
    entries = entries_in(tmp_path, found)
    if change == "dotted":
        text = SMALL.replace('presets = { mk3s = "pla.ini" }', 'presets.mk3s = "pla.ini"')
        presets = tomllib.loads(text_with(text, entries))["materials"][0]["presets"]
        assert presets == {"mk3s": "pla.ini", "t1": "presets/t1/filament-tiny-pla.ini"}
        return
    text = SMALL.replace(table, "").replace(
        "schema = 1",
        'schema = 1\nprinters = [{ id = "mk3s", name = "A", preset = "machine.ini" }]',
    )
    with pytest.raises(ShopError, match="cannot be added to by this command"):
        text_with(text, entries)
