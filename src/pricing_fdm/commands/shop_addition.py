"""A printer that was tried in a copy of the shop, and the report on it for the shop's owner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pricing_fdm.commands.shop_entries import Entries
from pricing_fdm.health.self_test import SelfTest
from pricing_fdm.slicers.library.judging import Usable
from pricing_fdm.slicers.library.offer import PrinterOffer
from pricing_fdm.slicers.library.snapshot import SnapshotFile
from pricing_fdm.slicers.presets.file import Profile
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop

_LABEL_WIDTH = 14
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
    offer, found = addition.offer, addition.found
    yield f"{offer.printer.name}, from {offer.origin}, as {addition.entries.printer}"
    yield from (f"  {label:<{_LABEL_WIDTH}}{text}" for label, text in _machine(addition))
    yield from (f"  {label:<{_LABEL_WIDTH}}{text}" for label, text in _presets(addition))
    for remark in (*offer.remarks, *found.remarks):
        yield f"  {'not usable':<{_LABEL_WIDTH}}{remark}"
    for warning in addition.loaded.warnings:
        if addition.entries.printer in warning.file.split("/"):
            yield f"  {'warning':<{_LABEL_WIDTH}}{warning}"
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


def _density(filament: Profile) -> str:
    diameter = filament.text("filament_diameter")
    return f"{filament.text('filament_density')} g/cm3, {diameter} mm"
