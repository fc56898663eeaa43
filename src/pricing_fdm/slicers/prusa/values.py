"""How a value of OrcaSlicer's is written for PrusaSlicer.

A converter gets the profiles and OrcaSlicer's key, and returns the text of an ini line. A value
that PrusaSlicer does not know is an error: it would take its default instead and say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.slicers.presets.line_width import line_width, share
from pricing_fdm.slicers.presets.source import Source

_ALL = Decimal(100)
LAYER_COUNT = "; total layers count = {layer_num + 1}"
"""A line of the end G-code that PrusaSlicer completes."""


def word(source: Source, key: str, words: Mapping[str, str]) -> str:
    """A value out of a fixed set; any other is refused."""
    value = source.text(key)
    if value not in words:
        raise source.error(key, f"is {value}; PrusaSlicer can only be told {', '.join(words)}.")
    return words[value]


def percentage(source: Source, key: str, base: str) -> str:
    """A figure that may be a percentage of another key's, as a plain figure."""
    value = source.text(key)
    if not value.endswith("%"):
        return value
    return share(source.number(key, value[:-1]), source.number(base))


def _nozzle_width(source: Source, key: str) -> str:
    """Top surfaces and support: one nozzle where nothing is stated."""
    return line_width(source, key, _ALL)


def _overhang_speed(source: Source, key: str) -> str:
    """Zero means no slowing down: the speed of the outer wall."""
    speed = percentage(source, key, "outer_wall_speed")
    return speed if source.number(key, speed) else source.text("outer_wall_speed")


def _shrinkage(source: Source, key: str) -> str:
    """OrcaSlicer states the size that is left (98 %), PrusaSlicer the loss (2 %)."""
    left = source.number(key, source.text(key).removesuffix("%"))
    return f"{share(EXACT.subtract(_ALL, left), _ALL)}%"


def _points(source: Source, key: str) -> str:
    return ",".join(source.texts(key))


def _gcode(source: Source, key: str) -> str:
    """On one line: line breaks and backslashes escaped."""
    return _escaped(source.text(key))


def _quoted_gcode(source: Source, key: str) -> str:
    """PrusaSlicer keeps a list of a filament's G-code, so it stands in quotes."""
    return '"' + _escaped(source.text(key)).replace('"', r"\"") + '"'


def _end_gcode(source: Source, key: str) -> str:
    """The end G-code, and a line that states the number of layers.

    OrcaSlicer prints that line by itself. PrusaSlicer prints it where we put it: near the end of
    the file, where the other figures are read.
    """
    return _escaped("\n".join(filter(None, (source.text(key), LAYER_COUNT))))


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\r", r"\r").replace("\n", r"\n")


CONVERTERS: Mapping[str, Callable[[Source, str], str]] = {
    "line_width": line_width,
    "nozzle_width": _nozzle_width,
    "overhang_speed": _overhang_speed,
    "shrinkage": _shrinkage,
    "points": _points,
    "gcode": _gcode,
    "quoted_gcode": _quoted_gcode,
    "end_gcode": _end_gcode,
}
"""By their names in `dictionary.toml`."""
