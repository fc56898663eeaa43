"""Adds a printer to a copy of a shop, where it is read, checked and can be tried.

The shop itself is touched by `write` only, once all of that went well.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.load import SHOP_FILE, load_shop
from pricing_fdm.shop.values import ID_PATTERN
from pricing_fdm.shop_changes.entries import Entries, entries_of, text_with
from pricing_fdm.slicers.library.judging import Usable, usable
from pricing_fdm.slicers.library.offer import PrinterOffer
from pricing_fdm.slicers.library.snapshot import MANIFEST, SnapshotFile, manifest, snapshot
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop, load_presets


@dataclass(frozen=True, slots=True)
class Addition:
    """A printer that a shop gets: what was found, and what is to be written.

    Attributes:
        text: Of the shop file with the printer.
        loaded: The shop with the printer.
    """

    offer: PrinterOffer
    files: list[SnapshotFile]
    found: Usable
    entries: Entries
    text: str
    loaded: LoadedShop


def add_printer(offer: PrinterOffer, printer_id: str, folder: Path, copy: Path) -> Addition:
    """Adds a printer to a copy of the shop.

    Args:
        offer: The printer's presets.
        printer_id: For the shop file and for requests.
        folder: The shop's, which is only read.
        copy: An empty folder.

    Raises:
        ShopError: The shop would not be sound, or the printer cannot be offered.
    """
    if not re.fullmatch(ID_PATTERN, printer_id):  # before it is a part of a path
        message = f"an id has small letters, digits, `.`, `_` and `-`; {printer_id} has not."
        raise ShopError((Fault(SHOP_FILE, "printers", None, message),))
    shop = load_shop(folder)
    home = _home(printer_id)
    if any(each.id == printer_id for each in shop.printers) or (folder / home).exists():
        message = f"there is a printer {printer_id} already; give another --id."
        raise ShopError((Fault(SHOP_FILE, "printers", None, message),))
    copy_shop(shop, copy)
    files = snapshot(offer, printer_id)
    for file in files:
        put(copy / file.path, file.content)
    found = usable(files, copy)
    entries = entries_of(shop, printer_id, offer.printer.name, found)
    text = text_with((folder / SHOP_FILE).read_text("utf-8"), entries)
    put(copy / SHOP_FILE, text.encode())
    loaded = load_presets(load_shop(copy))
    if all(each.id != printer_id for each in loaded.printers):
        message = "has none of this printer's materials, and their presets state no cost."
        raise ShopError((Fault(SHOP_FILE, "materials", None, message),))
    return Addition(offer, files, found, entries, text, loaded)


def write(addition: Addition, folder: Path) -> None:
    """The presets first and the shop file last, in one step: a service that looks finds a whole."""
    for file in addition.files:
        put(folder / file.path, file.content)
    home = folder / _home(addition.entries.printer)
    put(home / MANIFEST, manifest(addition.offer, addition.files))
    new = folder / f".{SHOP_FILE}.new"
    shutil.copymode(folder / SHOP_FILE, put(new, addition.text.encode()))
    new.replace(folder / SHOP_FILE)


def copy_shop(shop: Shop, copy: Path) -> None:
    """Copies the files that a shop refers to."""
    for name in shop.file_names():
        put(copy / name, (shop.folder / name).read_bytes())


def put(path: Path, content: bytes) -> Path:
    """Writes a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _home(printer_id: str) -> PurePosixPath:
    return PurePosixPath("presets", printer_id)
