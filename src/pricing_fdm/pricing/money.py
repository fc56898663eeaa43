"""Exact arithmetic and the one rounding of a price.

Amounts stay unrounded until they are shown; then `to_cents` rounds half-up, once. The context is
ours: a library that changes the thread's decimal precision or rounding changes no price.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

EXACT = Context(prec=60)
"""Far more digits than a quote's sums and products need; copied by each `localcontext`."""

_CENT = Decimal("0.01")
_ZERO = Decimal(0)


def to_cents(amount_usd: Decimal) -> Decimal:
    """Rounds to two decimals, a half away from zero; never answers a negative zero."""
    cents = amount_usd.quantize(_CENT, rounding=ROUND_HALF_UP, context=EXACT)
    return EXACT.add(cents, _ZERO)
