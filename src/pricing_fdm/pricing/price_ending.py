"""The endings that shops like their prices to have.

The ladder, that of the hourly price model: 4.90 below 5, 9.90 below 10; from there the price goes
down to a whole dollar less ten cents, from 20 on to a multiple of five less ten cents, above 100 to
one of ten. So 20 and more never ends below 19.90. The exact amount decides, before any rounding.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

# Below which amount which price.
_FIXED_USD = ((5, Decimal("4.90")), (10, Decimal("9.90")))
_LESS_USD = Decimal("0.10")
_ONES_BELOW_USD = 20
_FIVES_UP_TO_USD = 100


class PriceEnding(StrEnum):
    """How totals end."""

    NONE = "none"
    LADDER = "ladder"


def with_ending(amount_usd: Decimal, ending: PriceEnding) -> Decimal:
    """Moves a total to the ending that the shop likes."""
    if ending is PriceEnding.NONE:
        return amount_usd
    for border_usd, price_usd in _FIXED_USD:
        if amount_usd < border_usd:
            return price_usd
    step_usd = _step_usd(amount_usd)
    return amount_usd // step_usd * step_usd - _LESS_USD


def _step_usd(amount_usd: Decimal) -> int:
    if amount_usd < _ONES_BELOW_USD:
        return 1
    return 5 if amount_usd <= _FIVES_UP_TO_USD else 10
