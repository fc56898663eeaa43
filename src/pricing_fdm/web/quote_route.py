"""`POST /internal/pricing/fdm/quote`: the main job.

The work stops when the caller hangs up; every end is answered, counted and logged exactly once.
"""

from __future__ import annotations

import functools
import uuid
from pathlib import Path

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.errors import (
    InternalError,
    ModelTooLarge,
    PricingError,
    SlicerCrashed,
    SourceError,
)
from pricing_fdm.model import Download
from pricing_fdm.pipeline import Quote, StageClock
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.tracing import CANCELLED, TracedQuote
from pricing_fdm.web.access_log import CALLER_LEFT_STATUS, note, note_error
from pricing_fdm.web.answers import quote_response
from pricing_fdm.web.body import read_json
from pricing_fdm.web.disconnect import CallerLeft, while_awaited
from pricing_fdm.web.parts import Parts, parts_of
from pricing_fdm.web.paths import QUOTE_PATH
from pricing_fdm.web.problems import problem_response
from pricing_fdm.web.request_id import request_id_of
from pricing_fdm.web.schemas import QuoteRequest

_log = structlog.get_logger()


async def post_quote(request: Request) -> Response:
    """Prices one model."""
    parts, clock = parts_of(request), StageClock()
    failure: str | None = None
    try:
        response = await _answer(request, parts, clock)
    except CallerLeft:
        failure = CANCELLED
        response = Response(status_code=CALLER_LEFT_STATUS)
    except PricingError as error:
        failure = error.code
        response = await _problem(request, parts, error)
    except Exception:  # noqa: BLE001 - the outermost edge
        await _log.aexception(logs.QUOTE_FAILED)
        fault = InternalError("Something went wrong on our side. The log has it by request id.")
        failure = fault.code
        response = await _problem(request, parts, fault)
    _account(request, parts, clock, response.status_code, failure)
    return response


_ASKED = "pricing_fdm.asked"


def _account(
    request: Request, parts: Parts, clock: StageClock, status: int, failure: str | None
) -> None:
    """Tells metrics, trace and canonical line how the request ended and what took how long."""
    asked, timing_ms = request.scope.get(_ASKED, {}), clock.timing_ms()
    note(request.scope, timing_ms={name: round(ms, 1) for name, ms in timing_ms.items()})
    parts.metrics.observe_quote(material=asked.get("material"), status=status, timing_ms=timing_ms)
    trace_id = parts.tracer.record(
        TracedQuote(
            route=QUOTE_PATH,
            request_id=request_id_of(request.scope),
            traceparent=request.headers.get("traceparent"),
            asked=asked,
            total=clock.total(),
            laps=clock.laps(),
            status=status,
            failure=failure,
        )
    )
    if trace_id is not None:
        note(request.scope, trace_id=trace_id)


async def _answer(request: Request, parts: Parts, clock: StageClock) -> Response:
    wanted = await read_json(request, QuoteRequest)
    asked = {
        "material": wanted.material.value,
        "infill": wanted.infill,
        "layer_thickness": wanted.layer_thickness.value,
        "quantity": wanted.quantity,
    }
    request.scope[_ASKED] = asked
    note(request.scope, **asked)
    await _log.ainfo(logs.QUOTE_REQUESTED, **asked)
    if parts.pipeline is None:
        raise InternalError("No slicer is ready on this server.", log_detail="see /ready")
    source = functools.partial(_download, parts, wanted.file_url)
    quote = await while_awaited(
        parts.pipeline.quote(wanted.order(), source, clock),
        request.receive,
        parts.pipeline.admission.until_closed(),
    )
    parts.watchdog.saw(crash=quote.engine.name != parts.pipeline.engine.name)  # it fell back
    quote_id = uuid.uuid4()
    await _tell(request, quote, quote_id)
    body = quote_response(quote, quote_id, clock.timing_ms())
    return JSONResponse(body.model_dump(mode="json", exclude_none=True))


async def _download(parts: Parts, url: str, destination: Path) -> Download:
    try:
        download = await parts.fetcher.fetch(url, destination)
    except (SourceError, ModelTooLarge) as error:
        parts.metrics.count_source(error.verdict)
        raise
    parts.metrics.observe_download(download.size_bytes)
    return download


async def _tell(request: Request, quote: Quote, quote_id: uuid.UUID) -> None:
    """The events that ADR-010 names, and what the canonical line adds to them."""
    hours = round(float(quote.price.print_time_hours), 4)
    grams = round(float(quote.metrics.filament_g), 2)
    await _log.ainfo(logs.SLICE_SUCCEEDED, print_time_hours=hours, filament_weight_g=grams)
    total = str(quote.price.total_usd)
    await _log.ainfo(logs.QUOTE_GENERATED, quote_id=str(quote_id), total_usd=total)
    note(
        request.scope,
        quote_id=str(quote_id),
        total_usd=total,
        print_time_hours=hours,
        filament_weight_g=grams,
        model_bytes=quote.download.size_bytes,
        model_sha256=quote.download.sha256,
        triangles=quote.part.triangles,
        engine=quote.engine.name,
        profile_hash=quote.engine.profile_hash,
        warnings=[warning.code for warning in quote.warnings],
    )


async def _problem(request: Request, parts: Parts, error: PricingError) -> Response:
    if isinstance(error, SlicerCrashed):
        parts.watchdog.saw(crash=True)
    note_error(request.scope, error)
    await _log.awarning(
        logs.QUOTE_FAILED, error_type=error.code, error=error.detail, detail=error.log_detail
    )
    return problem_response(error, request_id_of(request.scope))
