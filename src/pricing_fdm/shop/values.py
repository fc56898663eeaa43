"""The kinds of values in the shop file, and the rules that each value must meet.

Money is written in quotes or as a whole number. TOML's other numbers are binary fractions: a rate
of 0.1 would not be a tenth.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from decimal import Decimal
from pathlib import PurePath
from typing import Annotated

from iso4217 import Currency
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic import WithJsonSchema as Described

MAX_AMOUNT = 1_000_000_000

PICTURES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
"""What a logo may be, and its media type."""

_THINNEST_UM, _THICKEST_UM = 10, 2000
_DECIMAL = r"[0-9]{1,12}(\.[0-9]{1,12})?"


class Entry(BaseModel):
    """A table of the shop file. Every key that it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _exact(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):
        raise ValueError(f'write it in quotes: "{value}"')  # noqa: TRY004 - pydantic wants this
    if isinstance(value, str) and re.fullmatch(_DECIMAL, value):
        return Decimal(value)
    if type(value) is int and 0 <= value <= MAX_AMOUNT:
        return Decimal(value)
    raise ValueError('write a number of at least zero in quotes, such as "12.50", or a whole one')


def _measure(value: object) -> Decimal:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = Decimal(str(value))
        return value if value.is_finite() and value >= 0 else _exact(None)
    return _exact(value)


def _known_currency(value: str) -> str:
    try:
        if Currency(value).exponent is not None:
            return value
    except ValueError:
        pass
    raise ValueError("give the three capitals of ISO 4217, such as EUR, USD or JPY")


def _known_zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("give a zone's name, such as Europe/Madrid or UTC") from None
    return value


def _time_of_day(value: object) -> dt.time:
    if isinstance(value, dt.time):
        return value
    if isinstance(value, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        return dt.time.fromisoformat(value)
    raise ValueError('give hours and minutes in quotes, such as "14:00"')


def _layer_thickness(value: object) -> int:
    if type(value) is int and _THINNEST_UM <= value <= _THICKEST_UM:
        return value
    raise ValueError("give whole micrometres, 10 to 2000: a layer of 0.2 mm is 200")


def _picture(name: str) -> str:
    if PurePath(name).suffix.lower() in PICTURES:
        return name
    raise ValueError(f"give a picture: {', '.join(PICTURES)}")


_AMOUNT = {
    "anyOf": [
        {"type": "string", "pattern": f"^{_DECIMAL}$"},
        {"type": "integer", "minimum": 0, "maximum": MAX_AMOUNT},
    ]
}
Amount = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=MAX_AMOUNT), Described(_AMOUNT)]
Factor = Annotated[Amount, Field(gt=0, le=1000)]
Percent = Annotated[Amount, Field(le=1000)]
Measure = Annotated[
    Decimal,
    BeforeValidator(_measure),
    Field(ge=0, le=MAX_AMOUNT),
    Described({"anyOf": [{"type": "number", "minimum": 0}, _AMOUNT["anyOf"][0]]}),
]
"""A figure that is no money: hours, millimetres, shares."""

ID_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"
Id = Annotated[
    str,
    Field(
        strict=True,
        pattern=ID_PATTERN,
        description="Small letters, digits, `.`, `_`, `-`.",
    ),
]
Text = Annotated[str, Field(strict=True, min_length=1, max_length=500)]
Count = Annotated[int, Field(strict=True, ge=1, le=10_000)]
Flag = Annotated[bool, Field(strict=True)]
FileName = Annotated[
    Text, Field(description="A file, by its path from the folder of the shop file.")
]
Picture = Annotated[FileName, AfterValidator(_picture)]
CurrencyCode = Annotated[Text, AfterValidator(_known_currency)]
Zone = Annotated[Text, AfterValidator(_known_zone)]
TimeOfDay = Annotated[
    dt.time,
    BeforeValidator(_time_of_day),
    Described({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
]
LayerThickness = Annotated[
    int,
    BeforeValidator(_layer_thickness),
    Field(description="Micrometres."),
    Described({"type": "integer", "minimum": _THINNEST_UM, "maximum": _THICKEST_UM}),
]
Hex = Annotated[str, Field(strict=True, pattern="^#[0-9a-fA-F]{6}$")]


def minor_digits(currency: str) -> int:
    """How many decimals the currency has by ISO 4217: 2 for EUR, none for JPY."""
    return Currency(currency).exponent or 0
