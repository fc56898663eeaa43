"""The one rounding of a price."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction

import pytest

from pricing_fdm.pricing.money import smallest_unit, to_step


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        ("0", "0.00"),
        ("0.004999999999999999999999999999999999", "0.00"),
        ("0.005", "0.01"),
        ("0.015", "0.02"),
        ("0.025", "0.03"),
        ("1.005", "1.01"),
        ("10.296316", "10.30"),
        ("-0.005", "-0.01"),
        ("-0.004", "0.00"),
        ("12345678901234567890.125", "12345678901234567890.13"),
    ],
)
def test_a_half_cent_goes_up(amount: str, cents: str) -> None:
    """Binary floats turn 1.005 into 1.00, and banker's rounding 0.025 into 0.02."""
    assert str(to_step(Fraction(amount), Decimal("0.01"))) == cents


@pytest.mark.parametrize(
    ("amount", "step", "shown"),
    [
        ("12.02", "0.05", "12.00"),
        ("12.025", "0.05", "12.05"),
        ("1249.5", "1", "1250"),
        ("1244", "10", "1240"),
        ("1245", "10", "1250"),
        ("0.0005", "0.001", "0.001"),
    ],
)
def test_other_steps_than_cents(amount: str, step: str, shown: str) -> None:
    """Swiss francs are paid in steps of five, yen have no decimals, dinars have three."""
    assert str(to_step(Fraction(amount), Decimal(step))) == shown


@pytest.mark.parametrize(("digits", "unit"), [(0, "1"), (2, "0.01"), (3, "0.001")])
def test_the_smallest_unit_follows_the_decimals(digits: int, unit: str) -> None:
    """Of the currency."""
    assert str(smallest_unit(digits)) == unit


def test_the_thread_s_decimal_context_changes_nothing() -> None:
    """A precision of 3 digits would refuse 1234.56."""
    with decimal.localcontext(decimal.Context(prec=3, rounding=decimal.ROUND_DOWN)):
        assert str(to_step(Fraction("1234.565"), Decimal("0.01"))) == "1234.57"
