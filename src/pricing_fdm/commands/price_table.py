"""Several prices on a terminal: one line each, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing_fdm.commands.order_options import fault_lines, in_own_words
from pricing_fdm.commands.quote_table import days, duration, grams
from pricing_fdm.commands.terminal import Line, Style
from pricing_fdm.errors import InvalidRequest, PricingError
from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.web.schemas import QuoteResponse, ReviewReason, WarningFact

FIGURES = ("time", "filament", "price", "ready in")


@dataclass(frozen=True, slots=True)
class Priced:
    """What was asked, in the words of the table, and the quote or why there is none."""

    asked: tuple[str, ...]
    outcome: QuoteResponse | PricingError


def price_lines(priced: Iterable[Priced]) -> Iterator[Line]:
    """A line for each: figures of one part, the price of the order."""
    for each in priced:
        if isinstance(each.outcome, PricingError):
            message = message_of(each.outcome).removeprefix(f"{each.asked[0]} ")
            yield Line(each.asked, message, Style.FAULT)
        else:
            yield Line((*each.asked, *_figures(each.outcome)))


def total_line(priced: Sequence[Priced], currency: str) -> Line:
    """The line with the total."""
    quotes = [each.outcome for each in priced if isinstance(each.outcome, QuoteResponse)]
    label = "total" if len(quotes) == len(priced) else f"total of {len(quotes)} of {len(priced)}"
    return Line((label, "", "", f"{total_of(quotes):f} {currency}", ""), style=Style.STRONG)


def remarks(priced: Iterable[Priced]) -> dict[str, list[str]]:
    """What to know of the prices, each once, with the names of those that it is about."""
    found: dict[str, list[str]] = {}
    for each in priced:
        if isinstance(each.outcome, QuoteResponse):
            told: list[WarningFact | ReviewReason] = [*each.outcome.warnings]
            for remark in [*told, *each.outcome.review.reasons]:
                text = f"{in_own_words(remark.message)} ({remark.code})"
                found.setdefault(text, []).append(" ".join(each.asked))
    return found


def total_of(quotes: Iterable[QuoteResponse]) -> Decimal:
    """The sum of the totals; each order is delivered and charged by itself."""
    total = Decimal(0)
    for quote in quotes:
        total = EXACT.add(total, quote.price.total)
    return total


def message_of(error: PricingError) -> str:
    """Why there is no price, for people."""
    if isinstance(error, InvalidRequest):
        return "; ".join(fault_lines(error))
    return f"{error.title}: {in_own_words(error.detail)}"


def _figures(quote: QuoteResponse) -> tuple[str, ...]:
    price = f"{quote.price.total:f} {quote.currency}"
    return duration(quote), grams(quote), price, days(quote.lead_time_days)
