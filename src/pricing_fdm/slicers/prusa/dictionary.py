"""The dictionary from OrcaSlicer's keys to PrusaSlicer's; its tables are in `dictionary.toml`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

_GCODE_CONVERTERS = frozenset({"gcode", "quoted_gcode", "end_gcode"})


@functools.cache
def dictionary() -> Mapping[str, Mapping[str, Any]]:
    """The tables of `dictionary.toml`, by name."""
    return tomllib.loads(files(__package__).joinpath("dictionary.toml").read_text("utf-8"))


def prusa_key(row: str | Mapping[str, Any]) -> str:
    """PrusaSlicer's key in a row of the dictionary."""
    return row if isinstance(row, str) else str(row["to"])


@functools.cache
def prusa_name(key: str) -> str:
    """What PrusaSlicer calls a key of OrcaSlicer's; the key itself where it has no other name."""
    row = dictionary()["keys"].get(key)
    return key if row is None else prusa_key(row)


def orca_name(key: str) -> str:
    """What OrcaSlicer calls a key of PrusaSlicer's; the key itself where it has no other name."""
    return _orca_names().get(key, key)


@functools.cache
def _orca_names() -> Mapping[str, str]:
    return {prusa_key(row): key for key, row in dictionary()["keys"].items()}


@functools.cache
def is_gcode(key: str) -> bool:
    """Whether a key of OrcaSlicer's holds G-code."""
    row = dictionary()["keys"].get(key)
    return isinstance(row, Mapping) and row.get("by") in _GCODE_CONVERTERS
