"""Puts a finished quote into the shape of the contract.

Figures keep more digits than a person reads; money has two.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from pricing_fdm.model import Download, Order, Part
from pricing_fdm.pricing.exact import EXACT, rounded
from pricing_fdm.pricing.job import Plate
from pricing_fdm.pricing.quote import Price
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.web.schemas import (
    BreakdownLine,
    ModelFacts,
    PlateFacts,
    PrintFacts,
    PrintPlan,
    QuoteResponse,
)

_MM3_PER_CM3 = 1000
_MM_PER_M = 1000
_SECONDS_PER_HOUR = 3600


def quote_response(
    quote: Quote, quote_id: uuid.UUID, timing_ms: Mapping[str, float]
) -> QuoteResponse:
    """The answer to a quote."""
    price = quote.price
    answer = {
        "quote_id": quote_id,
        **(_in_dollars(price) if price.currency == "USD" else {}),
        **part_facts(quote),
        "lead_time_days": price.lead_time_days,
        "currency": price.currency,
        "price": price,
        "plates": [plate_facts(plate) for plate in price.plates],
        "shop_version": price.shop_version,
        "valid_until": price.valid_until,
        "review": {"required": bool(price.review), "reasons": price.review},
        "timing_ms": {name: round(elapsed, 2) for name, elapsed in timing_ms.items()},
    }
    return QuoteResponse.model_validate(answer, from_attributes=True)


def part_facts(quote: Quote) -> dict[str, Any]:
    """What is said of a part, whether it is all that is ordered or one of several."""
    metrics = quote.metrics
    return {
        "print_time_hours": rounded(
            EXACT.divide(metrics.print_time_s, _SECONDS_PER_HOUR), "0.000001"
        ),
        "filament_weight_g": rounded(metrics.filament_g, "0.0001"),
        "volume_cm3": rounded(metrics.volume_cm3, "0.0001"),
        "quantity": quote.order.quantity,
        "model": model_facts(quote.download, quote.part),
        "print": print_facts(quote),
        "printer": quote.printer,
        "engine": quote.engine,
        "warnings": quote.warnings,
        "cached": quote.cached,
    }


def quote_body(quote: Quote, timer: StageTimer) -> dict[str, Any]:
    """The same as JSON, under a new id."""
    response = quote_response(quote, uuid.uuid4(), timer.timing_ms())
    return response.model_dump(mode="json", exclude_none=True)


def _in_dollars(price: Price) -> dict[str, Any]:
    """The fields of ADR-010, which are there in its currency only."""
    return {
        "total_usd": price.total,
        "material_cost_usd": price.amount("material"),
        "machine_cost_usd": price.amount("machine"),
        "base_fee_usd": price.amount("base_fee"),
        "unit_usd": price.unit,
        "breakdown": [
            BreakdownLine(
                code="rush" if line.code == "speed" else line.code,
                label=line.label,
                amount_usd=line.amount,
            )
            for line in price.lines
        ],
    }


def plate_facts(plate: Plate) -> PlateFacts:
    """A plate."""
    overhead_g, overhead_s = plate.metrics.overhead_g, plate.metrics.overhead_s
    return PlateFacts(
        copies=plate.copies,
        times=plate.times,
        print_time_hours=rounded(
            EXACT.divide(plate.metrics.print_time_s, _SECONDS_PER_HOUR), "0.000001"
        ),
        filament_weight_g=rounded(plate.metrics.filament_g, "0.0001"),
        overhead_g=None if overhead_g is None else rounded(overhead_g, "0.0001"),
        overhead_s=None if overhead_s is None else rounded(overhead_s, "0.01"),
    )


def model_facts(download: Download, part: Part) -> ModelFacts:
    """The model as it was read."""
    return ModelFacts(
        sha256=download.sha256,
        bytes=download.size_bytes,
        format=part.format,
        triangles=part.triangles,
        bodies=part.bodies,
        watertight=part.watertight,
        dimensions_mm=_to_micrometres(part.dimensions_mm),
        volume_cm3=round(part.volume_mm3 / _MM3_PER_CM3, 5),
        surface_cm2=float(part.surface_cm2),
    )


def print_plan(order: Order, part: Part) -> PrintPlan:
    """How it is printed, as far as no slice is needed to know it."""
    settings, pose = order.print_settings, part.pose
    return PrintPlan(
        material=settings.material,
        infill=settings.infill_percent,
        layer_thickness=settings.quality.layer_thickness,
        supports=settings.supports,
        orientation=order.orientation,
        rotation=pose.rotation,
        dimensions_mm=_to_micrometres(pose.dimensions_mm),
    )


def print_facts(quote: Quote) -> PrintFacts:
    """How it is printed, with what the slicer says."""
    metrics, support_g = quote.metrics, quote.metrics.support_g
    return PrintFacts(
        **dict(print_plan(quote.order, quote.part)),
        complexity=quote.complexity,
        filament_length_m=rounded(EXACT.divide(metrics.filament_mm, _MM_PER_M), "0.00001"),
        support_weight_g=None if support_g is None else rounded(support_g, "0.0001"),
        layers=metrics.layers,
    )


def _to_micrometres(size_mm: tuple[float, float, float]) -> tuple[float, float, float]:
    return round(size_mm[0], 3), round(size_mm[1], 3), round(size_mm[2], 3)
