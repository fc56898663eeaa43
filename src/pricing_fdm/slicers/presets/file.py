"""One preset, as it stands in its file.

The file may be OrcaSlicer's or PrusaSlicer's. The checks ask both by OrcaSlicer's keys; a file of
PrusaSlicer's answers from the key that means the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.prusa.dictionary import is_gcode, prusa_name

Value = str | tuple[str, ...]

_MOST_DIGITS = 30

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_LIST_SEPARATOR = re.compile(r"[,;]")


class ProfileKind(StrEnum):
    """What a preset describes; the value is OrcaSlicer's `type`."""

    MACHINE = "machine"
    PROCESS = "process"
    FILAMENT = "filament"


class PresetFormat(StrEnum):
    """Whose file it is; the value is the end of its name."""

    ORCA = ".json"
    PRUSA = ".ini"


@dataclass(frozen=True, slots=True)
class Profile:
    """One flattened preset.

    Attributes:
        name: As the slicer calls it.
        path: From the folder of the shop file.
        values: The whole file under its own keys: text as it stands, lists of JSON as tuples.
    """

    kind: ProfileKind
    name: str
    path: Path
    values: Mapping[str, Value]
    format: PresetFormat = PresetFormat.ORCA

    def own_key(self, key: str) -> str:
        """What this file calls a key of OrcaSlicer's."""
        return prusa_name(key) if self.format is PresetFormat.PRUSA else key

    def text(self, key: str, default: str | None = None) -> str:
        """The value of OrcaSlicer's `key`; of a list the first, which is all that one slot uses.

        Raises:
            ShopError: The preset does not state it, and there is no default.
        """
        first = next(iter(self.texts(key)), default)
        if first is None:
            raise self.error(key, "is missing.")
        return first

    def texts(self, key: str) -> tuple[str, ...]:
        """All elements of a list; of a plain value itself; of a missing key none."""
        value = self.values.get(self.own_key(key), ())
        if not isinstance(value, str):
            return value
        return (value,) if self.format is PresetFormat.ORCA else _elements(key, value)

    def number(self, key: str) -> Decimal | None:
        """The value as a number; None where it is missing or is none."""
        return as_number(next(iter(self.texts(key)), ""))

    def fault(self, key: str, message: str) -> Fault:
        """A fault in this file at OrcaSlicer's `key`; an empty key means the whole file."""
        return Fault(str(self.path), self.own_key(key), None, message)

    def error(self, key: str, message: str) -> ShopError:
        """The same, to raise."""
        return ShopError((self.fault(key, message),))


def as_number(text: str) -> Decimal | None:
    """A number that can be calculated with; None of all else, such as 1e999999999."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS else None


def _elements(key: str, value: str) -> tuple[str, ...]:
    """What a value of an ini file holds: G-code, or the elements of a list."""
    if is_gcode(key):
        quoted = _QUOTED.match(value)
        return (unescaped(quoted[1] if quoted else value),)
    return tuple(each.strip() for each in _LIST_SEPARATOR.split(value)) if value else ()


def unescaped(text: str) -> str:
    """A value of an ini file with its line breaks."""
    return _ESCAPE.sub(lambda match: {"n": "\n", "r": "\r"}.get(match[1], match[1]), text)
