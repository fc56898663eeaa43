"""A shop is changed in a copy, and in one step at the end."""

from __future__ import annotations

import stat
from pathlib import Path, PurePosixPath

from pricing_fdm.shop.load import SHOP_FILE
from pricing_fdm.shop_changes.draft import Draft
from tests.shop.shops import SMALL, write_shop


def test_nothing_reaches_the_shop_before_it_is_written(tmp_path: Path) -> None:
    """A draft that is given up leaves no trace."""
    shop = write_shop(tmp_path / "shop")
    draft = Draft(shop, tmp_path / "copy")
    draft.put(PurePosixPath("presets/a/x.ini"), b"a = 1\n")
    draft.put_text(SMALL.replace("Northside", "Southside"))
    assert draft.shop().name == "Southside Prints"
    assert not (shop / "presets").exists()
    assert "Northside" in (shop / SHOP_FILE).read_text()
    draft.write()
    assert (shop / "presets" / "a" / "x.ini").read_bytes() == b"a = 1\n"
    assert "Southside" in (shop / SHOP_FILE).read_text()


def test_the_shop_file_keeps_who_may_read_it(tmp_path: Path) -> None:
    """The service may run as another user."""
    shop = write_shop(tmp_path / "shop")
    (shop / SHOP_FILE).chmod(0o640)
    Draft(shop, tmp_path / "copy").write()
    assert stat.S_IMODE((shop / SHOP_FILE).stat().st_mode) == 0o640


def test_a_draft_sees_what_lies_in_the_shop_and_is_not_used(tmp_path: Path) -> None:
    """So no file of an earlier change gets another content."""
    shop = write_shop(tmp_path / "shop")
    (shop / "old.ini").write_bytes(b"old")
    draft = Draft(shop, tmp_path / "copy")
    assert draft.there(PurePosixPath("old.ini")) == b"old"
    assert draft.there(PurePosixPath("none.ini")) is None
