"""`pricing-fdm shop`: an owner makes a shop, edits it, is told what is wrong, sees what counts."""

from __future__ import annotations

from pathlib import Path

from pricing_fdm.commands.shop import SCHEMA_FILE, schema_text
from tests.harness.command import pricing_fdm
from tests.shop.shops import SMALL, write_shop
from tests.slicers.profile_folder import ProfileFolder

DOCS = Path(__file__).parents[2] / "docs"


def test_a_new_shop_is_sound_and_can_be_edited(tmp_path: Path) -> None:
    """The first two commands of an owner."""
    folder = tmp_path / "my shop"
    assert pricing_fdm("shop", "init", folder).returncode == 0
    assert "all sound" in pricing_fdm("shop", "check", folder).stdout
    text = (folder / "shop.toml").read_text()
    assert text.startswith(f"#:schema {SCHEMA_FILE}\n")
    assert (folder / SCHEMA_FILE).read_text() == schema_text()
    (folder / "shop.toml").write_text(text.replace("margin =", "margn ="))
    wrong = pricing_fdm("shop", "check", folder)
    assert wrong.returncode == 1
    line = text.splitlines().index('margin = "1.30"') + 1
    assert f"shop.toml:{line}: tariff.margn: there is no such key; did you mean" in wrong.stderr


def test_a_shop_is_not_overwritten(tmp_path: Path) -> None:
    """It is somebody's work."""
    write_shop(tmp_path)
    again = pricing_fdm("shop", "init", tmp_path)
    assert again.returncode == 1
    assert "exists" in again.stderr
    assert (tmp_path / "shop.toml").read_text() == SMALL


def test_presets_are_not_overwritten_either(tmp_path: Path) -> None:
    """A folder of presets without a shop file is somebody's work, too."""
    (tmp_path / "machine.json").write_text("mine")
    again = pricing_fdm("shop", "init", tmp_path)
    assert again.returncode == 1
    assert f"{tmp_path / 'machine.json'} exists" in again.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["machine.json"]


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    """There is a file where a folder is wanted."""
    (tmp_path / "file").touch()
    refused = pricing_fdm("shop", "init", tmp_path / "file" / "shop")
    assert refused.returncode == 1
    assert "cannot be written: Not a directory" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_shop_file_itself_can_be_named(tmp_path: Path) -> None:
    """It is what an owner has open."""
    folder = write_shop(tmp_path, SMALL.replace("schema = 1", "schema = 2"))
    checked = pricing_fdm("shop", "check", folder / "shop.toml")
    assert "shop.toml:1: schema" in checked.stderr


def test_the_shop_to_check_is_that_of_the_service_if_none_is_named(tmp_path: Path) -> None:
    """With its warnings."""
    folder = ProfileFolder(tmp_path / "shop")
    folder.shop('machine_rate_per_hour = "10.00"', 'machine_rate_per_hour = "0"')
    checked = pricing_fdm("shop", "check", environment={"SHOP_DIR": str(folder.path)})
    assert checked.returncode == 0
    assert "warning: shop.toml:89: tariff.machine_rate_per_hour: is zero" in checked.stdout
    assert "1 printer, 3 qualities, 8 materials" in checked.stdout


def test_each_value_is_shown_with_where_it_comes_from(tmp_path: Path) -> None:
    """A line of the file, a default, or a variable."""
    environment = {
        "SHOP_DIR": str(write_shop(tmp_path)),
        "MARGIN_MULTIPLIER": "1.5",
        "MATERIAL_PLA_COST_PER_G": "0.05",
    }
    shown = pricing_fdm("shop", "show", environment=environment).stdout
    rows = dict(line.split("  # ") for line in shown.splitlines()[1:])
    origins = {row.strip(): origin for row, origin in rows.items()}
    assert origins['name = "Northside Prints"'] == "line 2"
    assert origins['materials[1].colours[2].hex = "#c9a227"'] == "line 23"
    assert origins['tariff.margin = "1.5"'] == "environment"
    assert origins['materials[1].cost_per_g = "0.05"'] == "environment"
    assert origins['tariff.base_fee = "0"'] == "default"


def test_a_faulty_shop_is_not_shown(tmp_path: Path) -> None:
    """Its faults are."""
    folder = write_shop(tmp_path, SMALL.replace("schema = 1", "schema = 2"))
    shown = pricing_fdm("shop", "show", environment={"SHOP_DIR": str(folder)})
    assert shown.returncode == 1
    assert "shop.toml:1: schema" in shown.stderr


def test_the_schema_in_the_docs_is_that_of_the_models() -> None:
    """An editor completes the file with it."""
    assert pricing_fdm("shop", "schema").stdout == schema_text()
    assert (DOCS / SCHEMA_FILE).read_text() == schema_text()
