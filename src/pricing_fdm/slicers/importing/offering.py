"""Turns imported presets into an offer like that of a library: a printer, processes, filaments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.importing.imported import Imported, ImportedPreset
from pricing_fdm.slicers.library.inheritance import FlatPreset
from pricing_fdm.slicers.library.matching import is_meant_for
from pricing_fdm.slicers.library.offer import (
    LibraryPrinter,
    PrinterOffer,
    VendorLibrary,
    bed_in_words,
)
from pricing_fdm.slicers.library.orca import ORCA_ASSUMED
from pricing_fdm.slicers.library.prusa import PRUSA_ASSUMED, first_layer_in_mm
from pricing_fdm.slicers.presets.conditions import ConditionError
from pricing_fdm.slicers.presets.file import PresetFormat, Profile, ProfileKind

_CONDITION = "compatible_printers_condition"
_SLICERS = {PresetFormat.ORCA: "OrcaSlicer", PresetFormat.PRUSA: "PrusaSlicer"}
_BED = {
    PresetFormat.ORCA: ("printable_area", "printable_height"),
    PresetFormat.PRUSA: ("bed_shape", "max_print_height"),
}
_ASSUMED = {PresetFormat.ORCA: ORCA_ASSUMED, PresetFormat.PRUSA: PRUSA_ASSUMED}


def printer_offer(imported: Imported, libraries: Sequence[VendorLibrary]) -> PrinterOffer:
    """The printer that was imported.

    Where the files have no processes or no filaments, those of the vendor are offered, if the
    printer inherits from one in a library.

    Raises:
        ShopError: There is not exactly one printer.
    """
    machines = imported.of(ProfileKind.MACHINE)
    if len(machines) != 1:
        names = ", ".join(each.preset.name for each in machines) or "none"
        message = f"the files must hold one printer, and hold {names}; choose with --name."
        raise ShopError((Fault("", "", None, message),))
    (machine,) = machines
    assumed = {k: v for k, v in _ASSUMED[machine.format].items() if k not in machine.preset.values}
    preset = replace(machine.preset, values={**assumed, **machine.preset.values})
    own = _offer(imported, preset, machine.format, (preset.name, *preset.chain))
    if own.processes and own.filaments:
        return own
    vendor = _vendor_offer(preset, machine.format, libraries)
    if vendor is None:
        return own
    return replace(
        own,
        processes=own.processes or vendor.processes,
        filaments=own.filaments or vendor.filaments,
        remarks=(*own.remarks, *vendor.remarks),
    )


def presets_offer(imported: Imported, machine: Profile, *, is_named: bool) -> PrinterOffer:
    """The imported processes and filaments that are meant for a printer of the shop.

    Args:
        imported: What the files hold.
        machine: The printer's preset.
        is_named: The printer was asked for, whatever the presets say.
    """
    preset = FlatPreset(machine.name, str(machine.path), machine.values, ())
    return _offer(imported, preset, machine.format, (machine.name,), is_named=is_named)


def _offer(
    imported: Imported,
    machine: FlatPreset,
    slicer: PresetFormat,
    names: tuple[str, ...],
    *,
    is_named: bool = False,
) -> PrinterOffer:
    settings = {key: _joined(value) for key, value in machine.values.items()}
    remarks = list(imported.remarks)
    used = []
    for each in imported.presets:
        is_machine = each.kind is ProfileKind.MACHINE
        misfit = "" if is_named or is_machine else _misfit(each, names, settings)
        if each.format is not slicer:
            misfit = f"is for {_SLICERS[each.format]}, and {machine.name} for {_SLICERS[slicer]}"
        if misfit:
            remarks.append(f"{each.preset.name}: {misfit}")
        elif not is_machine or each.preset.name == machine.name:
            used.append(each)
    return PrinterOffer(
        _printer(machine.name, slicer, settings),
        ", ".join(imported.files),
        machine,
        tuple(_prepared(each) for each in used if each.kind is ProfileKind.PROCESS),
        tuple(_prepared(each) for each in used if each.kind is ProfileKind.FILAMENT),
        tuple(dict.fromkeys(remarks)),
        tuple(sorted({key for each in used for key in each.unknown})),
        tuple(sorted({each.made_with for each in used if each.made_with})),
    )


def _printer(name: str, slicer: PresetFormat, settings: Mapping[str, str]) -> LibraryPrinter:
    area, height = _BED[slicer]
    bed = bed_in_words(tuple(settings.get(area, "").split(",")), settings.get(height, ""))
    return LibraryPrinter(name, "", slicer, settings.get("nozzle_diameter", "unknown"), bed)


def _misfit(each: ImportedPreset, names: tuple[str, ...], settings: Mapping[str, str]) -> str:
    """Why a preset is not for a printer of these names; empty where it is."""
    if each.together:
        meant: tuple[str, ...] = (each.together,)
        condition = ""
    else:
        meant = _names(each)
        condition = _joined(each.preset.values.get(_CONDITION, "")).strip('"')
    try:
        if is_meant_for(names, settings, meant, condition):
            return ""
    except ConditionError as error:
        return f"its condition cannot be judged ({error})"
    return f"is not for {names[0]}, but for {', '.join(meant) or condition}"


def _names(each: ImportedPreset) -> tuple[str, ...]:
    names = each.preset.values.get("compatible_printers", ())
    if isinstance(names, str):
        names = tuple(name.strip().strip('"') for name in names.split(";"))
    return tuple(name for name in names if name)


def _prepared(each: ImportedPreset) -> FlatPreset:
    """The preset without its conditions on printers; the shop file names the printers instead."""
    preset = first_layer_in_mm(each.preset) if each.format is PresetFormat.PRUSA else each.preset
    kept = {k: v for k, v in preset.values.items() if not k.startswith("compatible_")}
    return replace(preset, values=kept)


def _vendor_offer(
    machine: FlatPreset, slicer: PresetFormat, libraries: Iterable[VendorLibrary]
) -> PrinterOffer | None:
    """What the vendor has for the printer that this one inherits from."""
    for library in libraries:
        for printer in library.printers([]) if library.format is slicer else ():
            if printer.name in machine.chain:
                return library.offer(printer, machine)
    return None


def _joined(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ",".join(value)
