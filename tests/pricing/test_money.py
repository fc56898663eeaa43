"""The one rounding of a price."""

from __future__ import annotations

import decimal
from decimal import Decimal

import pytest

from pricing_fdm.pricing.money import to_cents


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
    assert str(to_cents(Decimal(amount))) == cents


def test_the_thread_s_decimal_context_changes_nothing() -> None:
    """A precision of 3 digits would refuse 1234.56."""
    with decimal.localcontext(decimal.Context(prec=3, rounding=decimal.ROUND_DOWN)):
        assert str(to_cents(Decimal("1234.565"))) == "1234.57"
