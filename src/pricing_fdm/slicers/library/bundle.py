"""Reads a vendor bundle of PrusaSlicer's: an ini file whose sections are presets.

    [printer:Original Prusa MINI & MINI+]
    inherits = *common*; *0.4nozzle*

Names in stars are parents only. `[printer_model:...]` names the filaments that the vendor offers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.shop.files import read_file
from pricing_fdm.slicers.library.inheritance import RawPreset

Section = dict[str, str]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The sections of a bundle, by kind and name."""

    file: str
    sections: Mapping[tuple[str, str], Section]

    def names(self, kind: str) -> list[str]:
        """Of all sections of a kind, as they stand in the file."""
        return [name for each, name in self.sections if each == kind]

    def preset(self, kind: str, name: str) -> RawPreset | None:
        """The preset of a section; None where there is none."""
        section = self.sections.get((kind, name))
        if section is None:
            return None
        values = {key: value for key, value in section.items() if key not in _OF_THE_BUNDLE}
        return RawPreset(name, self.file, _names(section.get("inherits", "")), values)

    def new_name(self, kind: str, old: str) -> str:
        """What a preset is called now that an owner's presets may still inherit from; or empty."""
        for each, name in self.sections:
            if each == kind and old in quoted_names(self.fact(kind, name, "renamed_from")):
                return name
        return ""

    def fact(self, kind: str, name: str, key: str) -> str:
        """A value of a section; empty where it is not stated."""
        return self.sections.get((kind, name), {}).get(key, "")


_OF_THE_BUNDLE = frozenset({"inherits", "renamed_from", "alias"})


def read_bundle(path: Path) -> Bundle:
    """Reads one file.

    Raises:
        ShopError: It is too big, no plain file, no text, or a name or a key stands there twice.
    """
    return parse_bundle(path.name, _text(path))


def parse_bundle(file: str, text: str) -> Bundle:
    """The sections of a text; what stands before the first has neither kind nor name.

    Raises:
        ShopError: A line is none, or a name or a key stands there twice.
    """
    section: Section = {}
    sections: dict[tuple[str, str], Section] = {("", ""): section}
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if not line or line[0] in "#;":
            continue
        if line.startswith("[") and line.endswith("]"):
            kind, _, name = line[1:-1].partition(":")
            section = {}
            if sections.setdefault((kind, name.strip()), section) is not section:
                raise _error(file, line, number, "stands in this file twice.")
            continue
        key, equals, value = (part.strip() for part in line.partition("="))
        if not equals:
            raise _error(file, "", number, "is no line of the form `key = value`.")
        if section.setdefault(key, value) != value:
            raise _error(file, key, number, "stands in this section twice.")
    return Bundle(file, sections)


def quoted_names(text: str) -> tuple[str, ...]:
    """`"A";"B"` or `A; B`."""
    return tuple(name.strip('"') for name in _names(text))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for each in text.split(";") if (name := each.strip()))


def _text(path: Path) -> str:
    try:
        return read_file(path).decode("utf-8-sig")
    except OSError as error:
        message = f"cannot be read ({error.strerror})."
    except UnicodeDecodeError:
        message = "is not UTF-8 text."
    raise _error(path.name, "", None, message)


def _error(file: str, key: str, line: int | None, message: str) -> ShopError:
    return ShopError((Fault(file, key, line, message),))
