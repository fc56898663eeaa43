"""Adds to the warning of support what the order would cost without it, where that is known."""

from __future__ import annotations

from dataclasses import replace

from pricing_fdm.model import QuoteWarning, SliceResult
from pricing_fdm.pricing.job import Job, Plate
from pricing_fdm.pricing.quote import Price, price
from pricing_fdm.quoting.complexity import complexity

NEEDS_SUPPORT = "needs_support"


def price_without_support(job: Job, bare: SliceResult, plates: tuple[Plate, ...]) -> Price:
    """The price of a job, had it been sliced with `supports: never`."""
    metrics = bare.metrics
    rating = complexity(bare.part, metrics)
    return price(replace(job, plates=plates, copy=metrics, complexity=rating))


def with_bare_price(warnings: tuple[QuoteWarning, ...], bare: Price) -> tuple[QuoteWarning, ...]:
    """The warnings, with the price without support added to the one about support."""
    return tuple(
        replace(
            warning,
            message=f"{warning.message} With `supports: never` the order would cost "
            f"{bare.total} {bare.currency}.",
            figures={**warning.figures, "total_without_support": float(bare.total)},
        )
        if warning.code == NEEDS_SUPPORT
        else warning
        for warning in warnings
    )
