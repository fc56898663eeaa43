"""Which preset a setting belongs to, for files that hold the settings of all three in one list."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Collection
from importlib.resources import files

from pricing_fdm.slicers.presets.file import PresetFormat, ProfileKind

_TABLES = {PresetFormat.ORCA: "orca", PresetFormat.PRUSA: "prusa"}
_PROJECT, _LISTS = "project", "lists"
# Of settings that a later version has and we do not know.
_BEGINNINGS = {
    "filament_": ProfileKind.FILAMENT,
    **dict.fromkeys(
        ("extruder_", "machine_", "nozzle_", "printer_", "printhost_"), ProfileKind.MACHINE
    ),
}


def known_keys(slicer: PresetFormat, kind: ProfileKind) -> frozenset[str]:
    """The settings of a kind of preset."""
    return _tables()[_TABLES[slicer]][kind]


def is_of_project(slicer: PresetFormat, key: str) -> bool:
    """Whether a key says something of a plate and belongs in no preset."""
    return key in _tables()[_TABLES[slicer]][_PROJECT]


def is_list(key: str, kind: ProfileKind) -> bool:
    """Whether OrcaSlicer's presets hold a list there."""
    return kind is ProfileKind.FILAMENT or key in _tables()["orca"][_LISTS]


def kind_of(slicer: PresetFormat, key: str) -> ProfileKind:
    """Which preset a setting belongs to; of an unknown one, by its beginning."""
    for kind in ProfileKind:
        if key in known_keys(slicer, kind):
            return kind
    beginnings = (kind for beginning, kind in _BEGINNINGS.items() if key.startswith(beginning))
    return next(beginnings, ProfileKind.PROCESS)


def likeliest_kind(slicer: PresetFormat, keys: Collection[str]) -> ProfileKind | None:
    """The kind of preset that most of these settings belong to; None where none is known."""
    counts = {kind: len(known_keys(slicer, kind) & set(keys)) for kind in ProfileKind}
    best = max(counts, key=lambda kind: counts[kind])
    return best if counts[best] else None


@functools.cache
def _tables() -> dict[str, dict[str, frozenset[str]]]:
    text = files(__package__).joinpath("kinds.toml").read_text("utf-8")
    return {
        slicer: {name: frozenset(words.split()) for name, words in table.items()}
        for slicer, table in tomllib.loads(text).items()
    }
