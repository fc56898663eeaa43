"""What becomes of imported presets: a printer, or presets of printers that the shop has."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop_changes.addition import Addition
from pricing_fdm.shop_changes.draft import Draft
from pricing_fdm.shop_changes.imports import ImportWish, add_files
from pricing_fdm.slicers.library.installed import vendors_in
from tests.shop.shops import BUNDLED
from tests.slicers.importing.files import PRUSA, archive, prusa_gcode, user
from tests.slicers.library.bundles import BUNDLE
from tests.slicers.library.trees import tiny_tree


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    """Of the bundled shop, whose one printer has presets of OrcaSlicer's."""
    shutil.copytree(BUNDLED, tmp_path / "shop")
    return Draft(tmp_path / "shop", tmp_path / "copy")


def added(draft: Draft, *contents: Any, library: Path | None = None, **wish: str) -> list[Addition]:
    """Imports files whose names say nothing."""
    texts = [each if isinstance(each, str | bytes) else json.dumps(each) for each in contents]
    files = [
        (f"file{number}", each if isinstance(each, bytes) else each.encode())
        for number, each in enumerate(texts)
    ]
    libraries = list(vendors_in([library])) if library else []
    return add_files(draft, files, ImportWish(**wish), libraries)


def fault(draft: Draft, *contents: Any, **wish: str) -> str:
    with pytest.raises(ShopError) as error:
        added(draft, *contents, library=None, **wish)
    return str(error.value)


def test_a_configuration_becomes_a_printer(draft: Draft) -> None:
    """Stripped of what acts, with its first layer in mm, under the id that is made of its name."""
    (addition,) = added(draft, PRUSA)
    printer = addition.to_try()
    assert (printer.id, printer.name, printer.engine) == ("my-printer", "My printer", "prusa")
    assert addition.offer.printer.bed == "120 x 100 x 90"
    process = next(iter(printer.processes.values()))
    assert process.values["first_layer_height"] == "0.3"
    assert "post_process" not in process.values
    assert [key for file in addition.files for key in file.stripped] == ["post_process"]


def test_a_printer_that_brings_no_processes_has_its_vendors(draft: Draft, tmp_path: Path) -> None:
    """An owner often changes the machine only, and prints with what the vendor has."""
    (tmp_path / "tree").mkdir()
    mine = user("Tiny one 0.4", name="Mine", nozzle_diameter=["0.4"], printable_height="80")
    (addition,) = added(draft, mine, library=tiny_tree(tmp_path / "tree"))
    assert addition.offer.printer.bed == "120 x 100 x 80"
    assert addition.offer.machine.chain[0] == "Tiny one 0.4"
    assert set(addition.found.processes) == {100, 200}
    assert "pla" in addition.found.filaments


def test_one_printer_of_a_bundle_is_chosen_by_its_name(draft: Draft) -> None:
    """With the processes and filaments of the bundle that are meant for it."""
    assert "hold Tiny one, Tiny one MMU, Tiny delta, Tiny hexagon; choose with --name" in fault(
        draft, BUNDLE
    )
    (addition,) = added(draft, BUNDLE, name="Tiny one")
    assert set(addition.found.processes) == {100, 200}
    assert set(addition.found.filaments) == {"pla", "petg", "abs"}
    told = "0.30mm multi: is not for Tiny one, but for single_extruder_multi_material"
    assert told in addition.offer.remarks


def test_presets_replace_those_of_the_printer_that_they_are_for(draft: Draft) -> None:
    """What was there stays as a file, so the way back is a line of the shop file."""
    added(draft, PRUSA)
    faster = PRUSA.replace("perimeters = 3", "perimeters = 2").replace("My process", "Faster")
    (addition,) = added(draft, prusa_gcode(faster), target="quality")
    assert addition.entries.printer == "my-printer"
    before = "presets/my-printer/process-my-process.ini"
    assert addition.entries.notes == [("qualities", f"0.2mm: Faster, in place of {before}")]
    assert draft.there(Path(before))
    assert list(addition.to_try().processes) == ["standard"]
    manifest = json.loads(draft.there(Path("presets/my-printer/snapshot.json")) or b"")
    assert manifest["files"]["process-faster.ini"]["origin"] == "file0"
    assert "process-my-process.ini" in manifest["files"]


