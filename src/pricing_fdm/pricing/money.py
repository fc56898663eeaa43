"""Exact amounts, and the one rounding of a price.

Amounts are fractions until they are shown: an hour's third has no end as a decimal, and a total of
exactly half a cent must not fall a hair below it.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from pricing_fdm.pricing.exact import EXACT


def to_step(amount: Fraction, step: Decimal) -> Decimal:
    """Rounds to a multiple of a step, a half away from zero; never answers a negative zero."""
    steps = int(abs(amount) / Fraction(step) + Fraction(1, 2))
    signed = steps if amount >= 0 else -steps
    return EXACT.multiply(Decimal(signed), step) if steps else EXACT.multiply(Decimal(0), step)


def smallest_unit(minor_digits: int) -> Decimal:
    """The smallest amount of a currency with so many decimals: 0.01 for two."""
    return EXACT.scaleb(Decimal(1), -minor_digits)
