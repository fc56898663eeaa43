"""Reads a shop from its folder, and names everything that is wrong with it at once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pricing_fdm.shop.catalogue import CHOICES, RANGE, Origin, Shop
from pricing_fdm.shop.checks import cautions, cross_faults
from pricing_fdm.shop.faults import Fault, FaultPlaces, ShopError, validation_faults
from pricing_fdm.shop.files import read_file
from pricing_fdm.shop.lines import key_lines

SHOP_FILE = "shop.toml"

_VERSION_LENGTH = 16
_TAGS = frozenset({RANGE, CHOICES})


def load_shop(folder: Path, shop_file: Path | None = None) -> Shop:
    """Reads the shop file; the files that it refers to must be there and are not read here.

    Args:
        folder: Where those files are.
        shop_file: Left out: `shop.toml` in the folder.

    Raises:
        ShopError: With all faults.
    """
    text = _text(shop_file or folder / SHOP_FILE)
    document = _document(text)
    places = FaultPlaces(SHOP_FILE, document, key_lines(text))
    faults = [places.fault(*each) for each in cross_faults(document, folder)]
    warnings = tuple(places.fault(*each) for each in cautions(document))
    try:
        shop = Shop.model_validate(document)
    except ValidationError as error:
        faults += [places.fault(*each) for each in validation_faults(error, Shop, _TAGS)]
    else:
        if not faults:
            version = _version(text, shop, folder)
            return shop.read_from(Origin(folder, version, warnings, version))
    raise ShopError(sorted(faults, key=lambda fault: fault.line or 0))


def overridden(shop: Shop, changes: Mapping[str, Any], by: Mapping[str, str]) -> Shop:
    """The shop with some of its values in place of those of the file, and a version of its own.

    Args:
        shop: As it was read.
        changes: The new values, by the names of the fields.
        by: Where they come from; nothing where nothing changes.
    """
    if not by:
        return shop
    named = [(name, value.encode()) for name, value in by.items()]
    version = digest([("version", shop.version.encode()), *named])
    return shop.model_copy(update=changes).read_from(replace(shop.origin, version=version))


def _text(path: Path) -> str:
    try:
        return read_file(path).decode()
    except FileNotFoundError:
        message = f"there is no such file in {path.parent}"
    except OSError as error:
        message = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        message = "is not UTF-8 text"
    raise ShopError((Fault(SHOP_FILE, "", None, message),))


def _document(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r" \(at line (\d+), column \d+\)", str(error))
        line = int(at[1]) if at else None
        message = f"is not TOML: {str(error).removesuffix(at[0] if at else '')}"
        raise ShopError((Fault(SHOP_FILE, "", line, message),)) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or nested as deeply
        raise ShopError((Fault(SHOP_FILE, "", None, "is not TOML that we read"),)) from None


def _version(text: str, shop: Shop, folder: Path) -> str:
    contents = ((name, _content(folder / name)) for name in shop.file_names())
    return digest([(SHOP_FILE, text.encode()), *contents])


def _content(path: Path) -> bytes:
    """Nothing where the file cannot be read: that is told where the preset is needed."""
    try:
        return read_file(path)
    except OSError:
        return b""


def digest(contents: Iterable[tuple[str, bytes]]) -> str:
    """A short hash over named contents."""
    whole = hashlib.sha256()
    for name, content in contents:
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()[:_VERSION_LENGTH]
