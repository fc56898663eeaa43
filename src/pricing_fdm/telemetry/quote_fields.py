"""The fields of log lines that describe an order, a quote or a failure.

None of them says where the model is: its URL is a password.
"""

from __future__ import annotations

from pricing_fdm.errors import PricingError
from pricing_fdm.model import Order
from pricing_fdm.pricing.quote import Price
from pricing_fdm.quoting.quote import Quote

_SECONDS_PER_HOUR = 3600


def order_fields(order: Order) -> dict[str, str | int]:
    """What was ordered."""
    settings = order.print_settings
    return {
        "material": settings.material,
        "infill": settings.infill_percent,
        "layer_thickness": settings.quality.layer_thickness,
        "quantity": order.quantity,
    }


def figures_of(quote: Quote) -> dict[str, float]:
    """Print time and weight."""
    return {
        "print_time_hours": round(float(quote.metrics.print_time_s) / _SECONDS_PER_HOUR, 4),
        "filament_weight_g": round(float(quote.metrics.filament_g), 2),
    }


def model_fields(quote: Quote) -> dict[str, str | int]:
    """The model, and the slicer that worked on it."""
    return {
        "model_bytes": quote.download.size_bytes,
        "model_sha256": quote.download.sha256,
        "triangles": quote.part.triangles,
        "engine": quote.engine.name,
        "printer": quote.printer.id,
    }


def total_of(quote: Quote) -> dict[str, str]:
    """What it costs; under ADR-010's name where it is in its currency."""
    return price_fields(quote.price)


def price_fields(price: Price) -> dict[str, str]:
    """The same of an order."""
    dollars = {"total_usd": f"{price.total:f}"} if price.currency == "USD" else {}
    return {**dollars, "total": f"{price.total:f}", "currency": price.currency}


def quote_fields(quote: Quote) -> dict[str, object]:
    """All of a quote that its canonical line holds."""
    return {
        **total_of(quote),
        "shop_version": quote.price.shop_version,
        **figures_of(quote),
        **model_fields(quote),
        "profile_hash": quote.engine.profile_hash,
        "warnings": [warning.code for warning in quote.warnings],
        "cached": quote.cached,
    }


def failure_fields(error: PricingError) -> dict[str, str | None]:
    """A failure."""
    return {"error_type": error.code, "error": error.detail, "detail": error.log_detail}
