"""A change of the shop is made in a copy, tried, reported, and only then written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.command import pricing_fdm
from tests.harness.puppet import install_fake_orca
from tests.slicers.library.trees import tiny_tree


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A new shop, beside a library of OrcaSlicer's and a stand-in for OrcaSlicer."""
    for name in ("tree", "bin"):
        (tmp_path / name).mkdir()
    tiny_tree(tmp_path / "tree")
    install_fake_orca(tmp_path / "bin")
    assert pricing_fdm("shop", "init", tmp_path / "shop").returncode == 0
    return tmp_path / "shop"


def add(shop: Path, *options: str, slicer: str = "orca-slicer") -> tuple[int, str]:
    """Adds a printer; the exit code, and all that was printed."""
    source = ("--shop", str(shop), "--library", str(shop.parent / "tree"))
    environment = {"ORCA_BINARY": str(shop.parent / "bin" / slicer)}
    arguments = ("shop", "add-printer", "Tiny one 0.4", *source, *options)
    added = pricing_fdm(*arguments, environment=environment)
    return added.returncode, added.stdout + added.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_dry_run_tells_all_and_writes_nothing(shop: Path) -> None:
    """The report is the same (`test_shop_addition.py`)."""
    before = contents(shop)
    code, told = add(shop, "--dry-run")
    assert code == 0, told
    assert "self-test     a 10 mm cube takes" in told
    assert "Nothing was written (--dry-run)." in told
    assert contents(shop) == before
    code, told = add(shop)
    assert code == 0, told
    assert f"Written to {shop}." in told
    assert contents(shop) != before


def test_a_printer_whose_self_test_fails_is_not_written(shop: Path) -> None:
    """Every quote on it would fail, too; --untested is for slicers that are not here."""
    install_fake_orca(shop.parent / "bin", exit_code=1)
    before = contents(shop)
    code, told = add(shop, "--untested")
    assert code == 1
    assert "Nothing was written: this printer cannot be priced on." in told
    assert contents(shop) == before


def test_what_cannot_be_tried_is_added_only_when_that_is_said(shop: Path) -> None:
    """The shop may be for a service on another machine, which has OrcaSlicer."""
    before = contents(shop)
    code, told = add(shop, slicer="none")
    assert code == 1
    assert "self-test     not made: no OrcaSlicer" in told
    assert "--untested adds it" in told
    assert contents(shop) == before
    assert add(shop, "--untested", slicer="none")[0] == 0
    assert pricing_fdm("shop", "check", shop).returncode == 0


def test_the_bundled_shop_is_not_changed() -> None:
    """It belongs to the program."""
    refused = pricing_fdm("shop", "add-printer", "Ultimaker 2")
    assert refused.returncode == 1
    assert "Give your shop's folder" in refused.stderr
