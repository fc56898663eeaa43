"""Which presets of a snapshot a shop can offer; the others are named with what they lack."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.library.matching import material_of
from pricing_fdm.slicers.library.snapshot import SnapshotFile
from pricing_fdm.slicers.presets.bed import build_volume
from pricing_fdm.slicers.presets.checks import (
    filament_faults,
    lines_faults,
    machine_faults,
    machine_fit_faults,
    process_faults,
)
from pricing_fdm.slicers.presets.file import Profile, ProfileKind
from pricing_fdm.slicers.presets.reading import PresetReader

_Key = TypeVar("_Key", bound=Hashable)

_UM_PER_MM = 1000
_HIGHEST_LAYER_MM = 10


@dataclass(frozen=True, slots=True)
class Usable:
    """What can be offered.

    Attributes:
        processes: By layer thickness in um; the vendor's default, or the first of its height.
        filaments: By the material's id; the vendor's default, a generic one, or the first.
        unused: Presets that are snapshots and stand in no entry, by name.
        remarks: Why a preset cannot be offered.
    """

    machine: Profile
    processes: Mapping[int, Profile]
    filaments: Mapping[str, Profile]
    unused: tuple[str, ...]
    remarks: tuple[str, ...]


def usable(files: Iterable[SnapshotFile], folder: Path, machine: Profile | None = None) -> Usable:
    """Reads the files as the service will.

    Args:
        files: The presets; the machine's first, where it is among them.
        folder: Of the shop.
        machine: The printer that they are for, where the shop has it.

    Raises:
        ShopError: The machine cannot be priced on, or no process or no filament can be used; for a
            printer that the shop has: none of both.
    """
    read, remarks = PresetReader(folder), list[str]()
    others, of_shop = list(files), machine is not None
    if machine is None:
        first, *others = others
        machine = read.read(str(first.path), first.kind)
        if faults := tuple(_machine_faults(machine)):
            raise ShopError(faults)
    good: dict[ProfileKind, list[Profile]] = {kind: [] for kind in ProfileKind}
    for each in others:
        try:
            good[each.kind].append(_faultless(read.read(str(each.path), each.kind), machine))
        except ShopError as error:
            remarks += [f"{each.preset.name}: {f.key}: {f.message}" for f in error.faults]
    processes = _first_by(good[ProfileKind.PROCESS], _thickness_um)
    filaments = _first_by(_generic_first(good[ProfileKind.FILAMENT]), _material)
    if not (processes or filaments if of_shop else processes and filaments):
        message = "no process or no filament of those found can be used with it."
        raise ShopError((machine.fault("", message), *(machine.fault("", r) for r in remarks)))
    chosen = {*(each.path for each in (*processes.values(), *filaments.values()))}
    unused = [each.name for kind in good.values() for each in kind if each.path not in chosen]
    return Usable(machine, processes, filaments, tuple(unused), tuple(remarks))


def _machine_faults(machine: Profile) -> Iterator[Fault]:
    yield from machine_faults(machine)
    try:
        build_volume(machine)
    except ShopError as error:
        yield from error.faults


def _faultless(preset: Profile, machine: Profile) -> Profile:
    if faults := tuple(_faults(preset, machine)):
        raise ShopError(faults)
    return preset


def _faults(preset: Profile, machine: Profile) -> Iterator[Fault]:
    yield from machine_fit_faults(preset, machine)
    if preset.kind is ProfileKind.FILAMENT:
        yield from filament_faults(preset)
    elif not 0 < (preset.number("layer_height") or 0) < _HIGHEST_LAYER_MM:
        yield preset.fault("layer_height", "is missing, or no height of a layer in mm.")
    else:
        yield from process_faults(preset, _thickness_um(preset))
        yield from lines_faults(preset, machine)


def _thickness_um(process: Profile) -> int:
    return int((process.number("layer_height") or Decimal(0)) * _UM_PER_MM)


def _material(filament: Profile) -> str:
    return material_of(filament.name, filament.text("filament_type"))


def _generic_first(filaments: list[Profile]) -> list[Profile]:
    """The vendor's default stays in front."""
    return filaments[:1] + sorted(filaments[1:], key=lambda each: "Generic" not in each.name)


def _first_by(presets: Iterable[Profile], key: Callable[[Profile], _Key]) -> dict[_Key, Profile]:
    found: dict[_Key, Profile] = {}
    for each in presets:
        found.setdefault(key(each), each)
    return found
