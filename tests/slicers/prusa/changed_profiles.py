"""Bundled profiles with other values in memory."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.presets.loaded_shop import PrinterPresets


def changed(profiles: PrinterPresets, values: dict[str, str | tuple[str, ...]]) -> ChosenPresets:
    """Bundled profiles in which each given key is replaced where it stands."""
    chosen = profiles.chosen("standard", "pla")
    machine, process, filament = (
        replace(
            profile,
            values=MappingProxyType(
                {**profile.values, **{k: v for k, v in values.items() if k in profile.values}}
            ),
        )
        for profile in chosen.all
    )
    return ChosenPresets(machine, process, filament)
