"""Prices that end in 90 cents."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.pricing.price_ending import PriceEnding, with_ending

amounts = st.decimals(0, 100_000, places=4)
properties = settings(derandomize=True, database=None, deadline=None, max_examples=300)


@pytest.mark.parametrize(
    ("amount", "price"),
    [
        ("0", "4.90"),
        ("0.01", "4.90"),
        ("4.90", "4.90"),
        ("4.9999", "4.90"),
        ("5", "9.90"),
        ("9.9999", "9.90"),
        ("10", "9.90"),
        ("10.99", "9.90"),
        ("11", "10.90"),
        ("19.9999", "18.90"),
        ("20", "19.90"),
        ("24.9999", "19.90"),
        ("25", "24.90"),
        ("99.99", "94.90"),
        ("100", "99.90"),
        ("100.0001", "99.90"),
        ("109.99", "99.90"),
        ("110", "109.90"),
        ("1234.56", "1229.90"),
    ],
)
def test_every_border_of_the_ladder(amount: str, price: str) -> None:
    """By hand, from the rule: < 5, < 10, < 20, <= 100, and above."""
    assert with_ending(Fraction(amount), PriceEnding.LADDER) == Fraction(price)


@properties
@given(amounts)
def test_the_ladder_ends_in_ninety_cents_and_near_the_amount(amount: Decimal) -> None:
    """Up by less than five, down by at most the step and ten cents."""
    price = with_ending(Fraction(amount), PriceEnding.LADDER)
    assert price % 1 == Fraction("0.90")
    assert Fraction("-10.10") < price - Fraction(amount) <= Fraction("4.90")
    assert amount < 20 or price >= Fraction("19.90")


@properties
@given(amounts, amounts)
def test_a_larger_amount_never_ends_lower(one: Decimal, other: Decimal) -> None:
    """A ladder has no step down."""
    low, high = sorted((Fraction(one), Fraction(other)))
    assert with_ending(low, PriceEnding.LADDER) <= with_ending(high, PriceEnding.LADDER)


@properties
@given(amounts)
def test_no_ending_changes_nothing(amount: Decimal) -> None:
    """Down to the digits shown."""
    assert with_ending(Fraction(amount), PriceEnding.NONE) == Fraction(amount)
