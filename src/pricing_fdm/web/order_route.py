"""`POST /v1/order`: one price of several parts.

What fails one part is that part's problem document, and the order then has no price. Only what
fails the whole request (the body, no place) sets the status of the answer.
"""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.errors import PricingError
from pricing_fdm.quoting.ordering import OrderQuote, quote_order
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.quote_fields import failure_fields, price_fields
from pricing_fdm.web.access_log import note
from pricing_fdm.web.answers import part_facts, plate_facts
from pricing_fdm.web.options_schemas import OptionsTiming
from pricing_fdm.web.order_body import read_order
from pricing_fdm.web.order_estimate_route import estimate_parts
from pricing_fdm.web.order_schemas import (
    OrderPlateFacts,
    PartAnswer,
    PartFacts,
    PartsResponse,
    copies_on_plate,
)
from pricing_fdm.web.paths import ORDER_PATH
from pricing_fdm.web.pricing_call import OrderEnd, PricingCall, pricing_call
from pricing_fdm.web.query import flag

_log = structlog.get_logger()


async def post_order(request: Request) -> Response:
    """Prices several parts together; with `?estimate=true` nothing is sliced for it."""
    if flag(request, "estimate"):
        return await estimate_parts(request)
    with pricing_call(request, ORDER_PATH) as call:
        ordered = await read_order(call)
        before = await ordered.kept.read()
        if before is not None:
            note(request.scope, repeated=True, quote_id=before["quote_id"])
            return JSONResponse(before)
        call.begin({"parts": len(ordered.parts)})
        work = quote_order(
            call.pipeline,
            ordered.parts,
            ordered.speed,
            call.timer,
            max_bytes=call.state.uploads.max_bytes,
        )
        found = await call.while_awaited(work)
        body = _body(call, found)
        _account(call, found, body["quote_id"])
        body = dict(await ordered.kept.keep_if_final(body, found.parts))
        call.ends = [
            OrderEnd.of(order, outcome, timer)
            for order, outcome, timer in zip(ordered.fields, found.parts, found.timers, strict=True)
        ]
        return JSONResponse(body)


def _body(call: PricingCall, found: OrderQuote) -> dict[str, Any]:
    """The answer as JSON, under a new id."""
    answer: dict[str, Any] = {
        "quote_id": uuid.uuid4(),
        "currency": call.shop.currency,
        "shop_version": call.shop.version,
        "parts": [_part(call, found, number) for number in range(len(found.parts))],
        "warnings": found.warnings,
        "timing_ms": OptionsTiming.of(call.timer.timing_ms()),
    }
    if found.price is not None:
        price = found.price
        answer |= {
            "price": price,
            "lead_time_days": price.lead_time_days,
            "valid_until": price.valid_until,
            "review": {"required": bool(price.review), "reasons": price.review},
            "plates": _plates(found),
        }
    response = PartsResponse.model_validate(answer, from_attributes=True)
    return response.model_dump(mode="json", exclude_none=True)


def _part(call: PricingCall, found: OrderQuote, number: int) -> PartAnswer:
    outcome = found.parts[number]
    if isinstance(outcome, PricingError):
        return PartAnswer(problem=call.problem(outcome))
    if outcome is None:
        return PartAnswer()
    facts = {"share": found.shares[number], **part_facts(outcome)}
    return PartAnswer(part=PartFacts.model_validate(facts, from_attributes=True))


def _plates(found: OrderQuote) -> list[OrderPlateFacts]:
    return [
        OrderPlateFacts(
            **plate_facts(each.plate).model_dump(),
            printer=each.printer,
            parts=copies_on_plate(each.copies),
        )
        for each in found.plates
    ]


def _account(call: PricingCall, found: OrderQuote, quote_id: str) -> None:
    """Logs the event of the order and of each part that failed."""
    failed = [each for each in found.parts if isinstance(each, PricingError)]
    # Once for each slice: a crash that fails two parts is one crash.
    for seen in {id(each): each for each in found.parts if each is not None}.values():
        call.saw(seen)
    note(call.request.scope, failed=len(failed))
    for number, outcome in enumerate(found.parts):
        if isinstance(outcome, PricingError):
            _log.warning(logs.QUOTE_FAILED, part=number, **failure_fields(outcome))
    if found.price is not None:
        call.state.metrics.count_review(found.price)
        fields = price_fields(found.price)
        _log.info(logs.QUOTE_GENERATED, quote_id=quote_id, **fields)
        note(call.request.scope, quote_id=quote_id, **fields)
