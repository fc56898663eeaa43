"""Makes of imported presets what a library offers: a printer with its processes and filaments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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

_ASSUMED = {PresetFormat.ORCA: ORCA_ASSUMED, PresetFormat.PRUSA: PRUSA_ASSUMED}
_SHOWN_KEYS = 12


def printer_offer(imported: Imported, libraries: Sequence[VendorLibrary]) -> PrinterOffer:
    """The printer that was imported.

    Processes and filaments that the files have none of are the vendor's, where the printer
    inherits from one of a library's.

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
    chosen: dict[ProfileKind, list[FlatPreset]] = {kind: [] for kind in ProfileKind}
    used: list[ImportedPreset] = []
    for each in imported.presets:
        if each.kind is ProfileKind.MACHINE and each.preset.name != machine.name:
            continue
        if each.kind is ProfileKind.MACHINE or each.together or is_named:
            fits = each.format is slicer
        else:
            fits = each.format is slicer and _fits(each, names, settings, remarks)
        if fits:
            used.append(each)
            chosen[each.kind].append(_prepared(each))
    area = machine.values.get("bed_shape" if slicer is PresetFormat.PRUSA else "printable_area", "")
    height = "max_print_height" if slicer is PresetFormat.PRUSA else "printable_height"
    corners = tuple(_joined(area).split(","))
    printer = LibraryPrinter(
        machine.name,
        "",
        slicer,
        settings.get("nozzle_diameter", "unknown"),
        bed_in_words(corners, settings.get(height, "")),
    )
    return PrinterOffer(
        printer,
        ", ".join(imported.files),
        machine,
        tuple(chosen[ProfileKind.PROCESS]),
        tuple(chosen[ProfileKind.FILAMENT]),
        tuple(dict.fromkeys(remarks)),
        tuple(_notes(used)),
    )


def _fits(
    each: ImportedPreset,
    printer: tuple[str, ...],
    settings: Mapping[str, str],
    remarks: list[str],
) -> bool:
    names = _names(each)
    condition = _joined(each.preset.values.get("compatible_printers_condition", "")).strip('"')
    try:
        fits = is_meant_for(printer, settings, names, condition)
    except ConditionError as error:
        remarks.append(f"{each.preset.name}: its condition cannot be judged ({error})")
        return False
    if not fits:
        meant = ", ".join(names) or condition
        remarks.append(f"{each.preset.name}: is not for {printer[0]}, but for {meant}")
    return fits


def _names(each: ImportedPreset) -> tuple[str, ...]:
    names = each.preset.values.get("compatible_printers", ())
    if isinstance(names, str):
        names = tuple(name.strip().strip('"') for name in names.split(";"))
    return tuple(name for name in names if name)


def _prepared(each: ImportedPreset) -> FlatPreset:
    """Without what says for whom it is: that was judged, and the shop file says it from now on."""
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


def _notes(used: Iterable[ImportedPreset]) -> Iterator[tuple[str, str]]:
    """What an owner should know of the files, beside what cannot be used."""
    presets = list(used)
    if made_with := ", ".join(dict.fromkeys(each.made_with for each in presets if each.made_with)):
        yield "made with", made_with
    unknown = sorted({key for each in presets for key in each.unknown})
    if unknown:
        more = f" and {len(unknown) - _SHOWN_KEYS} more" if len(unknown) > _SHOWN_KEYS else ""
        shown = ", ".join(unknown[:_SHOWN_KEYS])
        yield "not known", f"{shown}{more}; kept for the slicer"


def _joined(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ",".join(value)
