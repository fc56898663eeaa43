"""A quote as a person reads it on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pricing_fdm.commands.order_options import in_own_words
from pricing_fdm.commands.terminal import Row, Style
from pricing_fdm.model import UNTURNED
from pricing_fdm.pricing.exact import rounded
from pricing_fdm.web.schemas import QuoteResponse


def quote_rows(name: str, quote: QuoteResponse) -> Iterator[Row]:
    """The figures, the lines of the price, and what to know of it."""
    size = " x ".join(f"{extent:g}" for extent in quote.model.dimensions_mm)
    yield Row("part", f"{name}, {size} mm, {quote.model.volume_cm3:.2f} cm3")
    yield Row("print", _print(quote))
    yield Row("printer", f"{quote.printer.name} ({quote.printer.id})")
    for passed in quote.printer.passed_over:
        yield Row("", f"not {passed.id}: {passed.reason}")
    yield Row("pose", _pose(quote))
    yield Row("time", f"{duration(quote)} each")
    yield Row("filament", _filament(quote))
    if quote.quantity > 1:
        yield Row("plates", _plates(quote))
    yield Row("engine", f"{quote.engine.name} {quote.engine.version}")
    for warning in quote.warnings:
        yield Row("warning", f"{in_own_words(warning.message)} ({warning.code})", Style.CAUTION)
    yield Row("", "")
    yield from _bill(quote)
    for reason in quote.review.reasons:
        yield Row("review", f"{in_own_words(reason.message)} ({reason.code})", Style.CAUTION)


def _bill(quote: QuoteResponse) -> Iterator[Row]:
    price = quote.price
    width = max(len(f"{amount:f}") for amount in (price.total, *(x.amount for x in price.lines)))

    def money(amount: Decimal) -> str:
        return f"{amount:>{width}f} {quote.currency}"

    for line in price.lines:
        yield Row(line.label if line.public else f"{line.label} (internal)", money(line.amount))
    yield Row(f"total for {quote.quantity}", money(price.total), Style.STRONG)
    if quote.quantity > 1:
        yield Row("each", money(price.unit))
    yield Row("lead time", days(quote.lead_time_days))
    yield Row("valid until", f"{quote.valid_until}")


def days(number: int) -> str:
    """`1 day`, `2 days`."""
    return f"{number} day" if number == 1 else f"{number} days"


def duration(quote: QuoteResponse) -> str:
    """How long one part is printed, as people say it."""
    return hours_and_minutes(quote.print_time_hours)


def hours_and_minutes(hours: Decimal | float) -> str:
    """`1h 05m`."""
    minutes = round(float(hours) * 60)
    return f"{minutes // 60}h {minutes % 60:02d}m"


def grams(quote: QuoteResponse) -> str:
    """What one part weighs, with its support."""
    return f"{rounded(quote.filament_weight_g, '0.01')} g"


def _plates(quote: QuoteResponse) -> str:
    """How many of how many copies, and how long they take together."""
    each = ", ".join(f"{plate.times} of {plate.copies}" for plate in quote.plates)
    hours = sum(plate.times * float(plate.print_time_hours) for plate in quote.plates)
    return f"{each} copies, {hours_and_minutes(hours)} in all"


def _print(quote: QuoteResponse) -> str:
    settings = quote.print
    return (
        f"{settings.material.upper()}, {settings.layer_thickness} um layers, "
        f"{settings.infill} % infill, supports {settings.supports}"
    )


def _pose(quote: QuoteResponse) -> str:
    stands = " x ".join(f"{extent:g}" for extent in quote.print.dimensions_mm)
    if quote.print.rotation == UNTURNED:
        return f"as in the file, complexity {quote.print.complexity}"
    return f"turned, {stands} mm on the bed, complexity {quote.print.complexity}"


def _filament(quote: QuoteResponse) -> str:
    return f"{grams(quote)}, {rounded(quote.print.filament_length_m, '0.01')} m each"
