"""The shop of the settings is loaded at start, and again as a whole."""

from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pricing_fdm.assembly import Assembly
from pricing_fdm.health.shop_reload import ReloadResult
from pricing_fdm.settings import SettingsError, load_settings
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop_loading import in_background
from pricing_fdm.shop_source import load_shop_files
from tests.harness.assembled import run_assembled
from tests.harness.command import pricing_fdm
from tests.harness.puppet import install_fake_prusa
from tests.slicers.profile_folder import ProfileFolder


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    """A copy of the bundled shop."""
    return ProfileFolder(tmp_path / "shop")


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: ProfileFolder
) -> Callable[..., None]:
    """Runs a story with what prices."""
    return functools.partial(run_assembled, monkeypatch, tmp_path, SHOP_DIR=str(folder.path))


def test_a_faulty_preset_stops_the_start_with_exit_code_2(folder: ProfileFolder) -> None:
    """As a faulty variable does; the message names file, line and key."""
    folder.set("filament_pla.json", filament_density=["0"])
    ended = pricing_fdm("serve", environment={"SHOP_DIR": str(folder.path)})
    assert ended.returncode == 2
    assert "filament_pla.json:" in ended.stderr
    assert ": filament_density: must be a number above zero" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_all_faults_of_the_presets_are_told(
    folder: ProfileFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one round."""
    monkeypatch.setenv("SHOP_DIR", str(folder.path))
    folder.set("filament_pla.json", filament_density=["0"])
    folder.set("machine.json", printable_height="0")
    with pytest.raises(SettingsError) as caught:
        load_shop_files(load_settings().shop)
    assert len(caught.value.faults) == 2


def test_a_printer_of_another_slicer_may_come(
    run: Callable[..., None], folder: ProfileFolder
) -> None:
    """A slicer that was not needed before is found then; one that is not there keeps it out."""

    async def story(assembly: Assembly) -> None:
        folder.shop(
            'name = "Generic FDM 200"\npreset', 'name = "Generic FDM 200"\nengine = "orca"\npreset'
        )
        with pytest.raises(ShopError) as caught:
            await assembly.shops.reload()
        (fault,) = caught.value.faults
        assert fault.key == "printers[fdm-200].engine"
        assert "no OrcaSlicer" in fault.message
        folder.shop('engine = "orca"', 'engine = "prusa"')
        assert await assembly.shops.reload() is ReloadResult.LOADED

    run(story, ORCA_BINARY="/none/orca")


def test_the_test_of_a_new_shop_takes_no_place_of_a_quote(
    run: Callable[..., None], folder: ProfileFolder
) -> None:
    """All places are taken, and the shop is tried beside them."""

    async def story(assembly: Assembly) -> None:
        folder.shop('name = "Print shop"', 'name = "Renamed"')
        with assembly.admission.place(), assembly.admission.place():
            slot = await assembly.admission.take_slot()
            with slot:
                assert await assembly.shops.reload() is ReloadResult.LOADED

    run(story)


def test_a_slicer_that_stopped_working_keeps_a_shop_out(
    run: Callable[..., None], folder: ProfileFolder, tmp_path: Path
) -> None:
    """The old one stays, and with it what the watchdog makes of it."""

    async def story(assembly: Assembly) -> None:
        before = assembly.shops.current
        install_fake_prusa(tmp_path / "bin", exit_code=1)
        folder.shop('name = "Print shop"', 'name = "Renamed"')
        with pytest.raises(ShopError, match="was not priced on Generic FDM 200"):
            await assembly.shops.reload()
        assert assembly.shops.current is before

    run(story)


def test_the_interpreters_switch_interval_is_put_back() -> None:
    """It is short only while a shop is read."""
    usual = sys.getswitchinterval()
    during = asyncio.run(in_background(sys.getswitchinterval))
    assert during < usual
    assert sys.getswitchinterval() == usual
