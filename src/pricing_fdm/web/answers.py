"""Puts a finished quote into the shape of the contract."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from pricing_fdm.pricing.exact import EXACT, rounded
from pricing_fdm.quoting.pipeline import Quote
from pricing_fdm.web.schemas import (
    BreakdownLine,
    EngineFacts,
    ModelFacts,
    PrintFacts,
    QuoteResponse,
    Timing,
    WarningFact,
)

_MM3_PER_CM3 = 1000
_MM2_PER_CM2 = 100
_MM_PER_M = 1000


def quote_response(
    quote: Quote, quote_id: uuid.UUID, timing_ms: Mapping[str, float]
) -> QuoteResponse:
    """The answer's body; figures keep more digits than a person reads, money has two."""
    price, metrics, part = quote.price, quote.metrics, quote.part
    settings = quote.order.print_settings
    return QuoteResponse(
        quote_id=quote_id,
        total_usd=price.total_usd,
        material_cost_usd=price.material_cost_usd,
        machine_cost_usd=price.machine_cost_usd,
        base_fee_usd=price.base_fee_usd,
        lead_time_days=price.lead_time_days,
        print_time_hours=rounded(price.print_time_hours, "0.000001"),
        filament_weight_g=rounded(metrics.filament_g, "0.0001"),
        volume_cm3=rounded(metrics.volume_cm3, "0.0001"),
        quantity=quote.order.quantity,
        unit_usd=price.unit_usd,
        breakdown=[
            BreakdownLine(code=line.code, label=line.label, amount_usd=line.amount_usd)
            for line in price.breakdown
        ],
        model=ModelFacts(
            sha256=quote.download.sha256,
            bytes=quote.download.size_bytes,
            format=part.format,
            triangles=part.triangles,
            bodies=part.bodies,
            watertight=part.watertight,
            dimensions_mm=_to_micrometres(part.dimensions_mm),
            volume_cm3=round(part.volume_mm3 / _MM3_PER_CM3, 5),
            surface_cm2=round(part.surface_mm2 / _MM2_PER_CM2, 4),
        ),
        print=PrintFacts(
            material=settings.material,
            infill=settings.infill_percent,
            layer_thickness=settings.layer_thickness,
            supports=settings.supports,
            orientation=quote.order.orientation,
            rotation=part.pose.rotation,
            dimensions_mm=_to_micrometres(part.pose.dimensions_mm),
            complexity=quote.complexity,
            filament_length_m=rounded(EXACT.divide(metrics.filament_mm, _MM_PER_M), "0.00001"),
            support_weight_g=(
                None if metrics.support_g is None else rounded(metrics.support_g, "0.0001")
            ),
            layers=metrics.layers,
        ),
        engine=EngineFacts(
            name=quote.engine.name,
            version=quote.engine.version,
            profile_hash=quote.engine.profile_hash,
        ),
        warnings=[
            WarningFact(code=warning.code, message=warning.message) for warning in quote.warnings
        ],
        timing_ms=Timing(**{name: round(elapsed, 2) for name, elapsed in timing_ms.items()}),
        cached=quote.cached,
    )


def _to_micrometres(size_mm: tuple[float, float, float]) -> tuple[float, float, float]:
    return round(size_mm[0], 3), round(size_mm[1], 3), round(size_mm[2], 3)
