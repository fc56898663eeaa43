"""A printer that was tried in a copy of the shop, and the report on it for the shop's owner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pricing_fdm.commands.shop_entries import Entries
from pricing_fdm.health.self_test import SelfTest
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.library.judging import Usable
from pricing_fdm.slicers.library.offer import PrinterOffer
from pricing_fdm.slicers.library.snapshot import SnapshotFile
from pricing_fdm.slicers.presets.file import PresetFormat, Profile
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop
from pricing_fdm.slicers.prusa.config import prusa_config

_LABEL_WIDTH = 14
_SHOWN_FAULTS = 3
_LABELS = {"qualities": "quality", "materials": "material"}
_LIMITS = (("machine_max_speed_x", "mm/s"), ("machine_max_acceleration_extruding", "mm/s2"))


@dataclass(frozen=True, slots=True)
class Addition:
    """What was found, what is to be written, and how the test went.

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
    test: SelfTest


def report(addition: Addition) -> Iterator[str]:
    """What an owner compares with the slicer's own window."""
    offer = addition.offer
    yield f"{offer.printer.name}, from {offer.origin}, as {addition.entries.printer}"
    for rows in (_machine, _presets, _other_slicer, _warnings):
        yield from (f"  {label:<{_LABEL_WIDTH}}{text}" for label, text in rows(addition))
    yield f"  {'self-test':<{_LABEL_WIDTH}}{addition.test.detail}"


def _machine(addition: Addition) -> Iterator[tuple[str, str]]:
    printer, machine = addition.offer.printer, addition.found.machine
    yield "inherits", ", ".join(addition.offer.machine.chain) or "nothing"
    yield "bed", f"{printer.bed} mm"
    yield "nozzle", f"{printer.nozzle} mm"
    limits = [f"{machine.number(key)} {unit}" for key, unit in _LIMITS if machine.number(key)]
    yield "limits", ", ".join(limits) or "none stated"
    stripped = dict.fromkeys(key for file in addition.files for key in file.stripped)
    yield "stripped", ", ".join(stripped) or "nothing"


def _presets(addition: Addition) -> Iterator[tuple[str, str]]:
    found, entries = addition.found, addition.entries
    for array, note in entries.notes:
        yield _LABELS[array], note
    for material, filament in found.filaments.items():
        yield "density", f"{material}: {_density(filament)}"
    for material, name in entries.left_out.items():
        yield "no cost", f"{material}: {name} states none, so it stands in no entry"
    if found.unused:
        yield "also there", ", ".join(found.unused)


def _other_slicer(addition: Addition) -> Iterator[tuple[str, str]]:
    """What would be in the way of PrusaSlicer as a fallback."""
    if addition.offer.printer.format is PresetFormat.PRUSA:
        yield "OrcaSlicer", "cannot read presets of PrusaSlicer's"
        return
    printers = addition.loaded.printers
    mine = next(each for each in printers if each.id == addition.entries.printer)
    try:
        prusa_config(next(mine.samples()))
    except ShopError as error:
        keys = ", ".join(each.key for each in error.faults[:_SHOWN_FAULTS])
        yield "PrusaSlicer", f"cannot take these presets: {len(error.faults)} keys, such as {keys}"


def _warnings(addition: Addition) -> Iterator[tuple[str, str]]:
    for remark in (*addition.offer.remarks, *addition.found.remarks):
        yield "not usable", remark
    for warning in addition.loaded.warnings:
        if addition.entries.printer in warning.file.split("/"):
            yield "warning", str(warning)


def _density(filament: Profile) -> str:
    diameter = filament.text("filament_diameter")
    return f"{filament.text('filament_density')} g/cm3, {diameter} mm"
