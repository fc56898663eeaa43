"""When a person should look at a quote before its price binds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from pricing_fdm.pricing.job import WholeOrder
from pricing_fdm.pricing.money import to_step

REASONS = ("total_above", "print_hours_above", "support_share_above")
"""Codes of reasons that are no warnings."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a person should look.

    Attributes:
        code: One of `REASONS`, or that of a warning of the quote.
        figures: What was found and what is allowed, with units in their names.
    """

    code: str
    message: str
    figures: Mapping[str, object] = field(default_factory=dict, hash=False)


def review_reasons(order: WholeOrder, total: Decimal) -> Iterator[Reason]:
    """All reasons that the shop file names and that this order gives."""
    rules, currency = order.shop.review, order.shop.currency
    if rules.total_above is not None and total > rules.total_above:
        yield Reason(
            "total_above",
            f"The total of {total} {currency} is above {rules.total_above} {currency}.",
            {"total": total, "allowed_total": rules.total_above, "currency": currency},
        )
    hours = order.hours
    if rules.print_hours_above is not None and hours > Fraction(rules.print_hours_above):
        yield Reason(
            "print_hours_above",
            f"The order prints for {_short(hours)} h, which is above {rules.print_hours_above} h.",
            {"print_hours": _short(hours), "allowed_hours": rules.print_hours_above},
        )
    if rules.support_share_above is not None:
        share = order.support_g / order.filament_g
        if share > Fraction(rules.support_share_above):
            yield Reason(
                "support_share_above",
                f"{_short(share)} of the filament is support, which is above "
                f"{rules.support_share_above}.",
                {"support_share": _short(share), "allowed_share": rules.support_share_above},
            )
    for warning in order.warnings:
        if warning.code in rules.warnings:
            yield Reason(warning.code, warning.message, warning.figures)


def _short(figure: Fraction) -> Decimal:
    """Two decimals, for people."""
    return to_step(figure, Decimal("0.01"))
