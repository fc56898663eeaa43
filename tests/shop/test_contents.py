"""The files of a shop as one value, and as one archive."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.shop.contents import contents_of, packed, unpacked, write_files
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop.load import load_shop
from tests.slicers.profile_folder import ProfileFolder


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    """A copy of the bundled shop."""
    return ProfileFolder(tmp_path / "shop")


def test_an_archive_holds_the_shop_that_it_was_made_of(
    folder: ProfileFolder, tmp_path: Path
) -> None:
    """The same version, wherever it is unpacked; and the same bytes for the same files."""
    shop = load_shop(folder.path)
    contents = contents_of(shop)
    assert set(contents) == {"shop.toml", *shop.file_names()}
    archive = packed(contents)
    assert packed(contents_of(load_shop(folder.path))) == archive
    write_files(unpacked(archive), tmp_path / "elsewhere")
    assert load_shop(tmp_path / "elsewhere").files_version == shop.files_version


@pytest.mark.parametrize("change", ["written", "gone"])
def test_files_that_are_not_those_any_more_that_were_loaded_are_no_version(
    folder: ProfileFolder, change: str
) -> None:
    """A version that is named by other files than it holds could never be read."""
    shop = load_shop(folder.path)
    if change == "written":
        folder.set("filament_pla.json", filament_density=["1.25"])
    else:
        (folder.path / "filament_pla.json").unlink()
    with pytest.raises(ShopError):
        contents_of(shop)


@pytest.mark.parametrize("archive", [b"", b"PK\3\4 and no more"], ids=["empty", "cut"])
def test_what_is_no_archive_of_ours_is_told(archive: bytes) -> None:
    """Whoever may write into the store is not to be believed."""
    with pytest.raises(ValueError, match="no archive"):
        unpacked(archive)


def test_no_file_is_written_outside_the_folder(tmp_path: Path) -> None:
    """Whatever an archive calls it."""
    with pytest.raises(ValueError, match="leads out"):
        write_files({"../else.ini": b""}, tmp_path / "inner")
    assert list(tmp_path.iterdir()) == []
