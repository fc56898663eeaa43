"""A shop with its presets: read, checked and hashed once, when it is loaded.

`load_presets` reports everything that is wrong with the files at once. Slices use what it returned;
a file that changes later has no effect until the shop is loaded again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from pathlib import Path
from types import MappingProxyType

from pricing_fdm.model import BuildVolume
from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.shop.catalogue import Printer, Shop
from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.presets.bed import bed_cautions, build_volume, excluded_areas
from pricing_fdm.slicers.presets.cautions import (
    filament_cautions,
    limit_cautions,
    line_cautions,
    start_cautions,
)
from pricing_fdm.slicers.presets.checks import (
    filament_faults,
    lines_faults,
    machine_faults,
    machine_fit_faults,
    process_faults,
)
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.presets.file import PresetFormat, Profile, ProfileKind
from pricing_fdm.slicers.presets.line_width import outer_line_width_mm
from pricing_fdm.slicers.presets.overrides import override_faults
from pricing_fdm.slicers.presets.reading import PresetReader


@dataclass(frozen=True, slots=True)
class PrinterPresets:
    """A printer, with a process for each quality and a filament for each material that it has.

    Attributes:
        id: In the shop file.
        engine: The slicer that the shop file or the format of the presets asks for; None: any.
        processes: By the quality's id.
        filaments: By the material's id.
    """

    id: str
    name: str
    engine: str | None
    machine: Profile
    build_volume: BuildVolume
    processes: Mapping[str, Profile]
    filaments: Mapping[str, Profile]
    # Those chosen so far, so that each is hashed once.
    _chosen: dict[tuple[str, str], ChosenPresets] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def chosen(self, quality: str, material: str) -> ChosenPresets:
        """The presets of a quality and a material that this printer has."""
        if (quality, material) not in self._chosen:
            self._chosen[quality, material] = ChosenPresets(
                self.machine, self.processes[quality], self.filaments[material]
            )
        return self._chosen[quality, material]

    def line_width_mm(self, quality: str) -> float:
        """Width of the outermost line of a wall."""
        return outer_line_width_mm(self.machine, self.processes[quality])

    def samples(self) -> Iterator[ChosenPresets]:
        """Combinations in which each of its presets stands at least once."""
        qualities, materials = list(self.processes), list(self.filaments)
        for quality in qualities:
            yield self.chosen(quality, materials[0])
        for material in materials[1:]:
            yield self.chosen(qualities[0], material)


@dataclass(frozen=True, slots=True)
class LoadedShop:
    """A shop with all its presets, as they were read together.

    Attributes:
        printers: In the shop file's order; those that have a quality and a material.
        warnings: What works and is probably not meant.
    """

    shop: Shop
    printers: tuple[PrinterPresets, ...]
    warnings: tuple[Fault, ...]

    def density_g_cm3(self, material: str) -> Decimal:
        """As the first printer that has the material states it."""
        first = next(each for each in self.printers if material in each.filaments)
        return Decimal(first.filaments[material].text("filament_density"))


def load_presets(shop: Shop) -> LoadedShop:
    """Reads and checks the presets that a shop refers to.

    Raises:
        ShopError: Something is wrong; all of it is named.
    """
    with localcontext(EXACT):
        return _Loading(shop).loaded()


class _Loading:
    """Loads one shop's presets; each file is read and judged once, whoever refers to it."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._reader = PresetReader(shop.folder)
        self._judged: set[Path] = set()
        self._faults: dict[Fault, None] = {}
        self._warnings: dict[Fault, None] = {}

    def loaded(self) -> LoadedShop:
        printers = [self._printer(printer) for printer in self._shop.printers]
        for printer in filter(None, printers):
            self._note(override_faults(self._shop.overrides, printer.processes.values()))
        if self._faults:
            raise ShopError(self._reader.located(self._faults))
        warnings = (*self._shop.warnings, *self._reader.located(self._warnings))
        return LoadedShop(self._shop, tuple(filter(None, printers)), warnings)

    def _printer(self, printer: Printer) -> PrinterPresets | None:
        machine = self._read(printer.preset, ProfileKind.MACHINE)
        processes = {
            quality.id: process
            for quality in self._shop.qualities
            if printer.id in quality.presets
            and (process := self._read(quality.presets[printer.id], ProfileKind.PROCESS))
        }
        filaments = {
            material.id: filament
            for material in self._shop.materials
            if printer.id in material.presets
            and (filament := self._read(material.presets[printer.id], ProfileKind.FILAMENT))
        }
        for quality_id, process in processes.items():
            thickness = self._shop.quality(quality_id).layer_thickness
            self._note(process_faults(process, thickness))
        for filament in filaments.values():
            if filament.path not in self._judged:  # twenty printers may share it
                self._judged.add(filament.path)
                self._note(filament_faults(filament))
                self._warnings.update(dict.fromkeys(filament_cautions(filament)))
        if machine is None:
            return None
        volume = self._machine(machine, processes, filaments)
        if volume is None or not (processes and filaments):
            return None
        return PrinterPresets(
            printer.id,
            printer.name,
            self._engine(printer, machine),
            machine,
            volume,
            MappingProxyType(processes),
            MappingProxyType(filaments),
        )

    def _machine(
        self, machine: Profile, processes: Mapping[str, Profile], filaments: Mapping[str, Profile]
    ) -> BuildVolume | None:
        before = len(self._faults)
        self._note(machine_faults(machine))
        for preset in (*processes.values(), *filaments.values()):
            self._note(machine_fit_faults(preset, machine))
        for process in processes.values():
            self._note(lines_faults(process, machine))
        if len(self._faults) == before:
            self._caution(machine, processes, filaments)
        try:
            excluded_areas(machine)
            volume = build_volume(machine)
        except ShopError as error:
            self._note(error.faults)
            return None
        self._warnings.update(dict.fromkeys(bed_cautions(machine, volume)))
        return volume

    def _caution(
        self, machine: Profile, processes: Mapping[str, Profile], filaments: Mapping[str, Profile]
    ) -> None:
        warnings = [*limit_cautions(machine, processes.values())]
        for process in processes.values():
            warnings += line_cautions(process, machine)
        for filament in list(filaments.values())[:1]:
            warnings += start_cautions(machine, filament)
        self._warnings.update(dict.fromkeys(warnings))

    def _engine(self, printer: Printer, machine: Profile) -> str | None:
        if machine.format is not PresetFormat.PRUSA:
            return printer.engine
        if printer.engine not in {None, "prusa"}:
            message = f'.ini presets are PrusaSlicer\'s; write engine = "prusa" for {printer.id}.'
            self._note([machine.fault("", message)])
        return "prusa"

    def _read(self, name: str, kind: ProfileKind) -> Profile | None:
        try:
            return self._reader.read(name, kind)
        except ShopError as error:
            self._note(error.faults)
            return None

    def _note(self, faults: Iterator[Fault] | tuple[Fault, ...] | list[Fault]) -> None:
        self._faults.update(dict.fromkeys(faults))
