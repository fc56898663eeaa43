"""The routes about the service itself: health, readiness, metrics, materials."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from pricing_fdm.health.readiness import is_ready
from pricing_fdm.telemetry.metrics import CONTENT_TYPE
from pricing_fdm.web.app_state import state_of
from pricing_fdm.web.auth import is_trusted
from pricing_fdm.web.info_schemas import (
    CheckFact,
    LayerThicknessFact,
    MaterialFact,
    MaterialsResponse,
    ReadyResponse,
)
from pricing_fdm.web.schemas import QuoteRequest
from pricing_fdm.web.shop_schemas import BuildVolumeFact, Range


async def get_health(_request: Request) -> Response:
    """Says that the process lives; checks nothing else."""
    return PlainTextResponse("OK")


async def get_ready(request: Request) -> Response:
    """Whether quotes are answered, and which checks failed.

    What a check has found tells paths and versions, which are not for strangers.
    """
    checks = state_of(request).readiness.checks()
    trusted = is_trusted(request.scope)
    body = ReadyResponse(
        ready=is_ready(checks),
        checks={
            check.name: CheckFact(
                ok=check.ok, needed=check.needed, detail=check.detail if trusted else None
            )
            for check in checks
        },
    )
    facts = body.model_dump(mode="json", exclude_none=True)
    return JSONResponse(facts, 200 if body.ready else 503)


async def get_metrics(request: Request) -> Response:
    """The figures that Prometheus scrapes."""
    return Response(state_of(request).metrics.render(), media_type=CONTENT_TYPE)


async def get_materials(request: Request) -> Response:
    """What a form needs to offer."""
    loaded = state_of(request).shops.current.loaded
    volume = loaded.printers[0].build_volume
    body = MaterialsResponse(
        materials=[
            MaterialFact(
                name=material.id,
                cost_usd_per_g=material.gram_cost if loaded.shop.currency == "USD" else None,
                density_g_cm3=loaded.density_g_cm3(material.id),
            )
            for material in loaded.shop.materials
        ],
        layer_thicknesses=[
            LayerThicknessFact(value=quality.layer_thickness, name=quality.id)
            for quality in loaded.shop.qualities
        ],
        infill_percent=range_of("infill"),
        quantity=range_of("quantity"),
        build_volume_mm=BuildVolumeFact(x=volume.x_mm, y=volume.y_mm, z=volume.z_mm),
    )
    return JSONResponse(body.model_dump(mode="json", exclude_none=True))


def range_of(field: str) -> Range:
    """The bounds of a field, read from the request's schema, where they are written once."""
    schema = QuoteRequest.model_json_schema()["properties"][field]
    return Range(min=schema["minimum"], max=schema["maximum"])
