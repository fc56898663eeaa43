"""The endings that shops like their prices to have.

The ladder, that of the hourly price model: 4.90 below 5, 9.90 below 10; from there the price goes
down to a whole unit less ten cents, from 20 on to a multiple of five less ten cents, above 100 to
one of ten. So 20 and more never ends below 19.90. The exact amount decides, before any rounding.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

# Below which amount which price.
_FIXED = ((5, Fraction("4.90")), (10, Fraction("9.90")))
_LESS = Fraction("0.10")
_ONES_BELOW = 20
_FIVES_UP_TO = 100


class PriceEnding(StrEnum):
    """How totals end."""

    NONE = "none"
    LADDER = "ladder"


def with_ending(amount: Fraction, ending: PriceEnding) -> Fraction:
    """Moves a total to the ending that the shop likes."""
    if ending is PriceEnding.NONE:
        return amount
    for border, price in _FIXED:
        if amount < border:
            return price
    step = _step(amount)
    return amount // step * step - _LESS


def _step(amount: Fraction) -> int:
    if amount < _ONES_BELOW:
        return 1
    return 5 if amount <= _FIVES_UP_TO else 10
