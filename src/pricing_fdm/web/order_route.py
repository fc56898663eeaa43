"""`POST /v1/order`: one price of several parts.

What fails one part is that part's problem document, and the order then has no price. Only what
fails the whole request (the body, no place) sets the status of the answer.
"""

from __future__ import annotations

import functools
import uuid
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.errors import PricingError
from pricing_fdm.pricing.exact import EXACT, rounded
from pricing_fdm.quoting.ordering import OrderQuote, quote_order
from pricing_fdm.quoting.pipeline import Source
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import Stage
from pricing_fdm.shop.tariff import Speed
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.quote_fields import failure_fields, order_fields, price_fields
from pricing_fdm.web.access_log import note
from pricing_fdm.web.answers import model_facts, plate_facts, print_facts
from pricing_fdm.web.body import LONGEST_BODY_BYTES, read_json
from pricing_fdm.web.estimate_route import refuse_estimate
from pricing_fdm.web.idempotency import KeptAnswer, fingerprint, idempotency_key
from pricing_fdm.web.order_schemas import (
    MOST_PARTS,
    CopiesOnPlate,
    OrderedPart,
    OrderPlateFacts,
    PartAnswer,
    PartFacts,
    PartsRequest,
    PartsResponse,
)
from pricing_fdm.web.paths import ORDER_PATH
from pricing_fdm.web.pricing_call import OrderEnd, PricingCall, pricing_call
from pricing_fdm.web.problems import STATUS, problem_body
from pricing_fdm.web.request_id import request_id_of
from pricing_fdm.web.schemas import Problem

_log = structlog.get_logger()

_SECONDS_PER_HOUR = 3600
_LONGEST_PART_BYTES = 8 * 1024  # a URL has up to 4 KiB
LONGEST_ORDER_BYTES = LONGEST_BODY_BYTES + MOST_PARTS * _LONGEST_PART_BYTES


async def post_order(request: Request) -> Response:
    """Prices several parts together."""
    with pricing_call(request, ORDER_PATH) as call:
        refuse_estimate(request)
        wanted = await read_json(request, PartsRequest, call.shop, most_bytes=LONGEST_ORDER_BYTES)
        whole = fingerprint(call.path, wanted.model_dump(mode="json"))
        kept = KeptAnswer(call.state.answers, idempotency_key(request), whole)
        before = await kept.read()
        if before is not None:
            note(request.scope, repeated=True, quote_id=before["quote_id"])
            return JSONResponse(before)
        orders = [part.order(call.shop) for part in wanted.parts]
        call.begin({"parts": len(orders)})
        sources = [_source(call, part) for part in wanted.parts]
        work = quote_order(
            call.pipeline,
            list(zip(orders, sources, strict=True)),
            _speed(call, wanted),
            call.timer,
            max_bytes=call.state.uploads.max_bytes,
        )
        found = await call.while_awaited(work)
        body = _body(call, found)
        _account(call, found, body["quote_id"])
        if not any(isinstance(each, PricingError) and each.retryable for each in found.parts):
            body = dict(await kept.keep(body))
        fields = [order_fields(order) for order in orders]
        call.ends = [
            OrderEnd(order, *_status_of(outcome), timer)
            for order, outcome, timer in zip(fields, found.parts, found.timers, strict=True)
        ]
        return JSONResponse(body)


def _speed(call: PricingCall, wanted: PartsRequest) -> Speed | None:
    chosen = wanted.chosen_speed(call.shop)
    return next((each for each in call.shop.tariff.speeds if each.id == chosen), None)


def _source(call: PricingCall, part: OrderedPart) -> Source:
    if part.file_url is not None:
        return call.source(part.file_url)
    return call.counted(functools.partial(call.state.queue.uploads.fetch, str(part.upload_id)))


def _body(call: PricingCall, found: OrderQuote) -> dict[str, Any]:
    """The answer as JSON, under a new id."""
    timing_ms = call.timer.timing_ms()
    answer: dict[str, Any] = {
        "quote_id": uuid.uuid4(),
        "currency": call.shop.currency,
        "shop_version": call.shop.version,
        "parts": [_part(call, found, number) for number in range(len(found.parts))],
        "warnings": found.warnings,
        "timing_ms": {
            "download": round(timing_ms[Stage.DOWNLOAD], 2),
            "total": round(timing_ms["total"], 2),
        },
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
        body = problem_body(outcome, request_id_of(call.request.scope))
        return PartAnswer(problem=Problem.model_validate(body))
    return PartAnswer(part=None if outcome is None else _facts(outcome, found.shares[number]))


def _facts(quote: Quote, share: Decimal) -> PartFacts:
    metrics = quote.metrics
    hours = EXACT.divide(metrics.print_time_s, _SECONDS_PER_HOUR)
    return PartFacts.model_validate(
        {
            "share": share,
            "quantity": quote.order.quantity,
            "print_time_hours": rounded(hours, "0.000001"),
            "filament_weight_g": rounded(metrics.filament_g, "0.0001"),
            "volume_cm3": rounded(metrics.volume_cm3, "0.0001"),
            "model": model_facts(quote.download, quote.part),
            "print": print_facts(quote),
            "printer": quote.printer,
            "engine": quote.engine,
            "warnings": quote.warnings,
            "cached": quote.cached,
        },
        from_attributes=True,
    )


def _plates(found: OrderQuote) -> list[OrderPlateFacts]:
    return [
        OrderPlateFacts(
            **plate_facts(each.plate).model_dump(),
            printer=each.printer,
            parts=[
                CopiesOnPlate(part=part, copies=many) for part, many in sorted(each.copies.items())
            ],
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


def _status_of(outcome: Quote | PricingError | None) -> tuple[int, str | None]:
    if isinstance(outcome, PricingError):
        return int(STATUS[type(outcome)]), outcome.code
    return int(HTTPStatus.OK), None