def test_a_preset_of_the_same_name_and_other_values_is_another_file(draft: Draft) -> None:
    """A quote that was made with the first can be explained by it; equal ones are one file."""
    added(draft, PRUSA)
    (same,) = added(draft, PRUSA, target="quality")
    assert [each.path.name for each in same.files] == ["process-my-process.ini"]
    (changed,) = added(draft, PRUSA.replace("perimeters = 3", "perimeters = 9"), target="quality")
    assert [each.path.name for each in changed.files] == ["process-my-process-2.ini"]


def test_a_filament_becomes_the_material_that_is_asked_for(draft: Draft) -> None:
    """For a printer that is named, whatever the preset says of printers."""
    added(draft, PRUSA)
    goo = (
        "filament_type = PLA\nfilament_diameter = 1.75\nfilament_density = 1.1\n"
        "extrusion_multiplier = 1\nfilament_cost = 31\ncompatible_printers = Other\n"
    )
    assert "the presets are for no printer of this shop" in fault(draft, goo)
    (addition,) = added(draft, goo, target="material:goo", printer="my-printer")
    assert addition.entries.new["materials"][0]["cost_per_kg"] == "31"
    assert draft.shop().material("goo").presets == {
        "my-printer": "presets/my-printer/filament-file0.ini"
    }


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"target": "machine"}, "machine is neither printer, quality nor material:ID"),
        ({"target": "material"}, "material is neither"),
        ({"target": "quality:a"}, "quality:a is neither"),
        ({"target": "quality", "printer": "fdm-2000"}, "no printer fdm-2000; did you mean fdm-200"),
        ({"target": "quality", "printer": "fdm-200"}, "My process: is for PrusaSlicer, and"),
        ({"target": "material:pla"}, "My PLA: is for PrusaSlicer, and Generic"),
        ({"name": "My proces"}, "the files hold no My proces; did you mean My process?"),
        ({"printer": "../../out"}, "an id has small letters"),
        ({"printer": "fdm-200"}, "there is a printer fdm-200 already"),
    ],
)
def test_what_cannot_be_done_is_named(draft: Draft, wish: dict[str, str], told: str) -> None:
    """And what could be."""
    assert told in fault(draft, PRUSA, **wish)


def test_a_file_without_what_is_asked_for_is_named(draft: Draft) -> None:
    """Nothing else is taken in its place."""
    process = {"name": "Fine", "layer_height": "0.1"}
    assert "no preset that could become a material" in fault(draft, process, target="material:pla")
    assert "must hold one printer, and hold none" in fault(draft, process, target="printer")


def test_the_shop_is_written_only_when_that_is_asked_for(draft: Draft, tmp_path: Path) -> None:
    """All of a draft at once, the shop file last."""
    shop = tmp_path / "shop"
    before = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    added(draft, archive({"a.ini": PRUSA}))
    assert {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()} == before
    draft.write()
    assert 'id = "my-printer"' in (shop / "shop.toml").read_text()
    assert (shop / "presets" / "my-printer" / "machine.ini").exists()
    assert not (shop / ".shop.toml.new").exists()


@pytest.mark.parametrize(
    "key", ["nozzle_diameter", "layer_height", "filament_density", "bed_shape"]
)
def test_a_number_that_is_none_is_a_fault(draft: Draft, key: str) -> None:
    """Some are numbers for Python, and cannot be calculated with."""
    for value in ("1e999999999", "-1e999999999", "nan", "inf", "", "9" * 5000, ";,;"):
        lines = [line for line in PRUSA.splitlines() if not line.startswith(f"{key} = ")]
        assert fault(draft, "\n".join([*lines, f"{key} = {value}"]))
