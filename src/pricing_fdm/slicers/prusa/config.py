"""PrusaSlicer's configuration for a slice.

PrusaSlicer's own presets are joined. OrcaSlicer's are translated: `dictionary.toml` says what each
key becomes. What PrusaSlicer cannot do is refused and not dropped, or the price would be that of
another print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.presets.file import PresetFormat, Profile, ProfileKind
from pricing_fdm.slicers.presets.source import Source
from pricing_fdm.slicers.prusa.dictionary import dictionary, prusa_key
from pricing_fdm.slicers.prusa.values import CONVERTERS, LAYER_COUNT, percentage, word

# What the presets of a shop may say and a slice for a price must not: programs, pictures, a G-code
# that is no text.
_ALWAYS = {"post_process": "", "thumbnails": "", "binary_gcode": "0"}


def prusa_config(presets: ChosenPresets) -> dict[str, str]:
    """The configuration that three presets make.

    Returns:
        Key and value as they stand in an ini file that `--load` takes (`key = value`).

    Raises:
        ShopError: A value is missing or PrusaSlicer cannot do it; all of them are named.
    """
    if presets.machine.format is PresetFormat.PRUSA:
        return _joined(presets)
    return _translated(Source(presets.all))


def overridden(presets: ChosenPresets, overrides: Mapping[str, str]) -> ChosenPresets:
    """The presets with other values, named in OrcaSlicer's keys, in the process.

    Raises:
        ShopError: PrusaSlicer cannot do one of them.
    """
    if not overrides or presets.machine.format is PresetFormat.ORCA:
        return presets.with_process_values(overrides)
    asked = Profile(ProfileKind.PROCESS, "request", Path("overrides"), {**overrides})
    source = Source((asked, *presets.all))
    values: dict[str, str] = {}
    faults: list[Fault] = []
    for key in overrides:
        try:
            name = override_key(key)
            values[name] = _converted(source, key, dictionary()["keys"][key])
        except ShopError as error:
            faults += error.faults
    if faults:
        raise ShopError(faults)
    return presets.with_process_values(values)


def override_key(key: str) -> str:
    """PrusaSlicer's name for a setting that a request changes.

    Raises:
        ShopError: It has none.
    """
    if key not in dictionary()["keys"]:
        raise ShopError((Fault("overrides", key, None, "PrusaSlicer has no such setting."),))
    return prusa_key(dictionary()["keys"][key])


def _joined(presets: ChosenPresets) -> dict[str, str]:
    """PrusaSlicer's own presets as one configuration, which prints the number of layers."""
    config = {key: str(value) for each in presets.all for key, value in each.values.items()}
    end_gcode = rf"\n{LAYER_COUNT}".join((config.get("end_gcode", ""), ""))
    return {**config, **_ALWAYS, "end_gcode": end_gcode}


def _translated(source: Source) -> dict[str, str]:
    config: dict[str, str] = {}
    faults: list[Fault] = []
    for key, row in dictionary()["keys"].items():
        try:
            config[prusa_key(row)] = _converted(source, key, row)
        except ShopError as error:
            faults += error.faults
    for key, only in dictionary()["only"].items():
        try:
            faults += _other_than(source, key, only)
        except ShopError as error:
            faults += error.faults
    if faults:
        raise ShopError(faults)
    return {**config, **dictionary()["always"]}


def _converted(source: Source, key: str, row: str | Mapping[str, Any]) -> str:
    if isinstance(row, str):
        return source.text(key)
    if "by" in row:
        return CONVERTERS[row["by"]](source, key)
    if "percent_of" in row:
        return percentage(source, key, row["percent_of"])
    same_words = {each: each for each in row.get("same_words", ())}
    return word(source, key, {**row.get("words", {}), **same_words})


def _other_than(source: Source, key: str, only: str) -> Iterator[Fault]:
    value = source.text(key)
    if value != only:
        message = f"is {value or 'empty'}; PrusaSlicer can only do {only or 'empty'}."
        yield from source.error(key, message).faults
