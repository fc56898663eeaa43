"""The one decimal arithmetic of figures and prices.

Python's `decimal` rounds as the thread's context says. Any library may change that context, or the
defaults that new ones are made of; a price must not follow. So whatever can round does so here.
"""

from __future__ import annotations

from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

EXACT = Context(
    prec=60,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
"""Far more digits than the sums and products of a quote need; copied by each `localcontext`.

Every argument is given: what is left out would be the interpreter's default of the day.
"""


def rounded(figure: Decimal, step: str) -> Decimal:
    """Rounds a figure that is shown to a step such as `0.01`, a half to the even neighbour."""
    return figure.quantize(Decimal(step), context=EXACT)
