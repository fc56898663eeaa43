"""`POST /internal/pricing/fdm/quote`: the main job."""

from __future__ import annotations

import uuid

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.quoting.pipeline import Quote
from pricing_fdm.telemetry import logs
from pricing_fdm.web.access_log import note
from pricing_fdm.web.answers import quote_response
from pricing_fdm.web.body import read_json
from pricing_fdm.web.paths import QUOTE_PATH
from pricing_fdm.web.pricing_call import figures_of, order_fields, pricing_call
from pricing_fdm.web.schemas import QuoteRequest

_log = structlog.get_logger()


async def post_quote(request: Request) -> Response:
    """Prices one model."""
    with pricing_call(request, QUOTE_PATH) as call:
        wanted = await read_json(request, QuoteRequest)
        call.begin(order_fields(wanted))
        work = call.pipeline.quote(wanted.order(), call.source(wanted.file_url), call.timer)
        quote = await call.while_awaited(work)
        call.saw(quote)
        quote_id = uuid.uuid4()
        _log_quote(request, quote, quote_id)
        body = quote_response(quote, quote_id, call.timer.timing_ms())
        return JSONResponse(body.model_dump(mode="json", exclude_none=True))


def _log_quote(request: Request, quote: Quote, quote_id: uuid.UUID) -> None:
    """The events that ADR-010 names, and what the canonical line adds to them."""
    figures, total = figures_of(quote), str(quote.price.total_usd)
    _log.info(logs.SLICE_SUCCEEDED, **figures)
    _log.info(logs.QUOTE_GENERATED, quote_id=str(quote_id), total_usd=total)
    note(
        request.scope,
        quote_id=str(quote_id),
        total_usd=total,
        **figures,
        model_bytes=quote.download.size_bytes,
        model_sha256=quote.download.sha256,
        triangles=quote.part.triangles,
        engine=quote.engine.name,
        profile_hash=quote.engine.profile_hash,
        warnings=[warning.code for warning in quote.warnings],
        cached=quote.cached,
    )
