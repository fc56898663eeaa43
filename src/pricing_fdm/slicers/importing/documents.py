"""Finds the presets in a text, and from its content which slicer's and of which kind they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.importing.contents import Text
from pricing_fdm.slicers.importing.gcode_block import orca_value
from pricing_fdm.slicers.importing.kinds import is_list, is_of_project, kind_of, likeliest_kind
from pricing_fdm.slicers.library.bundle import parse_bundle, quoted_names
from pricing_fdm.slicers.library.inheritance import RawPreset
from pricing_fdm.slicers.library.orca import OF_THE_FILE, accepted
from pricing_fdm.slicers.library.prusa import KINDS
from pricing_fdm.slicers.library.snapshot import NAME_KEYS
from pricing_fdm.slicers.presets.file import PresetFormat, ProfileKind, Value

# Each preset of a kind states it, and no other does: of OrcaSlicer's and of PrusaSlicer's.
_MARKS = {
    ProfileKind.MACHINE: "nozzle_diameter",
    ProfileKind.PROCESS: "layer_height",
    ProfileKind.FILAMENT: "filament_diameter",
}
_OF_A_BUNDLE = frozenset({"inherits", "renamed_from", "alias"})
_VERSION = "version"


@dataclass(frozen=True, slots=True)
class FoundPreset:
    """A preset of a file, not flattened yet.

    Attributes:
        together: The printer whose settings stand in the same file, and were used with these; empty
            for a preset that stands alone.
        made_with: The slicer and its version; empty where the file does not tell.
    """

    format: PresetFormat
    kind: ProfileKind
    raw: RawPreset
    together: str
    made_with: str


def presets_in(text: Text, remarks: list[str]) -> Iterator[FoundPreset]:
    """The presets of a text.

    Args:
        text: Of a file.
        remarks: Gets what is passed over.

    Raises:
        ShopError: It holds none, or one that cannot be told.
    """
    if text.settings_of is PresetFormat.ORCA:
        yield from _orca_settings(text)
    elif text.content.lstrip().startswith("{"):
        yield from _orca_json(text, remarks)
    else:
        yield from _prusa(text, remarks)


def _orca_settings(text: Text) -> Iterator[FoundPreset]:
    # OrcaSlicer repeats keys of the project, such as where the prime tower stands.
    pairs = (line.partition("=") for line in text.content.splitlines())
    lines = {key.strip(): value.strip() for key, _, value in pairs}
    values = {k: orca_value(v, is_list=is_list(k, kind_of(_ORCA, k))) for k, v in lines.items()}
    return _together(text, _ORCA, values, text.made_with)


def _orca_json(text: Text, remarks: list[str]) -> Iterator[FoundPreset]:
    content = _object(text)
    values = {key: accepted(content[key]) for key in sorted(content.keys() - OF_THE_FILE)}
    for key, value in values.items():
        if value is None:
            remarks.append(f"{text.file}: {key} is no text; OrcaSlicer ignores it")
    kept = {key: value for key, value in values.items() if value is not None}
    kind = _kind(text, _ORCA, kept, str(content.get("type", "")))
    if kind is None:
        yield from _together(text, _ORCA, kept, _version(content))
        return
    parent = str(content.get("inherits") or "")
    name = str(content.get("name") or text.stem)
    raw = RawPreset(name, text.file, (parent,) if parent else (), kept)
    yield FoundPreset(_ORCA, kind, raw, together="", made_with=_version(content))


def _prusa(text: Text, remarks: list[str]) -> Iterator[FoundPreset]:
    bundle = parse_bundle(text.file, text.content)
    alone = bundle.sections["", ""]
    if alone:
        kind = _kind(text, _PRUSA, alone, "")
        if kind is None:
            yield from _together(text, _PRUSA, alone, text.made_with)
        else:
            name = alone.get(NAME_KEYS[kind], "").strip('"') or text.stem
            yield _of_prusa(text, kind, name, alone)
    words = {word: kind for kind, word in KINDS.items()}
    for (word, name), section in bundle.sections.items():
        if word in words:
            yield _of_prusa(text, words[word], name, section)
        elif word == "physical_printer":
            remarks.append(f"{text.file}: {name} is left out: it says how to reach a printer")


def _of_prusa(text: Text, kind: ProfileKind, name: str, section: Mapping[str, str]) -> FoundPreset:
    values = {key: value for key, value in section.items() if key not in _OF_A_BUNDLE}
    parents = quoted_names(section.get("inherits", ""))
    raw = RawPreset(name, text.file, parents, values)
    return FoundPreset(_PRUSA, kind, raw, together="", made_with=text.made_with)


def _together(
    text: Text,
    slicer: PresetFormat,
    values: Mapping[str, Value],
    made_with: str,
) -> Iterator[FoundPreset]:
    """The three presets that settings were made of; of several filaments the first."""
    printer = _first(values.get(NAME_KEYS[ProfileKind.MACHINE], "")) or text.stem
    for kind in ProfileKind:
        own = {
            key: _first_element(value) if kind is ProfileKind.FILAMENT else value
            for key, value in values.items()
            if kind_of(slicer, key) is kind
            and not is_of_project(slicer, key)
            and key not in NAME_KEYS.values()
            and not key.startswith(("compatible_", "inherits"))
        }
        if _MARKS[kind] not in own:
            raise _error(text, f"states no {_MARKS[kind]}, which a {kind} preset has.")
        name = _first(values.get(NAME_KEYS[kind], "")) or text.stem
        raw = RawPreset(name, text.file, (), own)
        yield FoundPreset(slicer, kind, raw, together=printer, made_with=made_with)


def _kind(
    text: Text, slicer: PresetFormat, values: Mapping[str, Value], stated: str
) -> ProfileKind | None:
    """Of a preset; None where the settings are those of all three.

    Raises:
        ShopError: They are those of none.
    """
    if stated in {*ProfileKind}:
        return ProfileKind(stated)
    # As import_json_presets in OrcaSlicer's PresetBundle.cpp: by the key for a preset's own name.
    named = [kind for kind, key in NAME_KEYS.items() if key in values]
    marks = named or [kind for kind, mark in _MARKS.items() if mark in values]
    if len(marks) > 1:
        return None
    kind = next(iter(marks), None) or likeliest_kind(slicer, values.keys())
    if kind is None or stated:
        raise _error(text, "is no preset of OrcaSlicer's or PrusaSlicer's.")
    return kind


def _object(text: Text) -> dict[str, Any]:
    message = "is no JSON object."
    try:
        if isinstance(content := json.loads(text.content), dict):
            return content
    except (ValueError, RecursionError):
        message = "is not JSON."
    raise _error(text, message)


def _version(values: Mapping[str, Any]) -> str:
    """Bambu Studio's presets are the same files, so the slicer cannot be told."""
    version = values.get(_VERSION)
    return f"version {version}" if isinstance(version, str) and version else ""


def _first_element(value: Value) -> Value:
    return value if isinstance(value, str) else value[:1]


def _first(value: Value) -> str:
    texts = (value,) if isinstance(value, str) else value
    return next(iter(texts), "").strip('"')


def _error(text: Text, message: str) -> ShopError:
    return ShopError((Fault(text.file, "", None, message),))


_ORCA, _PRUSA = PresetFormat.ORCA, PresetFormat.PRUSA
