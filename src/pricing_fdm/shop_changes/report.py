"""The report on a printer that a shop gets, for its owner."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pricing_fdm.health.self_test import SelfTest
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop_changes.addition import Addition
from pricing_fdm.slicers.presets.file import PresetFormat, Profile
from pricing_fdm.slicers.prusa.config import prusa_config

_LABEL_WIDTH = 14
_SHOWN_FAULTS = 3
_SHOWN_KEYS = 12
_RELEASE = re.compile(r"([0-9]+)\.([0-9]+)")
_LABELS = {"qualities": "quality", "materials": "material"}
_LIMITS = (("machine_max_speed_x", "mm/s"), ("machine_max_acceleration_extruding", "mm/s2"))


def report(addition: Addition, test: SelfTest) -> Iterator[str]:
    """What an owner compares with the slicer's own window."""
    offer = addition.offer
    into = f"{'as' if addition.is_new else 'for'} {addition.entries.printer}"
    yield f"{offer.printer.name}, from {offer.origin}, {into}"
    parts = (_machine, _presets, _other_slicer, _warnings)
    for rows in parts if addition.is_new else (_stripped, _presets, _warnings):
        yield from (f"  {label:<{_LABEL_WIDTH}}{text}" for label, text in rows(addition))
    for made_with in addition.offer.made_with:
        yield f"  {'made with':<{_LABEL_WIDTH}}{made_with}{_other_version(made_with, test)}"
    yield f"  {'self-test':<{_LABEL_WIDTH}}{test.detail}"


def _other_version(made_with: str, test: SelfTest) -> str:
    """A remark where presets are tried with another version than the one that wrote them."""
    theirs, here = _release(made_with), _release(test.slicer_version)
    if not (theirs and here) or theirs == here:
        return ""
    return f", but {test.slicer_version} is here: compare the self-test"


def _release(version: str) -> tuple[int, ...]:
    """The first two numbers: OrcaSlicer's 2.3.1 writes 02.03.01.10 into some files."""
    found = _RELEASE.search(version)
    return tuple(map(int, found.groups())) if found else ()


def _machine(addition: Addition) -> Iterator[tuple[str, str]]:
    printer, machine = addition.offer.printer, addition.found.machine
    yield "inherits", ", ".join(addition.offer.machine.chain) or "nothing"
    size, _, shape = printer.bed.partition(", ")
    yield "bed", ", ".join(filter(None, (f"{size} mm", shape)))
    yield "nozzle", f"{printer.nozzle} mm"
    limits = [f"{machine.number(key)} {unit}" for key, unit in _LIMITS if machine.number(key)]
    yield "limits", ", ".join(limits) or "none stated"
    yield from _stripped(addition)


def _stripped(addition: Addition) -> Iterator[tuple[str, str]]:
    chains = {", ".join(each.preset.chain) for each in addition.files if each.preset.chain}
    if not addition.is_new:
        yield from (("inherits", chain) for chain in sorted(chains))
    stripped = dict.fromkeys(key for file in addition.files for key in file.stripped)
    yield "stripped", ", ".join(stripped) or "nothing"
    if unknown := addition.offer.unknown:
        more = f" and {len(unknown) - _SHOWN_KEYS} more" if len(unknown) > _SHOWN_KEYS else ""
        yield "not known", f"{', '.join(unknown[:_SHOWN_KEYS])}{more}: kept for the slicer"


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
    files = {str(file.path) for file in addition.files}
    for warning in addition.loaded.warnings:
        if warning.file in files:
            yield "warning", str(warning)


def _density(filament: Profile) -> str:
    diameter = filament.text("filament_diameter")
    return f"{filament.text('filament_density')} g/cm3, {diameter} mm"
