"""Single values of the shop file: what is taken, and what is said to what is not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from pricing_fdm.shop import values


@pytest.mark.parametrize(("written", "amount"), [("0.10", "0.10"), (12, "12"), ("0", "0")])
def test_an_amount_is_exact(written: object, amount: str) -> None:
    """The digits that the owner wrote, none lost and none added."""
    assert str(TypeAdapter[Decimal](values.Amount).validate_python(written)) == amount


@pytest.mark.parametrize(
    ("kind", "written", "told"),
    [
        (values.Amount, 0.1, 'write it in quotes: "0.1"'),
        (values.Amount, "-1", "at least zero"),
        (values.Amount, "1e3", "at least zero"),
        (values.Amount, "NaN", "at least zero"),
        (values.Amount, "12,50", "at least zero"),
        (values.Amount, True, "at least zero"),
        (values.Amount, -1, "at least zero"),
        (values.Amount, "1000000001", "less than or equal to 1000000000"),
        (values.Factor, "0", "greater than 0"),
        (values.Measure, float("inf"), "at least zero"),
        (values.Measure, -0.5, "at least zero"),
        (values.CurrencyCode, "EURO", "ISO 4217"),
        (values.CurrencyCode, "XAU", "ISO 4217"),
        (values.Zone, "Europe/Madird", "Europe/Madrid"),
        (values.Zone, "../../etc/passwd", "Europe/Madrid"),
        (values.TimeOfDay, "25:00", "hours and minutes"),
        (values.LayerThickness, 0.2, "0.2 mm is 200"),
        (values.LayerThickness, 2, "0.2 mm is 200"),
        (values.Id, "PLA CF", "pattern"),
        (values.Count, "4", "integer"),
        (values.Flag, "yes", "boolean"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(kind: Any, written: object, told: str) -> None:
    """The sentence is all that the owner reads."""
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(kind).validate_python(written)


def test_measures_may_be_written_as_numbers() -> None:
    """Hours and shares are no money; 0.4 stays 0.4."""
    assert TypeAdapter[Decimal](values.Measure).validate_python(0.4) == Decimal("0.4")
    assert TypeAdapter[Decimal](values.Measure).validate_python("0.4") == Decimal("0.4")


def test_a_time_of_day_is_text_or_toml_time() -> None:
    """TOML knows times of its own."""
    adapter = TypeAdapter[dt.time](values.TimeOfDay)
    assert adapter.validate_python("14:00") == dt.time(14)
    assert adapter.validate_python(dt.time(14)) == dt.time(14)


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_the_decimals_are_those_of_the_standard(currency: str, digits: int) -> None:
    """ISO 4217."""
    assert values.minor_digits(currency) == digits
