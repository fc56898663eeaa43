"""Reads a preset of PrusaSlicer's: one flattened preset, `key = value` on each line.

PrusaSlicer's command line drops keys that it does not know and uses defaults for what is missing.
So a file that is not one whole preset of the kind that the shop file says is a fault.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.presets.file import PresetFormat, Profile, ProfileKind

_PARENT = (
    "names a parent, which PrusaSlicer's command line never reads: "
    "copy the parent's keys into this file and take inherits out."
)
# A key that only a preset of this kind has, and that each of them states.
_MARKS = {
    ProfileKind.MACHINE: "nozzle_diameter",
    ProfileKind.PROCESS: "layer_height",
    ProfileKind.FILAMENT: "filament_diameter",
}
_NAMES = {
    ProfileKind.MACHINE: "printer_settings_id",
    ProfileKind.PROCESS: "print_settings_id",
    ProfileKind.FILAMENT: "filament_settings_id",
}


def read_prusa(path: Path, content: bytes, kind: ProfileKind) -> Profile:
    """Reads one file and checks it by itself.

    Raises:
        ShopError: It is no preset of this kind, not flattened, or would run a program.
    """
    values: dict[str, str] = {}
    faults = list(_read_lines(str(path), content, values))
    if not faults:
        faults = [
            Fault(str(path), key, None, message) for key, message in _content_faults(values, kind)
        ]
    if faults:
        raise ShopError(faults)
    name = values.get(_NAMES[kind], "").strip('"') or path.stem
    return Profile(kind, name, path, MappingProxyType(values), PresetFormat.PRUSA)


def _read_lines(file: str, content: bytes, values: dict[str, str]) -> Iterator[Fault]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        yield Fault(file, "", None, "is not UTF-8 text.")
        return
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line[0] in "#;":
            continue
        key, equals, value = (part.strip() for part in line.partition("="))
        if line.startswith("["):
            message = "begins a section: a bundle holds many presets; write each to a file."
            yield Fault(file, line, number, message)
        elif not (equals and key):
            yield Fault(file, "", number, "is no line of the form `key = value`.")
        elif values.setdefault(sys.intern(key), sys.intern(value)) != value:
            yield Fault(file, key, number, "stands here twice, with different values.")


def _content_faults(values: Mapping[str, str], kind: ProfileKind) -> Iterator[tuple[str, str]]:
    for other, mark in _MARKS.items():
        if other is kind and mark not in values:
            yield mark, f"is missing; a {kind} preset states it."
        if other is not kind and mark in values:
            yield mark, f"belongs in a {other} preset: write the three presets to three files."
    if values.get("inherits"):
        yield "inherits", _PARENT
    if values.get("post_process", "").strip('"; '):
        yield "post_process", "names a program; a preset for pricing must not run anything."
