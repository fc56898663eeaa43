"""`POST /v1/quote`: prices one part."""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.order_request import OrderRequest
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.quote_fields import figures_of, order_fields, quote_fields, total_of
from pricing_fdm.web.access_log import note
from pricing_fdm.web.answers import quote_body
from pricing_fdm.web.model_body import asked
from pricing_fdm.web.paths import QUOTE_PATH
from pricing_fdm.web.pricing_call import pricing_call
from pricing_fdm.web.schemas import QuoteRequest

_log = structlog.get_logger()


async def post_quote(request: Request) -> Response:
    """Prices one model."""
    with pricing_call(request, QUOTE_PATH) as call:
        async with asked(call, OrderRequest, QuoteRequest) as wanted:
            before = await wanted.kept.read()
            if before is not None:
                note(request.scope, repeated=True, quote_id=before["quote_id"])
                return JSONResponse(before)
            order = wanted.fields.order(call.shop)
            call.begin(order_fields(order))
            work = call.pipeline.quote(order, wanted.source, call.timer)
            quote = await call.while_awaited(work)
        call.saw(quote)
        call.state.metrics.count_review(quote.price)
        body = await wanted.kept.keep(quote_body(quote, call.timer))
        _log_quote(request, quote, body["quote_id"])
        return JSONResponse(body)


def _log_quote(request: Request, quote: Quote, quote_id: str) -> None:
    """Writes the events that ADR-010 names, and adds to the canonical line."""
    _log.info(logs.SLICE_SUCCEEDED, **figures_of(quote))
    _log.info(logs.QUOTE_GENERATED, quote_id=quote_id, **total_of(quote))
    note(request.scope, quote_id=quote_id, **quote_fields(quote))
