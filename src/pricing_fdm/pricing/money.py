"""The one rounding of a price: amounts stay unrounded until they are shown."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from pricing_fdm.pricing.exact import EXACT

_CENT = Decimal("0.01")
_ZERO = Decimal(0)


def to_cents(amount_usd: Decimal) -> Decimal:
    """Rounds to two decimals, a half away from zero; never answers a negative zero."""
    cents = amount_usd.quantize(_CENT, rounding=ROUND_HALF_UP, context=EXACT)
    return EXACT.add(cents, _ZERO)
