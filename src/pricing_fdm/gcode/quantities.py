"""Turns the text of a figure into a number, or refuses it.

Everything is `Decimal`: these numbers become money. Digits are ASCII and few, so neither other
scripts nor a line of a million digits are read as a number.
"""

from __future__ import annotations

import re
from decimal import Decimal

_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?", re.ASCII)
# As slicers write settings: with a sign, a bare point, or in percent.
_SETTING = re.compile(r"(-?(?:[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12}))%?", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)
_DURATION = re.compile(
    r"(?:(?P<d>[0-9]{1,9})d ?)?"
    r"(?:(?P<h>[0-9]{1,9})h ?)?"
    r"(?:(?P<m>[0-9]{1,9})m ?)?"
    r"(?:(?P<s>[0-9]{1,9}(?:\.[0-9]{1,9})?)s)?",
    re.ASCII,
)
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def parse_amount(text: str) -> Decimal:
    """Reads `1410.40`.

    Raises:
        ValueError: Not a plain decimal number.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def parse_amounts(text: str) -> tuple[Decimal, ...]:
    """Reads `1410.40` or `11040.43,584.68`.

    Raises:
        ValueError: Not a list of plain decimal numbers.
    """
    return tuple(map(parse_amount, text.split(",")))


def parse_count(text: str) -> int:
    """Reads `100`.

    Raises:
        ValueError: Not a whole number.
    """
    if not _COUNT.fullmatch(text):
        raise ValueError(text)
    return int(text)


def parse_counts(text: str) -> tuple[int, ...]:
    """Reads `1` or `1,3`.

    Raises:
        ValueError: Not a list of whole numbers.
    """
    return tuple(map(parse_count, text.split(",")))


def parse_duration_s(text: str) -> Decimal:
    """Reads `3d 17h 35m 21s`, any unit left out, or `0.500000s`, in seconds.

    Raises:
        ValueError: No duration.
    """
    match = _DURATION.fullmatch(text)
    if not match or not text:
        raise ValueError(text)
    return sum(
        (Decimal(value) * _SECONDS[unit] for unit, value in match.groupdict("0").items()),
        start=Decimal(0),
    )


def same_value(one: str, other: str) -> bool:
    """Whether two values of a setting are equal: as text or, without percent signs, as numbers."""
    if one == other:
        return True
    first, second = _SETTING.fullmatch(one), _SETTING.fullmatch(other)
    return bool(first and second and Decimal(first[1]) == Decimal(second[1]))


def half_last_digit(amount: Decimal) -> Decimal:
    """How far a printed number may lie from the one it was rounded from: 0.005 for `4.21`."""
    decimals = len(f"{amount:f}".partition(".")[2])
    return Decimal(5).scaleb(-decimals - 1)
