"""Puts an estimate into the shape of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pricing_fdm.estimate.predict import INTERVAL
from pricing_fdm.model import Metrics
from pricing_fdm.pricing.exact import EXACT, rounded
from pricing_fdm.quoting.estimate_prices import Ends
from pricing_fdm.quoting.estimating import Estimate
from pricing_fdm.web.answers import model_facts, print_plan
from pricing_fdm.web.estimate_schemas import EstimateResponse

_SECONDS_PER_HOUR = 3600


def estimate_response(estimate: Estimate, timing_ms: Mapping[str, float]) -> EstimateResponse:
    """The answer to a request for an estimate."""
    answer = {
        **part_estimate(estimate),
        "binding": False,
        "currency": estimate.shop.currency,
        "price": estimate.price,
        "interval": INTERVAL if estimate.price else None,
        "printers": [_on_printer(each) for each in estimate.printers] or None,
        "shop_version": estimate.shop.version,
        "timing_ms": {name: round(elapsed, 2) for name, elapsed in timing_ms.items()},
    }
    return EstimateResponse.model_validate(answer, from_attributes=True)


def part_estimate(estimate: Estimate) -> dict[str, Any]:
    """What is said of a part, whether it is all that is ordered or one of several."""
    predicted = estimate.predicted
    return {
        "needs_slice": estimate.needs_slice,
        "reason": estimate.reason or None,
        "quantity": estimate.order.quantity,
        **(_ranges(predicted.copy) if predicted else {}),
        "basis": estimate.basis,
        "model": model_facts(estimate.download, estimate.part),
        "print": print_plan(estimate.order, estimate.part),
        "printer": estimate.printer,
        "warnings": estimate.warnings,
    }


def _on_printer(estimate: Estimate) -> dict[str, Any]:
    predicted = estimate.predicted
    return {
        "id": estimate.printer.id,
        "name": estimate.printer.name,
        "needs_slice": estimate.needs_slice,
        "reason": estimate.reason or None,
        "price": estimate.price,
        **(_ranges(predicted.copy) if predicted else {}),
    }


def _ranges(copy: Ends[Metrics]) -> dict[str, Any]:
    ends = {"low": copy.low, "likely": copy.likely, "high": copy.high}
    return {
        "print_time_hours": {name: _hours(each.print_time_s) for name, each in ends.items()},
        "filament_weight_g": {
            name: rounded(each.filament_g, "0.01") for name, each in ends.items()
        },
    }


def _hours(print_time_s: Decimal) -> Decimal:
    return rounded(EXACT.divide(print_time_s, _SECONDS_PER_HOUR), "0.0001")
