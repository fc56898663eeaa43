"""Puts an estimate into the shape of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pricing_fdm.estimate.predict import INTERVAL
from pricing_fdm.pricing.exact import EXACT, rounded
from pricing_fdm.quoting.estimate_prices import Figures
from pricing_fdm.quoting.estimating import Estimate
from pricing_fdm.web.answers import model_facts, print_plan
from pricing_fdm.web.estimate_schemas import EstimateResponse

_SECONDS_PER_HOUR = 3600


def estimate_response(estimate: Estimate, timing_ms: Mapping[str, float]) -> EstimateResponse:
    """The answer to a request for an estimate."""
    figures = estimate.figures
    answer = {
        "needs_slice": figures is None,
        "reason": estimate.reason or None,
        "currency": estimate.shop.currency,
        "quantity": estimate.order.quantity,
        **(_ranges(figures) if figures else {}),
        "basis": estimate.basis,
        "shop_version": estimate.shop.version,
        "model": model_facts(estimate.download, estimate.part),
        "print": print_plan(estimate.order, estimate.part),
        "printer": estimate.printer,
        "warnings": estimate.warnings,
        "timing_ms": {name: round(elapsed, 2) for name, elapsed in timing_ms.items()},
    }
    return EstimateResponse.model_validate(answer, from_attributes=True)


def _ranges(figures: Figures) -> dict[str, Any]:
    ends = {"low": figures.low, "likely": figures.likely, "high": figures.high}
    return {
        "price": {name: each.price.total for name, each in ends.items()},
        "print_time_hours": {
            name: _hours(each.metrics.print_time_s) for name, each in ends.items()
        },
        "filament_weight_g": {
            name: rounded(each.metrics.filament_g, "0.01") for name, each in ends.items()
        },
        "interval": INTERVAL,
    }


def _hours(print_time_s: Decimal) -> Decimal:
    return rounded(EXACT.divide(print_time_s, _SECONDS_PER_HOUR), "0.0001")
