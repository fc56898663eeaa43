"""PrusaSlicer's configuration, said from the same three profiles as OrcaSlicer's.

There is one source of truth, OrcaSlicer's profiles; the dictionary stands in `prusa_keys`,
`prusa_conversions` and `prusa_unsaid`. What cannot be said is refused, not dropped: PrusaSlicer
takes a default for what it is not told, ignores keys that it does not know, and replaces choices
that it does not know, always with exit code 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from pricing_fdm.model import LayerThickness, Material
from pricing_fdm.slicers.presets.preset_set import Profile, ProfileError, ProfileSet
from pricing_fdm.slicers.prusa.conversions import BEYOND, CONVERTED
from pricing_fdm.slicers.prusa.defaults import ONLY
from pricing_fdm.slicers.prusa.keys import SAME
from pricing_fdm.slicers.prusa.values import Convert, Source, as_it_stands

Choice: TypeAlias = tuple[LayerThickness, Material]


def prusa_config(machine: Profile, process: Profile, filament: Profile) -> dict[str, str]:
    """Translates three profiles.

    Returns:
        Key and value as they stand in an ini file that `--load` takes (`key = value`).

    Raises:
        ProfileError: A value is missing or cannot be said; all of them are named.
    """
    source = Source((machine, process, filament))
    config: dict[str, str] = {}
    faults: list[str] = []
    for orca_key, prusa_key, convert in _rows():
        try:
            config[prusa_key] = convert(source, orca_key)
        except ProfileError as error:
            faults.extend(f"{source.file_of(orca_key)}: {fault}" for fault in error.faults)
    faults.extend(_unsayable(source))
    if faults:
        raise ProfileError(tuple(faults))
    return {**config, **BEYOND}


def prusa_configs(profiles: ProfileSet) -> dict[Choice, dict[str, str]]:
    """Translates every combination, once and before the first request.

    Raises:
        ProfileError: What cannot be said, each fault once.
    """
    configs: dict[Choice, dict[str, str]] = {}
    faults: dict[str, None] = {}
    for thickness, process in profiles.processes.items():
        for material, filament in profiles.filaments.items():
            try:
                configs[thickness, material] = prusa_config(profiles.machine, process, filament)
            except ProfileError as error:
                faults.update(dict.fromkeys(error.faults))
    if faults:
        raise ProfileError(tuple(faults))
    return configs


def _rows() -> Iterator[tuple[str, str, Convert]]:
    for orca_key, prusa_key in SAME.items():
        yield orca_key, prusa_key, as_it_stands
    for orca_key, (prusa_key, convert) in CONVERTED.items():
        yield orca_key, prusa_key, convert


def _unsayable(source: Source) -> Iterator[str]:
    for key, only in ONLY.items():
        try:
            value = source.text(key)
        except ProfileError as error:
            yield from (f"{source.file_of(key)}: {fault}" for fault in error.faults)
        else:
            if value != only:
                yield (
                    f"{source.file_of(key)}: {key} is {value or 'empty'}; "
                    f"PrusaSlicer can only do {only or 'empty'}."
                )
