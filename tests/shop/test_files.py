"""Nothing in the place of a shop's file holds the service, or takes its memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop.files import MOST_BYTES, read_file
from pricing_fdm.shop.load import load_shop
from tests.shop.shops import write_shop


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (os.mkfifo, "no plain file"),
        (lambda path: path.symlink_to("/dev/zero"), "no plain file"),
        (lambda path: path.mkdir(), "Is a directory"),
        (lambda path: path.write_bytes(b"#" * (MOST_BYTES + 1)), "larger than 8 MiB"),
    ],
    ids=["a FIFO", "a device", "a folder", "too large"],
)
def test_only_a_plain_file_of_a_sensible_size_is_read(
    make: Callable[[Path], object], told: str, tmp_path: Path
) -> None:
    """And nothing waits for one that has no end, neither a reload nor the end of the service."""
    path = tmp_path / "shop.toml"
    make(path)
    with pytest.raises(OSError, match=told):
        read_file(path)
    with pytest.raises(ShopError, match=told):
        load_shop(tmp_path)


def test_a_link_leads_to_the_file(tmp_path: Path) -> None:
    """A ConfigMap that is mounted consists of them."""
    (tmp_path / "data").write_bytes(b"a" * MOST_BYTES)
    (tmp_path / "link").symlink_to("data")
    assert read_file(tmp_path / "link") == b"a" * MOST_BYTES


def test_a_preset_that_cannot_be_read_is_told_by_who_needs_it(tmp_path: Path) -> None:
    """The shop itself is sound."""
    folder = write_shop(tmp_path)
    os.truncate(folder / "pla.ini", MOST_BYTES + 1)
    assert load_shop(folder).name == "Northside Prints"
