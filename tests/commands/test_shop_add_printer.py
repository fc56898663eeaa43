"""`pricing-fdm shop add-printer`: a printer of a slicer's library, ready to be quoted on.

With PrusaSlicer's own library and PrusaSlicer itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from pricing_fdm.shop.load import load_shop
from tests.harness.command import pricing_fdm
from tests.harness.puppet import install_fake_orca
from tests.harness.shapes import binary_stl, box
from tests.slicers.library.bundles import BUNDLE, tiny_library
from tests.slicers.library.trees import tiny_tree

# Of ten vendors: nozzles of 0.25 to 0.8 mm, filament of 1.75 and 2.85 mm, bowden and direct, beds
# that begin at their corner and elsewhere, a round one, Marlin, RepRap, Klipper and UltiGCode.
PRINTERS = {
    "mini": "Original Prusa MINI & MINI+ 0.25 nozzle",
    "mk3s": "Original Prusa i3 MK3S & MK3S+ 0.8 nozzle",
    "ender": "Creality Ender-3 (0.4 mm nozzle)",
    "voron2": "Voron_v2_250 0.6 nozzle",
    "voron0": "Voron_v0 0.3 nozzle",
    "ultimaker": "Ultimaker 2",
    "ratrig": "RatRig V-Core-3-300",
    "snapmaker": "Snapmaker A250",
    "bibo": "BIBO2 Touch E1 right only extrusion",
    "delta": "FLSun Q5",
    "neptune": "Elegoo Neptune-3",
}
FIGURES = re.compile(r"self-test +a 10 mm cube takes ([0-9.]+) g and ([0-9]+) s")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop as `shop init` makes it."""
    folder = tmp_path_factory.mktemp("adding") / "shop"
    assert pricing_fdm("shop", "init", folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def figures(shop: Path) -> dict[str, tuple[float, int]]:
    """Grams and seconds of the same cube on each printer, all added to one shop."""
    found = {}
    for printer_id, name in PRINTERS.items():
        added = pricing_fdm("shop", "add-printer", name, "--id", printer_id, "--shop", shop)
        assert added.returncode == 0, added.stderr
        told = FIGURES.search(added.stdout)
        assert told, added.stdout
        found[printer_id] = (float(told[1]), int(told[2]))
    return found


@pytest.mark.timeout(600)
def test_printers_of_ten_vendors_slice_the_same_cube_each_in_its_way(
    figures: dict[str, tuple[float, int]],
) -> None:
    """A cubic centimetre of plastic weighs about a gram, and no two printers take the same time."""
    assert len(set(figures.values())) == len(PRINTERS)
    assert all(0.3 < grams < 2.5 and 60 < seconds < 3600 for grams, seconds in figures.values())
    assert figures["mini"][1] > 2 * figures["mk3s"][1], "a nozzle of 0.25 mm beside one of 0.8"


def test_the_shop_is_sound_and_quotes_on_a_printer_that_was_added(
    shop: Path, figures: dict[str, tuple[float, int]], tmp_path: Path
) -> None:
    """That is all that an owner has to do."""
    assert figures
    checked = pricing_fdm("shop", "check", shop)
    assert checked.returncode == 0, checked.stderr
    assert f"{len(PRINTERS) + 1} printers" in checked.stdout
    part = tmp_path / "part.stl"
    part.write_bytes(binary_stl(box(20, 20, 10)))
    totals = {}
    for printer in ("ender", "delta"):
        options = ("--printer", printer, "--material", "pla", "--layer-thickness", "200", "--json")
        quoted = pricing_fdm("quote", part, *options, environment={"SHOP_DIR": str(shop)})
        assert quoted.returncode == 0, quoted.stderr
        body = json.loads(quoted.stdout)
        assert (body["printer"]["id"], body["printer"]["name"]) == (printer, PRINTERS[printer])
        totals[printer] = body["total_usd"]
    assert totals["ender"] != totals["delta"]


def test_a_printer_has_the_usual_materials_that_its_vendor_names_no_preset_of(
    shop: Path, figures: dict[str, tuple[float, int]]
) -> None:
    """PrusaResearch names no TPU for an MK3S, and has one that is meant for it."""
    assert figures
    loaded = load_shop(shop)
    assert "mk3s" in loaded.material("tpu").presets
    assert "mini" in loaded.material("tpu").presets


def test_a_snapshot_has_the_hashes_of_its_files(
    shop: Path, figures: dict[str, tuple[float, int]]
) -> None:
    """A slicer's update changes nothing in the shop."""
    assert figures
    home = shop / "presets" / "ender"
    told = json.loads((home / "snapshot.json").read_text())
    assert told["printer"] == PRINTERS["ender"]
    assert told["files"].keys() == {path.name for path in home.glob("*.ini")}
    for name, facts in told["files"].items():
        assert facts["sha256"] == hashlib.sha256((home / name).read_bytes()).hexdigest()


def add_tiny(shop: Path, library: Path, name: str = "Tiny one", *options: str) -> tuple[int, str]:
    """Adds a printer of the tiny library; the exit code, and all that was printed."""
    source = ("--shop", str(shop), "--library", str(library))
    added = pricing_fdm("shop", "add-printer", name, *source, *options)
    return added.returncode, added.stdout + added.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A new shop, and a library of one vendor beside it."""
    folder = tmp_path / "shop"
    assert pricing_fdm("shop", "init", folder).returncode == 0
    (tmp_path / "library").mkdir()
    tiny_library(tmp_path / "library")
    return folder


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("Tiny on", (), "Did you mean one of these?\n  Tiny one\n  Tiny one MMU\n"),
        ("Tiny hexagon", (), "is no upright rectangle of four corners, and no circle"),
        ("Tiny one MMU", (), "describes 2 extruders"),
        ("Tiny one", ("--id", "../../out"), "an id has small letters"),
        ("Tiny one", ("--id", "fdm-200"), "there is a printer fdm-200 already"),
    ],
    ids=["unknown", "hexagon", "multi", "climbing", "taken"],
)
def test_a_printer_that_cannot_be_added_is_named_and_nothing_is_written(
    small: Path, tmp_path: Path, name: str, options: tuple[str, ...], told: str
) -> None:
    """The shop stays as it was, and so does what lies beside it."""
    before = contents(tmp_path)
    code, printed = add_tiny(small, tmp_path / "library", name, *options)
    assert code == 1
    assert told in printed
    assert contents(tmp_path) == before


def test_a_name_that_two_vendors_have_is_asked_back(small: Path, tmp_path: Path) -> None:
    """Neither of them is taken by chance."""
    (tmp_path / "library" / "Other.ini").write_text(BUNDLE)
    code, printed = add_tiny(small, tmp_path / "library")
    assert code == 1
    assert "Several have this name; choose with --vendor" in printed
    dry = ("Tiny one", "--vendor", "Other", "--dry-run")
    assert add_tiny(small, tmp_path / "library", *dry)[0] == 0


def test_a_printer_of_orcaslicers_is_tried_with_orcaslicer(small: Path, tmp_path: Path) -> None:
    """A stand-in slices here; that the presets are those that the real one takes, others test."""
    tree = tmp_path / "tree"
    tree.mkdir()
    tiny_tree(tree)
    (tmp_path / "bin").mkdir()
    arguments = ("shop", "add-printer", "Tiny one 0.4", "--shop", small, "--library", tree)
    orca = {"ORCA_BINARY": str(install_fake_orca(tmp_path / "bin"))}
    added = pricing_fdm(*arguments, environment=orca)
    assert added.returncode == 0, added.stderr
    assert FIGURES.search(added.stdout)
    assert "stripped      print_host, post_process" in added.stdout
    assert "PrusaSlicer   cannot take these presets: 2" in added.stdout
    assert pricing_fdm("shop", "check", small).returncode == 0
    assert 'engine = "orca"' in (small / "shop.toml").read_text()
