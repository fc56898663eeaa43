"""An estimate as a person reads it on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from pricing_fdm.commands.order_options import in_own_words
from pricing_fdm.commands.quote_table import hours_and_minutes
from pricing_fdm.commands.terminal import Row, Style
from pricing_fdm.web.estimate_schemas import EstimateResponse

_PERCENT = 100


def estimate_rows(name: str, estimate: EstimateResponse) -> Iterator[Row]:
    """The ranges, what they rest on, and what to know of them."""
    size = " x ".join(f"{extent:g}" for extent in estimate.model.dimensions_mm)
    yield Row("part", f"{name}, {size} mm, {estimate.model.volume_cm3:.2f} cm3")
    yield Row("printer", f"{estimate.printer.name} ({estimate.printer.id})")
    hours, weight, price = estimate.print_time_hours, estimate.filament_weight_g, estimate.price
    if hours and weight and price:
        low, high = hours_and_minutes(hours.low), hours_and_minutes(hours.high)
        yield Row("time", f"{low} to {high} each")
        yield Row("filament", f"{weight.low:.2f} to {weight.high:.2f} g each")
    for warning in estimate.warnings:
        yield Row("warning", f"{in_own_words(warning.message)} ({warning.code})", Style.CAUTION)
    yield Row("", "")
    if price is None:
        yield Row("estimate", f"none: {estimate.reason}", Style.CAUTION)
        return
    total = f"{price.low:f} to {price.high:f} {estimate.currency}"
    yield Row(f"about, for {estimate.quantity}", total, Style.STRONG)
    share = round((estimate.interval or 0) * _PERCENT)
    yield Row("", f"{share} of 100 parts lie in such a range; it does not bind")
