"""Reads and merges the profile files as OrcaSlicer 2.3.1 does, silent traps included.

`inherits` is not followed, numbers instead of strings are skipped, unknown keys vanish, and a
machine or process file without a name is read, checked, and then not merged: whatever is
missing becomes a built-in default without a word.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from tests.fakes import console
from tests.fakes.orca import settings
from tests.fakes.orca.report import (
    CONFIG_FILE_ERROR,
    FILE_NOT_FOUND,
    INVALID_PARAMS,
    INVALID_VALUES,
    NOT_COMPATIBLE,
    Refusal,
)
from tests.fakes.orca.validation import out_of_range

HEADER = [
    "type",
    "name",
    "from",
    "version",
    "url",
    "setting_id",
    "filament_id",
    "description",
    "instantiation",
    "is_custom_defined",
    "renamed_from",
]
_SOURCES = {"system", "User", "user"}
_RENAMED = {"chamber_temperatures": "chamber_temperature"}


class Profile(NamedTuple):
    """One file: its header and the settings it brings."""

    header: dict[str, str]
    values: settings.Settings
    inherits: str
    compatible_printers: list[str]

    @property
    def name(self) -> str:
        """The name, empty when the file states none."""
        return self.header.get("name", "")


def load_all(files: list[str], filament_files: list[str]) -> settings.Settings:
    """The settings that the files bring, merged and named; defaults are not filled in yet.

    Raises:
        Refusal: A file is missing (-3) or unusable (-5), or they do not fit together (-17).
    """
    machine = process = None
    for path in files:
        profile = _load(path, {"machine", "process", "filament"})
        kind = profile.header["type"]
        if (kind == "machine" and machine) or (kind == "process" and process):
            raise Refusal(CONFIG_FILE_ERROR, stderr=f"duplicate {kind} config file {path}\n")
        if kind == "machine":
            machine = profile
        elif kind == "process":
            process = profile
    filaments = [_load(path, {"filament"}) for path in filament_files if path]
    _check_fit(machine, process)
    return _merged(machine, process, filaments)


def completed(merged: settings.Settings, overrides: settings.Settings) -> settings.Settings:
    """Adds the command line's settings and the built-in defaults.

    Raises:
        Refusal: A value is out of its range (-18).
    """
    values = {name: settings.default(name) for name in settings.SCHEMA} | merged | overrides
    faults = out_of_range(values)
    if faults:
        raise Refusal(
            INVALID_VALUES,
            stderr="".join(f"{line}\n" for line in ["Param values in 3mf/config error: ", *faults]),
        )
    return values


def check_pairs(names: list[str], values: list[str]) -> None:
    """The metadata names and values must come in pairs."""
    if len(names) != len(values):
        raise Refusal(INVALID_PARAMS)


def _load(path: str, types: set[str]) -> Profile:
    if not Path(path).is_file():
        raise Refusal(FILE_NOT_FOUND, stderr=f"operator(): can not find setting file: {path}\n")
    content = _json(path)
    texts = {key: content[key] for key in HEADER if key in content}
    if not all(isinstance(text, str) for text in texts.values()):
        raise _unusable(path, "type must be string, but is number")
    source, kind = texts.get("from", ""), texts.get("type", "")
    if source not in _SOURCES:
        raise Refusal(
            CONFIG_FILE_ERROR, stderr=f"operator():file {path}'s from {source} unsupported"
        )
    if kind not in types:
        raise Refusal(
            CONFIG_FILE_ERROR,
            stderr=f"operator(): unknown config type {kind} of file {path} in load-settings",
        )
    compatible = content.get("compatible_printers", [])
    return Profile(
        header=texts,
        values=_values(path, content),
        inherits=str(content.get("inherits", "")),
        compatible_printers=compatible if isinstance(compatible, list) else [compatible],
    )


def _json(path: str) -> dict[str, Any]:
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except json.JSONDecodeError as fault:
        where = f"parse error at line {fault.lineno}, column {fault.colno}"
        reason = f"[json.exception.parse_error.101] {where}: syntax error while parsing value"
        console.log(
            "error",
            f"load_from_json: parse {path} got a nlohmann::detail::parse_error, reason = {reason}",
        )
        raise _can_not_load(path) from None
    if not isinstance(content, dict):
        raise _unusable(path, "cannot use operator[] with a string argument with array")
    return content


def _values(path: str, content: dict[str, Any]) -> settings.Settings:
    values: settings.Settings = {}
    for key, given in content.items():
        if key in HEADER:
            continue
        name = _RENAMED.get(key, key)
        shape = "array" if isinstance(given, list) else "type"
        texts = given if isinstance(given, list) else [given]
        if not all(isinstance(text, str) for text in texts):
            console.log(
                "error", f"load_from_json: parse {path} error, invalid json {shape} for {key}"
            )
        elif name in settings.SCHEMA:
            values[name] = _value(path, name, given)
    return values


def _value(path: str, name: str, given: str | list[str]) -> settings.Value:
    if settings.is_list(name):
        parts = given if isinstance(given, list) else settings.split_list(name, given)
        if "nil" in parts and settings.default(name) != ["nil"]:
            raise _unusable(path, "Deserializing nil into a non-nullable object")
        return [settings.read_element(name, part) for part in parts]
    text = ",".join(given) if isinstance(given, list) else given
    try:
        return settings.read_scalar(name, text)
    except settings.BadValue:
        if settings.element_kind(name) in {"bool", "enum"}:
            return settings.default(name)
        raise _unusable(path, f"Invalid value provided for parameter {name}: {text}") from None


def _check_fit(machine: Profile | None, process: Profile | None) -> None:
    if machine is None and process is None:
        return
    if machine and process:
        key = machine.name if machine.header["from"] == "system" else machine.inherits
        if key in process.compatible_printers or not machine.name:
            return
    raise Refusal(NOT_COMPATIBLE, log="run 2310: process not compatible with printer.")


def _merged(
    machine: Profile | None, process: Profile | None, filaments: list[Profile]
) -> settings.Settings:
    merged: settings.Settings = {}
    if machine and machine.name:
        merged |= machine.values | {"printer_settings_id": machine.name}
    if process and process.name:
        merged |= process.values | {
            "print_settings_id": process.name,
            "print_compatible_printers": process.compatible_printers,
        }
    for name in settings.SCHEMA:
        # Scalars in a filament file are skipped; of each array only the first value counts.
        if settings.is_list(name) and any(name in filament.values for filament in filaments):
            merged[name] = [_slot_value(filament, name) for filament in filaments]
    if filaments:
        merged["filament_settings_id"] = [filament.name for filament in filaments]
        merged["filament_ids"] = [f.header.get("filament_id", "") for f in filaments]
    return merged


def _slot_value(filament: Profile, name: str) -> str:
    value = filament.values.get(name) or settings.default(name)
    return value[0] if value else ""


def _unusable(path: str, reason: str) -> Refusal:
    console.log("error", f"load_from_json: parse {path} got a generic exception, reason = {reason}")
    return _can_not_load(path)


def _can_not_load(path: str) -> Refusal:
    return Refusal(CONFIG_FILE_ERROR, log=f"operator():Can not load config from file {path}\n")
