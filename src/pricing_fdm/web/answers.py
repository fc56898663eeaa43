"""Puts a finished quote into the shape of the contract.

Figures keep more digits than a person reads; money has two.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from pricing_fdm.pricing.exact import EXACT, rounded
from pricing_fdm.quoting.pipeline import Quote
from pricing_fdm.quoting.timing import StageTimer
from pricing_fdm.web.schemas import ModelFacts, PrintFacts, QuoteResponse

_MM3_PER_CM3 = 1000
_MM2_PER_CM2 = 100
_MM_PER_M = 1000


def quote_response(
    quote: Quote, quote_id: uuid.UUID, timing_ms: Mapping[str, float]
) -> QuoteResponse:
    """The answer to a quote."""
    price, metrics = quote.price, quote.metrics
    answer = {
        "quote_id": quote_id,
        "total_usd": price.total_usd,
        "material_cost_usd": price.material_cost_usd,
        "machine_cost_usd": price.machine_cost_usd,
        "base_fee_usd": price.base_fee_usd,
        "lead_time_days": price.lead_time_days,
        "print_time_hours": rounded(price.print_time_hours, "0.000001"),
        "filament_weight_g": rounded(metrics.filament_g, "0.0001"),
        "volume_cm3": rounded(metrics.volume_cm3, "0.0001"),
        "quantity": quote.order.quantity,
        "unit_usd": price.unit_usd,
        "breakdown": price.breakdown,
        "model": _model_facts(quote),
        "print": _print_facts(quote),
        "printer": quote.printer,
        "engine": quote.engine,
        "warnings": quote.warnings,
        "timing_ms": {name: round(elapsed, 2) for name, elapsed in timing_ms.items()},
        "cached": quote.cached,
    }
    return QuoteResponse.model_validate(answer, from_attributes=True)


def quote_body(quote: Quote, timer: StageTimer) -> dict[str, Any]:
    """The same as JSON, under a new id."""
    response = quote_response(quote, uuid.uuid4(), timer.timing_ms())
    return response.model_dump(mode="json", exclude_none=True)


def _model_facts(quote: Quote) -> ModelFacts:
    part = quote.part
    return ModelFacts(
        sha256=quote.download.sha256,
        bytes=quote.download.size_bytes,
        format=part.format,
        triangles=part.triangles,
        bodies=part.bodies,
        watertight=part.watertight,
        dimensions_mm=_to_micrometres(part.dimensions_mm),
        volume_cm3=round(part.volume_mm3 / _MM3_PER_CM3, 5),
        surface_cm2=round(part.surface_mm2 / _MM2_PER_CM2, 4),
    )


def _print_facts(quote: Quote) -> PrintFacts:
    settings, metrics, pose = quote.order.print_settings, quote.metrics, quote.part.pose
    support_g = metrics.support_g
    return PrintFacts(
        material=settings.material,
        infill=settings.infill_percent,
        layer_thickness=settings.quality.layer_thickness,
        supports=settings.supports,
        orientation=quote.order.orientation,
        rotation=pose.rotation,
        dimensions_mm=_to_micrometres(pose.dimensions_mm),
        complexity=quote.complexity,
        filament_length_m=rounded(EXACT.divide(metrics.filament_mm, _MM_PER_M), "0.00001"),
        support_weight_g=None if support_g is None else rounded(support_g, "0.0001"),
        layers=metrics.layers,
    )


def _to_micrometres(size_mm: tuple[float, float, float]) -> tuple[float, float, float]:
    return round(size_mm[0], 3), round(size_mm[1], 3), round(size_mm[2], 3)
