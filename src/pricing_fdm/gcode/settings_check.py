"""Invariant 2: every accepted setting reaches the slicer.

Slicers ignore what they do not understand (OrcaSlicer skips a profile value of the wrong JSON type,
and a whole profile that is not flattened) and exit with success. So what was asked for is compared
with the settings that the slicer reports in its G-code. Numbers are compared as numbers, with or
without a percent sign; text letter by letter, since it is our own profile that comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.gcode.faults import incomplete
from pricing_fdm.gcode.quantities import same_value

_FIRST_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_LIST_SEPARATOR = re.compile(r"[,;]")

# Per-filament values are lists with one entry a slot; our part is printed from the first.
_PER_FILAMENT = "filament_"

# Which field of the request a slicer's key belongs to, by a part of the key; the first that fits.
_FIELDS = (
    ("support", "supports"),
    ("filament", "material"),
    ("fill", "infill"),
    ("layer_height", "layer_thickness"),
)
_PROFILE = "printer profile"


def check_settings(expected: Mapping[str, str], reported: Mapping[str, str]) -> None:
    """Compares the settings asked for with those that the slicer reports.

    Args:
        expected: The value that each of the engine's keys must have.
        reported: The G-code's settings block.

    Raises:
        ResultIncomplete: A key is missing or has another value; all are named.
    """
    lost = [
        key
        for key, value in expected.items()
        if key not in reported or not _same(key, value, reported[key])
    ]
    if lost:
        raise _not_used(lost, expected, reported)


def _same(key: str, expected: str, reported: str) -> bool:
    if key.startswith(_PER_FILAMENT):
        expected, reported = _first(expected), _first(reported)
    return same_value(_unquoted(expected), _unquoted(reported))


def _first(text: str) -> str:
    quoted = _FIRST_QUOTED.match(text)
    return quoted[0] if quoted else _LIST_SEPARATOR.split(text, maxsplit=1)[0].strip()


def _unquoted(text: str) -> str:
    quoted = _FIRST_QUOTED.fullmatch(text)
    return quoted[1] if quoted else text


def _not_used(
    lost: Iterable[str], expected: Mapping[str, str], reported: Mapping[str, str]
) -> ResultIncomplete:
    fields = ", ".join(dict.fromkeys(_field_of(key) for key in lost))
    return incomplete(
        f"A setting did not reach the slicer: {fields}",
        log_detail="; ".join(
            f"{key}: asked {expected[key]!r}, slicer reports {reported.get(key)!r}" for key in lost
        ),
    )


def _field_of(key: str) -> str:
    return next((field for part, field in _FIELDS if part in key), _PROFILE)
