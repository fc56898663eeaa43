"""Adds the presets of files to the draft of a shop: as a printer, or for printers that it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pricing_fdm.shop.faults import Fault, ShopError, nearest
from pricing_fdm.shop_changes.addition import Addition, add_presets, add_printer
from pricing_fdm.shop_changes.draft import Draft
from pricing_fdm.slicers.importing.imported import Imported, read_files
from pricing_fdm.slicers.importing.offering import presets_offer, printer_offer
from pricing_fdm.slicers.library.matching import slug
from pricing_fdm.slicers.library.offer import PrinterOffer, VendorLibrary
from pricing_fdm.slicers.presets.file import ProfileKind
from pricing_fdm.slicers.presets.loaded_shop import PrinterPresets, load_presets

_PRINTER, _QUALITY, _MATERIAL = "printer", "quality", "material"


@dataclass(frozen=True, slots=True)
class ImportWish:
    """What is to become of the presets.

    Attributes:
        target: `printer`, `quality` or `material:ID`; empty: a printer where there is one among
            them, else qualities and materials of the printers that they are for.
        name: Of several presets of a kind, only the one of this name; empty: all.
        printer: The id of a new printer, or of the one that presets are for; empty: by what they
            say.
    """

    target: str = ""
    name: str = ""
    printer: str = ""


def add_files(
    draft: Draft,
    files: Sequence[tuple[str, bytes]],
    wish: ImportWish,
    libraries: Sequence[VendorLibrary],
) -> list[Addition]:
    """Adds what files hold to a draft.

    Args:
        draft: Of the shop.
        files: Name and content of each.
        wish: What is to become of them.
        libraries: Where parents are found that are not in the files.

    Returns:
        One addition for each printer that gets something.

    Raises:
        ShopError: A file cannot be read, or the presets cannot be offered.
    """
    target, _, material = wish.target.partition(":")
    if target not in {"", _PRINTER, _QUALITY, _MATERIAL} or (target == _MATERIAL) != bool(material):
        raise _error(f"{wish.target} is neither printer, quality nor material:ID.")
    imported = _chosen(read_files(files, libraries), wish.name)
    if target == _PRINTER or (not target and imported.of(ProfileKind.MACHINE)):
        offer = printer_offer(imported, libraries)
        return [add_printer(draft, offer, wish.printer or slug(offer.printer.name))]
    kinds = {_QUALITY: ProfileKind.PROCESS, _MATERIAL: ProfileKind.FILAMENT}
    wanted = imported.of(kinds[target]) if target else imported.presets
    if not wanted:
        raise _error(f"the files hold no preset that could become a {target}.")
    return [
        add_presets(draft, offer, printer.id, printer.machine, material)
        for printer, offer in _printers(draft, replace(imported, presets=wanted), wish.printer)
    ]


def _chosen(imported: Imported, name: str) -> Imported:
    if not name:
        return imported
    kinds = {each.kind for each in imported.presets if each.preset.name == name}
    if not kinds:
        names = sorted(each.preset.name for each in imported.presets)
        raise _error(f"the files hold no {name}; {nearest(name, names)}")
    chosen = (p for p in imported.presets if p.preset.name == name or p.kind not in kinds)
    return replace(imported, presets=tuple(chosen))


def _printers(
    draft: Draft, imported: Imported, printer_id: str
) -> Iterator[tuple[PrinterPresets, PrinterOffer]]:
    """The printers of the shop that the presets are for, each with its own of them."""
    printers = load_presets(draft.shop()).printers
    ids = [each.id for each in printers]
    if printer_id and printer_id not in ids:
        raise _error(f"there is no printer {printer_id}; {nearest(printer_id, ids)}")
    remarks: list[str] = []
    is_any = False
    for printer in printers:
        if printer_id in {"", printer.id}:
            offer = presets_offer(imported, printer.machine, is_named=bool(printer_id))
            remarks += offer.remarks
            if offer.processes or offer.filaments:
                is_any = True
                yield printer, offer
    if not is_any:
        message = "the presets are for no printer of this shop; choose one with --printer."
        raise ShopError((*_error(message).faults, *(Fault("", "", None, r) for r in remarks)))


def _error(message: str) -> ShopError:
    return ShopError((Fault("", "", None, message),))
