"""PrusaSlicer's configuration, translated from the same three profiles that OrcaSlicer gets.

OrcaSlicer's profiles are the one source; `dictionary.toml` says what each key becomes. What
PrusaSlicer cannot do is refused and not dropped, or the price would be that of another print.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.presets.file import ProfileError
from pricing_fdm.slicers.presets.source import Source
from pricing_fdm.slicers.prusa.values import CONVERTERS, percentage, word


@functools.cache
def dictionary() -> Mapping[str, Mapping[str, Any]]:
    """The tables of `dictionary.toml`, by name."""
    return tomllib.loads(files(__package__).joinpath("dictionary.toml").read_text("utf-8"))


def prusa_config(presets: ChosenPresets) -> dict[str, str]:
    """Translates three presets.

    Returns:
        Key and value as they stand in an ini file that `--load` takes (`key = value`).

    Raises:
        ProfileError: A value is missing or PrusaSlicer cannot do it; all of them are named.
    """
    source = Source(presets.all)
    config: dict[str, str] = {}
    faults: list[str] = []
    for key, row in dictionary()["keys"].items():
        try:
            config[prusa_key(row)] = _converted(source, key, row)
        except ProfileError as error:
            faults += _located(source, key, error.faults)
    for key, only in dictionary()["only"].items():
        try:
            faults += _located(source, key, _other_than(source, key, only))
        except ProfileError as error:
            faults += _located(source, key, error.faults)
    if faults:
        raise ProfileError(tuple(faults))
    return {**config, **dictionary()["always"]}


def prusa_key(row: str | Mapping[str, Any]) -> str:
    """PrusaSlicer's key in a row of the dictionary."""
    return row if isinstance(row, str) else str(row["to"])


def _converted(source: Source, key: str, row: str | Mapping[str, Any]) -> str:
    if isinstance(row, str):
        return source.text(key)
    if "by" in row:
        return CONVERTERS[row["by"]](source, key)
    if "percent_of" in row:
        return percentage(source, key, row["percent_of"])
    same_words = {each: each for each in row.get("same_words", ())}
    return word(source, key, {**row.get("words", {}), **same_words})


def _other_than(source: Source, key: str, only: str) -> Iterator[str]:
    value = source.text(key)
    if value != only:
        yield f"{key} is {value or 'empty'}; PrusaSlicer can only do {only or 'empty'}."


def _located(source: Source, key: str, faults: Iterator[str] | tuple[str, ...]) -> Iterator[str]:
    return (f"{source.file_of(key)}: {fault}" for fault in faults)
