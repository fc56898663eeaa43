"""PrusaSlicer's library: for each vendor a bundle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.library.bundle import Bundle, quoted_names, read_bundle
from pricing_fdm.slicers.library.inheritance import FlatPreset, Inheritance, RawPreset
from pricing_fdm.slicers.library.matching import default_first, is_meant_for, named_by_vendor
from pricing_fdm.slicers.library.offer import (
    LibraryPrinter,
    PrinterOffer,
    VendorLibrary,
    bed_in_words,
)
from pricing_fdm.slicers.presets.conditions import ConditionError
from pricing_fdm.slicers.presets.file import PresetFormat, ProfileKind

KINDS = {
    ProfileKind.MACHINE: "printer",
    ProfileKind.PROCESS: "print",
    ProfileKind.FILAMENT: "filament",
}
PRUSA_ASSUMED = {
    **dict.fromkeys(("printer_notes", "printer_model", "printer_variant", "printer_vendor"), ""),
    "single_extruder_multi_material": "0",
    "gcode_flavor": "reprap",
}
"""What PrusaSlicer assumes of a printer that does not state it, and what conditions ask for."""


class PrusaLibrary(VendorLibrary):
    """One vendor's bundle."""

    format = PresetFormat.PRUSA

    def __init__(self, path: Path) -> None:
        self.vendor = path.stem
        self._path = path
        self._inheritance = {kind: Inheritance(partial(self._find, kind)) for kind in ProfileKind}

    @cached_property
    def _bundle(self) -> Bundle:
        return read_bundle(self._path)

    def printers(self, remarks: list[str]) -> Iterator[LibraryPrinter]:
        """Those that print filament; see `VendorLibrary.printers`."""
        for machine in self._all(ProfileKind.MACHINE, remarks):
            values = {key: str(value) for key, value in machine.values.items()}
            if values.get("printer_technology", "FFF") == "FFF":
                corners = tuple(values.get("bed_shape", "").split(","))
                yield LibraryPrinter(
                    machine.name,
                    self.vendor,
                    self.format,
                    values.get("nozzle_diameter", "unknown"),
                    bed_in_words(corners, values.get("max_print_height", "")),
                )

    def offer(self, printer: LibraryPrinter, machine: FlatPreset | None = None) -> PrinterOffer:
        """See `VendorLibrary.offer`."""
        machine = machine or self.preset(ProfileKind.MACHINE, printer.name)
        assert machine is not None  # noqa: S101 - of its own list
        machine = replace(machine, values={**PRUSA_ASSUMED, **machine.values})
        settings = {key: str(value) for key, value in machine.values.items()}
        remarks: list[str] = []
        processes = self._meant_for(printer.name, settings, ProfileKind.PROCESS, remarks)
        filaments = self._meant_for(printer.name, settings, ProfileKind.FILAMENT, remarks)
        process = settings.get("default_print_profile", "").strip('"')
        filament = settings.get("default_filament_profile", "").strip('"')
        model = settings["printer_model"]
        named = quoted_names(self._bundle.fact("printer_model", model, "default_materials"))
        version = self._bundle.fact("vendor", "", "config_version")
        return PrinterOffer(
            printer,
            f"{self._path.name} {version}",
            machine,
            default_first(processes, process, remarks),
            named_by_vendor(default_first(filaments, filament, remarks), named, filament),
            tuple(remarks),
        )

    def preset(self, kind: ProfileKind, name: str) -> FlatPreset | None:
        """See `VendorLibrary.preset`."""
        raw = self._find(kind, name) or self._find(kind, self._bundle.new_name(KINDS[kind], name))
        return self._inheritance[kind].flattened(raw) if raw else None

    def _meant_for(
        self, name: str, settings: Mapping[str, str], kind: ProfileKind, remarks: list[str]
    ) -> Iterator[FlatPreset]:
        for preset in map(first_layer_in_mm, self._all(kind, remarks)):
            names = quoted_names(str(preset.values.get("compatible_printers", "")))
            condition = str(preset.values.get("compatible_printers_condition", ""))
            try:
                if is_meant_for((name,), settings, names, condition):
                    yield preset
            except ConditionError as error:
                remarks.append(f"{preset.name}: its condition cannot be judged ({error})")

    def _all(self, kind: ProfileKind, remarks: list[str]) -> Iterator[FlatPreset]:
        """Those that can be chosen; what is wrong with one does not hide the others."""
        for name in self._bundle.names(KINDS[kind]):
            raw = None if name.startswith("*") else self._find(kind, name)
            try:
                if raw is not None:
                    yield self._inheritance[kind].flattened(raw)
            except ShopError as error:
                remarks += map(str, error.faults)

    def _find(self, kind: ProfileKind, name: str) -> RawPreset | None:
        return self._bundle.preset(KINDS[kind], name)


def first_layer_in_mm(preset: FlatPreset) -> FlatPreset:
    """A first layer of 150 % of the others, in mm.

    PrusaSlicer's window does the same when it loads a preset. Its command line does not, and takes
    150 % for 150 mm: "First layer height can't be greater than nozzle diameter".
    """
    stated = str(preset.values.get("first_layer_height", ""))
    try:
        mm = float(str(preset.values["layer_height"])) * float(stated.removesuffix("%")) / 100
    except (KeyError, ValueError):
        return preset
    changed = {**preset.values, "first_layer_height": f"{mm:g}"}
    return replace(preset, values=changed) if stated.endswith("%") else preset
