"""PrusaSlicer 2.5.0's options and settings: kinds, defaults, ini files, ranges.

`settings.json` holds what `--save` and the config block of the real 2.5.0 show, with the kind of
each setting: whether it is a switch, and what its value must look like.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.fakes import grammar
from tests.fakes.grammar import BadCommandLine

_SWITCHES = [
    "config_compatibility",
    "dont_arrange",
    "ensure_on_bed",
    "export_3mf",
    "export_amf",
    "export_gcode",
    "export_obj",
    "export_sla",
    "export_stl",
    "gcodeviewer",
    "help",
    "help_fff",
    "help_sla",
    "ignore_nonexistent_config",
    "info",
    "merge",
    "repair",
    "single_instance",
    "slice",
    "split",
]
_WITH_VALUE = [
    "align_xy",
    "center",
    "cut",
    "datadir",
    "duplicate",
    "duplicate_grid",
    "load",
    "loglevel",
    "output",
    "rotate",
    "rotate_x",
    "rotate_y",
    "save",
    "scale",
    "scale_to_fit",
]
_SHORT = {"g": "export_gcode", "gcode": "export_gcode", "h": "help", "m": "merge", "o": "output"}
_SHORT |= {"s": "slice"}
# Settings that are no options of the command line.
_HIDDEN = {"printer_model", "threads"}
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_RANGES = {
    "fill_density": (0.0, 100.0),
    "filament_density": (0.0, 1e9),
    "filament_diameter": (0.0, 1e9),
    "first_layer_height": (1e-6, 1e9),
    "layer_height": (1e-6, 1e9),
    "perimeters": (0.0, 10000.0),
}

SETTINGS: dict[str, tuple[str, str]] = {
    name: (kind, default)
    for name, (kind, default) in json.loads(
        Path(__file__).with_name("settings.json").read_text(encoding="utf-8")
    ).items()
}


class BadConfig(Exception):
    """The program refuses the settings; the text goes to stderr."""


class CommandLine:
    """A parsed command line."""

    def __init__(self) -> None:
        self.own: dict[str, list[str]] = {}
        self.overrides: dict[str, str] = {}
        self.inputs: list[str] = []

    def has(self, name: str) -> bool:
        """Whether one of the program's own options was given (and not as `=0`)."""
        return self.own.get(name, ["0"])[-1] != "0"

    def text(self, name: str, default: str = "") -> str:
        """The last value of one of the program's own options."""
        return self.own.get(name, [default])[-1]


def parse(arguments: list[str], version: str) -> CommandLine:
    """Reads the arguments (without the program's name).

    Raises:
        BadCommandLine: An option is unknown or has no or a wrong value.
    """
    line = CommandLine()

    def takes_value(spelled: str) -> bool:
        return not _is_switch(_known(spelled, version)[0])

    for spelled, text in grammar.read(arguments, takes_value):
        if not spelled:
            line.inputs.append(text)
            continue
        name, negated = _known(spelled, version)
        value = text or ("0" if negated else "1") if _is_switch(name) else text
        if name not in SETTINGS:
            line.own.setdefault(name, []).append(value)
            continue
        try:
            line.overrides[name] = checked(name, value)
        except ValueError:
            raise BadCommandLine(f"Invalid value supplied for --{spelled}") from None
    return line


def merged(line: CommandLine) -> dict[str, str]:
    """All settings: defaults, then each ini file, then the command line.

    Raises:
        BadConfig: A file is missing or unreadable, or a value is out of its range.
    """
    values = {name: default for name, (_, default) in SETTINGS.items()}
    for path in line.own.get("load", []):
        values |= _ini(path, quiet=line.has("ignore_nonexistent_config"))
    values |= line.overrides
    for name, (low, high) in _RANGES.items():
        found = number(values, name)
        # Below 1, a density without a percent sign is a share; above, it is out of range.
        share_only = name == "fill_density" and not values[name].endswith("%")
        if not low <= found <= (1.0 if share_only else high):
            raise BadConfig(f"error: Value out of range: {name}\n")
    if values["fill_density"] == "100%" and values["fill_pattern"] not in {
        "rectilinear",
        "alignedrectilinear",
        "monotonic",
        "concentric",
    }:
        raise BadConfig(
            "error: The selected fill pattern is not supposed to work at 100% density\n"
        )
    return values


def number(values: dict[str, str], name: str, percent_of: float = 100.0) -> float:
    """The first number of a setting; a percentage is taken of `percent_of`."""
    found = _NUMBER.match(values[name] or "0")
    share = percent_of / 100 if "%" in values[name] else 1.0
    return float(found[1]) * share if found else 0.0


def checked(name: str, text: str) -> str:
    """The value as the config block shows it.

    Raises:
        ValueError: It is none of the setting's kind.
    """
    kind = SETTINGS[name][0]
    if kind in {"number", "percent", "number_or_percent"}:
        found = _NUMBER.match(text)
        if not found:
            raise ValueError(text)
        # A list, such as the temperatures of several extruders, stays as it is.
        return text if "," in text else f"{float(found[1]):g}" + ("%" if "%" in text else "")
    if kind == "bool" and not set(text) <= set("01,"):
        return SETTINGS[name][1]
    return text


def _known(spelled: str, version: str) -> tuple[str, bool]:
    """The internal name, and whether a `no-` before it negates it."""
    name = _SHORT.get(spelled, spelled.replace("-", "_"))
    for candidate, negated in ((name, False), (name.removeprefix("no_"), True)):
        known = candidate in _SWITCHES or candidate in _WITH_VALUE or candidate in SETTINGS
        hidden = candidate in _HIDDEN and not (candidate == "threads" and version >= "2.6")
        if known and not hidden and (not negated or _is_switch(candidate)):
            return candidate, negated
    raise BadCommandLine(f"Unknown option --{spelled}")


def _is_switch(name: str) -> bool:
    return name in _SWITCHES or SETTINGS.get(name, ("", ""))[0] == "bool"


def _ini(path: str, *, quiet: bool) -> dict[str, str]:
    if not Path(path).is_file():
        if quiet:
            return {}
        raise BadConfig(f"No such file: {path}\n")
    values: dict[str, str] = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        name, equals, text = (part.strip() for part in line.partition("="))
        if not equals or line.startswith(("#", ";", "[")) or name not in SETTINGS:
            continue
        try:
            values[name] = checked(name, text)
        except ValueError:
            raise BadConfig(
                f'Error while reading config file "{path}": Failed loading configuration file'
                f' "{path}": Invalid value provided for parameter {name}: {text}\n'
            ) from None
    return values
