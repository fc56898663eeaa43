"""The settings OrcaSlicer 2.3.1 knows: kinds, built-in defaults, how values are read and written.

`settings.json` lists them: names, forms and most values come from the config block of a recorded
run; the defaults that bite are those of the documentation, the other ones are only plausible.
A value is held in the text form of `project_settings.config`: a string, or a list of strings.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TypeAlias

Value: TypeAlias = "str | list[str]"
Settings: TypeAlias = dict[str, "str | list[str]"]

# Settings that exist in profiles but are no options of the command line.
HIDDEN = frozenset(
    {
        "compatible_printers_condition",
        "default_print_profile",
        "different_settings_to_system",
        "filament_ids",
        "filament_vendor",
        "inherits_group",
        "print_compatible_printers",
        "printer_model",
        "printer_variant",
    }
)
_CHOICES = {
    "brim_type": (
        [
            "auto_brim",
            "no_brim",
            "outer_only",
            "inner_only",
            "outer_and_inner",
            "brim_ears",
            "painted",
        ]
    ),
    "gcode_flavor": ["marlin", "marlin2", "klipper", "reprapfirmware", "repetier"],
    "print_sequence": ["by layer", "by object"],
    "printer_technology": ["FFF", "SLA"],
    "sparse_infill_pattern": [
        "concentric",
        "zig-zag",
        "rectilinear",
        "grid",
        "line",
        "cubic",
        "triangles",
        "tri-hexagon",
        "gyroid",
        "honeycomb",
        "adaptivecubic",
        "alignedrectilinear",
        "3dhoneycomb",
        "supportcubic",
        "lightning",
        "crosshatch",
        "quartercubic",
        "2dlattice",
        "crosszag",
        "zigzag",
        "lockedzag",
    ],
    "support_type": ["normal(auto)", "tree(auto)", "normal(manual)", "tree(manual)"],
    "wall_generator": ["classic", "arachne"],
}
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_INTEGER = re.compile(r"\s*([-+]?\d+)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_NEEDS_QUOTES = re.compile(r'[ \t\n\r;"\\]')

SCHEMA: dict[str, tuple[str, Value]] = {
    name: (kind, default)
    for name, (kind, default) in json.loads(
        Path(__file__).with_name("settings.json").read_text(encoding="utf-8")
    ).items()
}


class BadValue(Exception):
    """A text is no value of its kind."""


def is_list(name: str) -> bool:
    """Whether the setting holds a list, one entry for each filament or axis mode."""
    return SCHEMA[name][0].endswith("s")


def element_kind(name: str) -> str:
    """The kind of one value: bool, int, float, percent, float_or_percent, enum, point, string."""
    return SCHEMA[name][0].removesuffix("s")


def default(name: str) -> Value:
    """The built-in value."""
    return SCHEMA[name][1]


def read_scalar(name: str, text: str) -> str:
    """The canonical form of one value.

    Raises:
        BadValue: The text is no value of the setting's kind.
    """
    kind = element_kind(name)
    if kind == "bool":
        return _one_of(text, ["0", "1"])
    if kind == "enum":
        return _one_of(text, _CHOICES.get(name, [text]))
    if kind == "int":
        return str(int(_matched(_INTEGER, text)))
    if kind in {"float", "percent", "float_or_percent"}:
        percent = kind == "percent" or (kind == "float_or_percent" and "%" in text)
        return f"{float(_matched(_NUMBER, text)):g}" + ("%" if percent else "")
    return text


def read_element(name: str, text: str) -> str:
    """The canonical form of one value in a list: what cannot be read becomes 0, silently."""
    if text == "nil":
        return text
    try:
        return read_scalar(name, text)
    except BadValue:
        return "0"


def split_list(name: str, text: str) -> list[str]:
    """The values of a list given as one text: strings part at `;`, others at `,`."""
    if element_kind(name) != "string":
        return [part.strip() for part in text.split(",")]
    return split_strings(text)


def split_strings(text: str) -> list[str]:
    """Splits at `;`; a part may stand in quotes, with C-style escapes inside.

    Raises:
        BadValue: A quote is not closed.
    """
    parts: list[str] = []
    rest = text
    while rest:
        quoted = _QUOTED.match(rest)
        if quoted:
            parts.append(_ESCAPE.sub(_unescaped, quoted[1]))
            rest = rest[quoted.end() :]
        elif rest.startswith('"'):
            raise BadValue(text)
        else:
            plain = rest.partition(";")[0]
            parts.append(plain)
            rest = rest[len(plain) :]
        if rest == ";":
            parts.append("")
        rest = rest[1:].lstrip(" ")
    return parts


def first(settings: Settings, name: str) -> str:
    """The first (or only) value of a setting."""
    value = settings[name]
    return (value[0] if value else "") if isinstance(value, list) else value


def number(settings: Settings, name: str, percent_of: float = 1.0) -> float:
    """The first value as a number; a percentage is taken of `percent_of`."""
    text = first(settings, name)
    found = float(_matched(_NUMBER, text or "0"))
    return found / 100 * percent_of if text.endswith("%") else found


def config_text(name: str, value: Value) -> str:
    """A value as the config block of the G-code shows it."""
    if not isinstance(value, list):
        return value.replace("\n", "\\n").replace("\r", "\\r")
    if element_kind(name) != "string":
        return ",".join(value)
    alone = len(value) == 1
    return ";".join(_quoted(text) if _quotes(text, alone=alone) else text for text in value)


def _quotes(text: str, *, alone: bool) -> bool:
    return (not text and alone) or bool(_NEEDS_QUOTES.search(text))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r") + '"'


def _unescaped(escape: re.Match[str]) -> str:
    return {"n": "\n", "r": "\r"}.get(escape[1], escape[1])


def _one_of(text: str, allowed: list[str]) -> str:
    if text not in allowed:
        raise BadValue(text)
    return text


def _matched(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    if not found:
        raise BadValue(text)
    return found[1]
