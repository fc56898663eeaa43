"""The profiles of the printer that prices are made for: read, checked and hashed once, at start.

`load_profiles` reports everything that is wrong with a folder at once. Slices use what it returned;
a file that changes later has no effect until the next start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import MappingProxyType

from pricing_fdm.model import BuildVolume, PrintSettings
from pricing_fdm.slicers.presets.bed import build_volume
from pricing_fdm.slicers.presets.checks import filament_faults, machine_faults, process_faults
from pricing_fdm.slicers.presets.chosen import ChosenPresets
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


@dataclass(frozen=True, slots=True)
class ProfileSet:
    """One machine, with a process for every layer thickness and a filament for every material."""

    machine: Profile
    processes: Mapping[int, Profile]
    filaments: Mapping[str, Profile]
    build_volume: BuildVolume
    # Those chosen so far, so that each is hashed once.
    _chosen: dict[tuple[int, str], ChosenPresets] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def chosen(self, settings: PrintSettings) -> ChosenPresets:
        """The presets that `settings` select."""
        return self._of(settings.quality.layer_thickness, settings.material)

    def all(self) -> Iterator[ChosenPresets]:
        """Every combination that can be chosen."""
        for thickness in self.processes:
            for material in self.filaments:
                yield self._of(thickness, material)

    def _of(self, thickness: int, material: str) -> ChosenPresets:
        if (thickness, material) not in self._chosen:
            self._chosen[thickness, material] = ChosenPresets(
                self.machine, self.processes[thickness], self.filaments[material]
            )
        return self._chosen[thickness, material]

    def density_g_cm3(self, material: str) -> Decimal:
        """Density as the profile states it; the grams of every quote depend on it."""
        return Decimal(self.filaments[material].text("filament_density"))

    def diameter_mm(self, material: str) -> Decimal:
        """Diameter of the filament."""
        return Decimal(self.filaments[material].text("filament_diameter"))

    def line_width_mm(self, settings: PrintSettings) -> float:
        """Width of the outermost line of a wall in the chosen process."""
        return outer_line_width_mm(self.machine, self.processes[settings.quality.layer_thickness])


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
