"""A quote as a person reads it on a terminal."""

from __future__ import annotations

from decimal import Decimal

from pricing_fdm.model import UNTURNED
from pricing_fdm.pricing.exact import rounded
from pricing_fdm.web.schemas import QuoteResponse


def quote_table(name: str, quote: QuoteResponse) -> str:
    """The quote's figures, the bill and the warnings, one thing a line."""
    size = " x ".join(f"{extent:g}" for extent in quote.model.dimensions_mm)
    rows = [
        ("part", f"{name}, {size} mm, {quote.model.volume_cm3:.2f} cm3"),
        ("print", _print(quote)),
        ("pose", _pose(quote)),
        ("time", f"{_duration(float(quote.print_time_hours))} each"),
        ("filament", _filament(quote)),
        ("engine", f"{quote.engine.name} {quote.engine.version}"),
        *(("warning", f"{warning.message} ({warning.code})") for warning in quote.warnings),
        ("", ""),
        *((line.label, _money(line.amount, quote)) for line in quote.price.lines),
        (f"total for {quote.quantity}", _money(quote.price.total, quote)),
        ("lead time", f"{quote.lead_time_days:>7} days"),
    ]
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:<{width}}  {text}".rstrip() for label, text in rows)


def _money(amount: Decimal, quote: QuoteResponse) -> str:
    return f"{amount:>10f} {quote.currency}"


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
    weight_g = rounded(quote.filament_weight_g, "0.01")
    return f"{weight_g} g, {rounded(quote.print.filament_length_m, '0.01')} m each"


def _duration(hours: float) -> str:
    minutes = round(hours * 60)
    return f"{minutes // 60}h {minutes % 60:02d}m"
