"""The files of a shop as one value: the shop file and what it refers to, by their names.

A version of a shop is stored as one archive of them, so that it is there whole or not at all.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.files import read_file
from pricing_fdm.shop.load import SHOP_FILE, digest

Contents: TypeAlias = Mapping[str, bytes]
"""By the path of each file from the shop's folder."""

MOST_BYTES = 256 * 1024 * 1024
"""Of all files of a shop together."""


def contents_of(shop: Shop, shop_file: Path | None = None) -> Contents:
    """The files of a shop, as they lie in its folder.

    Args:
        shop: As it was loaded.
        shop_file: Left out: `shop.toml` in the folder.

    Raises:
        ShopError: A file cannot be read, or they are not those any more that were loaded.
    """
    named = {SHOP_FILE: shop_file or shop.folder / SHOP_FILE}
    named |= {name: shop.folder / name for name in shop.file_names()}
    try:
        contents = {name: read_file(path) for name, path in named.items()}
    except OSError as error:
        raise ShopError((_changed(f"cannot be read ({error.strerror})"),)) from error
    if digest(contents.items()) != shop.files_version:
        raise ShopError((_changed("has changed since the shop was loaded; load it again"),))
    return contents


def packed(contents: Contents) -> bytes:
    """One archive of all files; the same for the same files."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def unpacked(archive: bytes) -> Contents:
    """The files of an archive.

    Raises:
        ValueError: It is none of ours.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            if sum(each.file_size for each in opened.infolist()) > MOST_BYTES:
                raise ValueError("it is too large")
            return {each.filename: opened.read(each) for each in opened.infolist()}
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError) as error:
        raise ValueError("it is no archive") from error


def write_files(contents: Contents, folder: Path) -> None:
    """Writes files into a folder.

    Raises:
        ValueError: A name leads out of the folder.
        OSError: One cannot be written.
    """
    for name, content in contents.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ValueError(f"{name} leads out of the folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _changed(message: str) -> Fault:
    return Fault(SHOP_FILE, "", None, message)
