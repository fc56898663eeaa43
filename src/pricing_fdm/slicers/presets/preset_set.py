"""The profiles of the printer that prices are made for: read, checked and hashed once, at start.

`load_profiles` reports everything that is wrong with a folder at once. Slices use what it returned;
a file that changes later has no effect until the next start.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import MappingProxyType

from pricing_fdm.model import BuildVolume, LayerThickness, Material, PrintSettings
from pricing_fdm.slicers.presets.bed import build_volume
from pricing_fdm.slicers.presets.checks import filament_faults, machine_faults, process_faults
from pricing_fdm.slicers.presets.file import Profile, ProfileError, ProfileKind, read_profile
from pricing_fdm.slicers.presets.index import (
    WRITE_COMMAND,
    Entry,
    read_index,
    sha256_of,
    write_index,
)
from pricing_fdm.slicers.presets.line_width import line_width_faults, outer_line_width_mm

__all__ = [
    "Profile",
    "ProfileError",
    "ProfileKind",
    "ProfileSet",
    "load_profiles",
    "write_index",
]

_HASH_LENGTH = 16


@dataclass(frozen=True, slots=True)
class ProfileSet:
    """One machine, with a process for every layer thickness and a filament for every material."""

    machine: Profile
    processes: Mapping[LayerThickness, Profile]
    filaments: Mapping[Material, Profile]
    build_volume: BuildVolume
    # Those computed so far; each takes half a millisecond.
    _hashes: dict[tuple[LayerThickness, Material], str] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def chosen(self, settings: PrintSettings) -> tuple[Profile, Profile, Profile]:
        """Machine, process and filament that `settings` select."""
        return (
            self.machine,
            self.processes[settings.layer_thickness],
            self.filaments[settings.material],
        )

    def density_g_cm3(self, material: Material) -> Decimal:
        """Density as the profile states it; the grams of every quote depend on it."""
        return Decimal(self.filaments[material].text("filament_density"))

    def diameter_mm(self, material: Material) -> Decimal:
        """Diameter of the filament."""
        return Decimal(self.filaments[material].text("filament_diameter"))

    def line_width_mm(self, settings: PrintSettings) -> float:
        """Width of the outermost line of a wall in the chosen process."""
        return outer_line_width_mm(self.machine, self.processes[settings.layer_thickness])

    def profile_hash(self, settings: PrintSettings) -> str:
        """Identifies the content of the three chosen profiles: 16 hex digits of a SHA-256.

        It covers names and values; the order of keys and white space do not matter.
        """
        choice = settings.layer_thickness, settings.material
        if choice not in self._hashes:
            self._hashes[choice] = _hash_of(self.chosen(settings))
        return self._hashes[choice]


def _hash_of(profiles: Iterable[Profile]) -> str:
    content = [{"kind": each.kind, "values": dict(each.values)} for each in profiles]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:_HASH_LENGTH]


def load_profiles(directory: Path) -> ProfileSet:
    """Reads and checks the profiles that `directory/index.json` names.

    Raises:
        ProfileError: Something is wrong; all of it is named at once.
    """
    index = read_index(directory)
    faults: list[str] = []
    read = partial(_read, directory, faults)
    machine = read(ProfileKind.MACHINE, index.machine)
    processes = {
        thickness: profile
        for thickness, entry in index.processes.items()
        if (profile := read(ProfileKind.PROCESS, entry))
    }
    filaments = {
        material: profile
        for material, entry in index.filaments.items()
        if (profile := read(ProfileKind.FILAMENT, entry))
    }
    for thickness, profile in processes.items():
        _examine(profile, partial(process_faults, thickness=thickness, machine=machine), faults)
        _examine(profile, partial(line_width_faults, machine=machine), faults)
    for profile in filaments.values():
        _examine(profile, filament_faults, faults)
    volume = None if machine is None else _examined_volume(machine, faults)
    if faults or machine is None or volume is None:
        raise ProfileError(tuple(faults))
    return ProfileSet(machine, MappingProxyType(processes), MappingProxyType(filaments), volume)


def _read(directory: Path, faults: list[str], kind: ProfileKind, entry: Entry) -> Profile | None:
    path = directory / entry.file
    try:
        profile = read_profile(path, kind)
    except ProfileError as error:
        faults.extend(error.faults)
        return None
    if sha256_of(path) != entry.sha256:
        faults.append(
            f"{entry.file}: differs from the hash in the index. "
            f"If the change is meant, run: {WRITE_COMMAND}"
        )
    return profile


def _examined_volume(machine: Profile, faults: list[str]) -> BuildVolume | None:
    _examine(machine, machine_faults, faults)
    try:
        return build_volume(machine)
    except ProfileError as error:
        faults.extend(error.faults)
        return None


def _examine(
    profile: Profile, check: Callable[[Profile], Iterable[str]], faults: list[str]
) -> None:
    try:
        faults.extend(f"{profile.path.name}: {fault}" for fault in check(profile))
    except ProfileError as error:
        faults.extend(error.faults)
