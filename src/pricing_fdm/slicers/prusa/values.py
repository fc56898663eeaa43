"""How a value that OrcaSlicer takes is written for PrusaSlicer.

A converter gets the profiles and OrcaSlicer's key, and gives the text of an ini line. A value that
PrusaSlicer has no word for is an error: it would take its default instead and say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.slicers.presets.file import Profile, ProfileError

_AUTOMATIC_WIDTH_PERCENT = Decimal("112.5")
_WHOLE_PERCENT = Decimal(100)
_LAYER_COUNT = "; total layers count = {layer_num + 1}"


@dataclass(frozen=True, slots=True)
class Source:
    """The three profiles of a slice, asked as one; no key stands in two of them."""

    profiles: tuple[Profile, ...]

    def texts(self, key: str) -> tuple[str, ...]:
        """All elements of the value.

        Raises:
            ProfileError: No profile states it.
        """
        for profile in self.profiles:
            if found := profile.texts(key):
                return found
        raise ProfileError((f"{key} is missing; the two slicers assume different values.",))

    def text(self, key: str) -> str:
        """The value, or the first element of a list, which is all that one slot uses."""
        return self.texts(key)[0]

    def file_of(self, key: str) -> str:
        """The file that states `key`; where none does, all that could."""
        stating = [profile for profile in self.profiles if profile.texts(key)]
        return ", ".join(profile.path.name for profile in stating or self.profiles)

    def number(self, key: str, text: str | None = None) -> Decimal:
        """The value, or `text` as a part of it, as a number."""
        stated = self.text(key) if text is None else text
        try:
            return Decimal(stated)
        except InvalidOperation:
            raise ProfileError((f"{key} is {stated}, which is not a number.",)) from None


Convert = Callable[[Source, str], str]


def as_it_stands(source: Source, key: str) -> str:
    """The same text in both slicers."""
    return source.text(key)


def choice(renamed: Mapping[str, str], *same: str) -> Convert:
    """A value out of a fixed set: words of another name, then words that both slicers share.

    Any other value is refused.
    """
    words = {**renamed, **{word: word for word in same}}

    def convert(source: Source, key: str) -> str:
        value = source.text(key)
        if value not in words:
            raise ProfileError(
                (f"{key} is {value}; PrusaSlicer can only be told {', '.join(words)}.",)
            )
        return words[value]

    return convert


def percent_of(base: str) -> Convert:
    """A figure that may be a percentage of another key's, as a plain figure."""

    def convert(source: Source, key: str) -> str:
        value = source.text(key)
        if not value.endswith("%"):
            return value
        return _share(source.number(key, value[:-1]), source.number(base))

    return convert


def line_width(source: Source, key: str) -> str:
    """A line width in mm; 0 is the general width, and if that is 0 too 1.125 nozzles.

    Percentages are resolved: they are of the nozzle there and of the layer height here.
    """
    return _width(source, key, _AUTOMATIC_WIDTH_PERCENT)


def nozzle_width(source: Source, key: str) -> str:
    """A line width that is one nozzle where nothing is stated: top surfaces and support."""
    return _width(source, key, _WHOLE_PERCENT)


def overhang_speed(source: Source, key: str) -> str:
    """Zero means no slowing down: the speed of the outer wall."""
    speed = percent_of("outer_wall_speed")(source, key)
    return speed if source.number(key, speed) else source.text("outer_wall_speed")


def shrinkage(source: Source, key: str) -> str:
    """The size that is left (98 %) there, the loss (2 %) here."""
    left = source.number(key, source.text(key).removesuffix("%"))
    return f"{_plain(EXACT.subtract(_WHOLE_PERCENT, left))}%"


def points(source: Source, key: str) -> str:
    """A list of points."""
    return ",".join(source.texts(key))


def gcode(source: Source, key: str) -> str:
    """G-code on one line: line breaks and backslashes escaped."""
    return _escaped(source.text(key))


def quoted_gcode(source: Source, key: str) -> str:
    """G-code of a filament: PrusaSlicer keeps a list of it, so it stands in quotes."""
    return '"' + _escaped(source.text(key)).replace('"', r"\"") + '"'


def end_gcode(source: Source, key: str) -> str:
    """The end G-code, and a line that states the number of layers.

    OrcaSlicer prints that line by itself. PrusaSlicer can be made to, near the end of the file,
    where the other figures are read.
    """
    return _escaped("\n".join(filter(None, (source.text(key), _LAYER_COUNT))))


def _width(source: Source, key: str, automatic_percent: Decimal) -> str:
    nozzle = source.number("nozzle_diameter")
    for candidate in (key, "line_width"):
        value = source.text(candidate)
        if value.endswith("%"):
            return _share(source.number(candidate, value[:-1]), nozzle)
        if source.number(candidate, value):
            return value
    return _share(automatic_percent, nozzle)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\r", r"\r").replace("\n", r"\n")


def _share(percent: Decimal, whole: Decimal) -> str:
    return _plain(EXACT.divide(EXACT.multiply(percent, whole), _WHOLE_PERCENT))


def _plain(number: Decimal) -> str:
    return f"{number.normalize(EXACT):f}"
