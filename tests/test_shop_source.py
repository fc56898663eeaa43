"""Which shop is in force at a start: the folder, or the version that was activated last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.settings import SettingsError, load_settings
from pricing_fdm.shop.contents import contents_of, packed
from pricing_fdm.shop.load import load_shop
from pricing_fdm.shop_source import ShopSource, shop_source
from pricing_fdm.uploads.shop_versions import Activation, VersionStore
from tests.slicers.profile_folder import ProfileFolder

OLD, NEW = 'name = "Print shop"', 'name = "Second"'


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    """A copy of the bundled shop."""
    return ProfileFolder(tmp_path / "shop")


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: ProfileFolder) -> ShopSource:
    """Of that shop, with another version of it that is active."""
    monkeypatch.setenv("SHOP_DIR", str(folder.path))
    monkeypatch.setenv("TEMP_DIR", str(tmp_path))
    made = shop_source(load_settings())
    folder.shop(OLD, NEW)
    activate(made, folder)
    folder.shop(NEW, OLD)
    assert made.versions is not None
    active = made.versions.active()
    assert active is not None
    made.versions.activate(Activation(active.version, made.folder_mark()))
    return made


def activate(source: ShopSource, folder: ProfileFolder) -> str:
    """What lies in the folder becomes the active version."""
    shop = load_shop(folder.path)
    assert source.versions is not None
    source.versions.put(shop.files_version, packed(contents_of(shop)))
    source.versions.activate(Activation(shop.files_version, source.folder_mark()))
    return shop.files_version


def test_the_activated_version_counts_as_long_as_the_folder_is_as_it_was(
    source: ShopSource, folder: ProfileFolder
) -> None:
    """And the folder from its next edit on; taken back, the edit is none."""
    loaded = source.load()
    assert (loaded.shop.name, loaded.shop.stored) == ("Second", True)
    folder.set("filament_pla.json", filament_density=["1.25"])
    loaded = source.load()
    assert (loaded.shop.name, loaded.shop.stored) == ("Print shop", False)
    assert "was edited after" in str(loaded.warnings[-1])
    folder.set("filament_pla.json", filament_density=["1.24"])


def test_a_folder_that_was_faulty_already_does_not_matter(
    source: ShopSource, folder: ProfileFolder
) -> None:
    """What counts is whether somebody has changed it since."""
    folder.shop(OLD, 'nam = "Faulty"')
    with pytest.raises(SettingsError):
        source.load()  # edited, and so meant
    active = source.versions and source.versions.active()
    assert active
    assert source.versions
    source.versions.activate(Activation(active.version, source.folder_mark()))
    assert source.load().shop.name == "Second"


def test_a_version_that_was_tampered_with_is_not_used(
    source: ShopSource, folder: ProfileFolder
) -> None:
    """Its name is a hash over what it must hold."""
    assert source.versions is not None
    active = source.versions.active()
    assert active is not None
    archive = folder.path / ".versions" / "shops" / f"{active.version}.zip"
    archive.write_bytes(packed(contents_of(load_shop(folder.path))))
    with pytest.raises(SettingsError, match="is something else"):
        source.load()
    archive.write_bytes(packed({"../outside.ini": b""}))
    with pytest.raises(SettingsError, match="leads out of the folder"):
        source.load()
    archive.write_bytes(b"damaged")
    with pytest.raises(SettingsError, match="is something else"):
        source.load()


def test_an_active_version_that_is_gone_is_told(source: ShopSource, folder: ProfileFolder) -> None:
    """With what to do: the shop's folder is not priced with in silence."""
    (archive,) = (folder.path / ".versions" / "shops").glob("*.zip")
    archive.unlink()
    with pytest.raises(SettingsError, match=r"is not in the store any more\. Put it back"):
        source.load()


def test_a_version_that_cannot_be_unpacked_is_told(source: ShopSource, tmp_path: Path) -> None:
    """A start says which variable is wrong, without a traceback."""
    with pytest.raises(SettingsError, match=r"TEMP_DIR: .* No such file"):
        replace(source, temp_dir=tmp_path / "missing").load()


def test_the_environment_outweighs_a_version_as_it_does_the_folder(
    source: ShopSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version's name stays, and quotes carry another."""
    before = source.load().shop
    monkeypatch.setenv("BASE_FEE_USD", "7.50")
    shop = shop_source(load_settings()).load().shop
    assert str(shop.tariff.base_fee) == "7.50"
    assert shop.files_version == before.files_version == before.version
    assert shop.version != before.version


def test_versions_in_the_object_store_need_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said at the start, with the other faults of the settings."""
    monkeypatch.setenv("SHOP_VERSIONS", "store")
    with pytest.raises(SettingsError, match="SHOP_VERSIONS: store needs OBJECT_STORE_URL"):
        shop_source(load_settings())


def test_a_new_bundled_shop_displaces_no_activated_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: ProfileFolder
) -> None:
    """A release may bring another; nobody has edited anything."""
    folder.shop(OLD, NEW)
    store = VersionStore((tmp_path / "store").as_uri())
    shop = load_shop(folder.path)
    store.put(shop.files_version, packed(contents_of(shop)))
    store.activate(Activation(shop.files_version, "of an earlier release"))
    monkeypatch.setenv("SHOP_VERSIONS", "store")
    monkeypatch.setenv("OBJECT_STORE_URL", (tmp_path / "store").as_uri())
    monkeypatch.setenv("TEMP_DIR", str(tmp_path))
    assert shop_source(load_settings()).load().shop.name == "Second"
