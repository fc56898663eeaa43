"""Adds a printer, or presets for a printer, to the draft of a shop."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.load import SHOP_FILE
from pricing_fdm.shop.values import ID_PATTERN
from pricing_fdm.shop_changes.draft import Draft
from pricing_fdm.shop_changes.entries import Entries, entries_of, printer_entry, text_with
from pricing_fdm.slicers.library.judging import Usable, usable
from pricing_fdm.slicers.library.offer import PrinterOffer
from pricing_fdm.slicers.library.snapshot import (
    MANIFEST,
    SnapshotFile,
    home_of,
    manifest,
    snapshot,
)
from pricing_fdm.slicers.presets.file import Profile
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop, PrinterPresets, load_presets


@dataclass(frozen=True, slots=True)
class Addition:
    """What a printer of the shop gets.

    Attributes:
        is_new: Whether the printer itself is new.
        loaded: The shop with what was added.
    """

    offer: PrinterOffer
    files: list[SnapshotFile]
    found: Usable
    entries: Entries
    is_new: bool
    loaded: LoadedShop

    def to_try(self) -> PrinterPresets:
        """The printer with what was added, to slice a cube with."""
        printers = self.loaded.printers
        printer = next(each for each in printers if each.id == self.entries.printer)
        new = {Path(file.path) for file in self.files}
        processes = {k: v for k, v in printer.processes.items() if v.path in new}
        filaments = {k: v for k, v in printer.filaments.items() if v.path in new}
        return replace(
            printer,
            processes=processes or printer.processes,
            filaments=filaments or printer.filaments,
        )


def add_printer(draft: Draft, offer: PrinterOffer, printer_id: str) -> Addition:
    """Adds a printer to a draft.

    Args:
        draft: Of the shop.
        offer: The printer's presets.
        printer_id: For the shop file and for requests.

    Raises:
        ShopError: The shop would not be sound, or the printer cannot be offered.
    """
    if not re.fullmatch(ID_PATTERN, printer_id):  # before it is a part of a path
        message = f"an id has small letters, digits, `.`, `_` and `-`; {printer_id} has not."
        raise ShopError((Fault(SHOP_FILE, "printers", None, message),))
    shop = draft.shop()
    is_taken = any(each.id == printer_id for each in shop.printers)
    if is_taken or draft.has_folder(home_of(printer_id)):
        message = f"there is a printer {printer_id} already; give another --id."
        raise ShopError((Fault(SHOP_FILE, "printers", None, message),))
    files = _put(draft, offer, printer_id, is_new=True)
    found = usable(files, draft.copy)
    entries = entries_of(shop, printer_id, found)
    entries.new["printers"] = [printer_entry(printer_id, offer.printer.name, found)]
    loaded = _edited(draft, entries)
    if all(each.id != printer_id for each in loaded.printers):
        message = "has none of this printer's materials, and their presets state no cost."
        raise ShopError((Fault(SHOP_FILE, "materials", None, message),))
    return Addition(offer, files, found, entries, is_new=True, loaded=loaded)


def add_presets(
    draft: Draft, offer: PrinterOffer, printer_id: str, machine: Profile, material: str | None
) -> Addition:
    """Adds processes and filaments for a printer that the shop has.

    The new preset takes the place of one of the same layer thickness or material.

    Args:
        draft: Of the shop.
        offer: The presets.
        printer_id: Of the shop.
        machine: The printer's own preset.
        material: The id of the material that the one filament is for; left out, its preset says.

    Raises:
        ShopError: The shop would not be sound, or the presets cannot be offered.
    """
    files = _put(draft, offer, printer_id, is_new=False)
    found = usable(files, draft.copy, machine)
    if material:
        if len(found.filaments) != 1:
            message = f"holds {len(found.filaments)} filaments; choose with --name."
            raise ShopError((Fault(offer.origin, "", None, message),))
        found = replace(found, filaments={material: next(iter(found.filaments.values()))})
    entries = entries_of(draft.shop(), printer_id, found)
    if not entries.notes:
        left_out = ", ".join(entries.left_out)
        message = f"is no material of the shop, and its preset states no cost: {left_out}."
        raise ShopError((Fault(SHOP_FILE, "materials", None, message),))
    loaded = _edited(draft, entries)
    return Addition(offer, files, found, entries, is_new=False, loaded=loaded)


def _put(draft: Draft, offer: PrinterOffer, printer_id: str, *, is_new: bool) -> list[SnapshotFile]:
    home = home_of(printer_id)
    files = snapshot(offer, printer_id, draft.there, is_new=is_new)
    for file in files:
        draft.put(file.path, file.content)
    draft.put(home / MANIFEST, manifest(offer, files, draft.there(home / MANIFEST)))
    return files


def _edited(draft: Draft, entries: Entries) -> LoadedShop:
    draft.put_text(text_with(draft.text(), entries))
    return load_presets(draft.shop())
