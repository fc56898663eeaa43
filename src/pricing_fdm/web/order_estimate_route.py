"""`POST /v1/order?estimate=true`: what an order of several parts would come to, at once.

What fails one part is that part's problem document. Where a part has a problem or needs a slice,
the order has no price, and `reason` names the part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.errors import PricingError
from pricing_fdm.estimate.predict import INTERVAL
from pricing_fdm.quoting.estimating import Estimate
from pricing_fdm.quoting.order_estimating import OrderEstimate, estimate_order
from pricing_fdm.telemetry.estimate_fields import price_fields
from pricing_fdm.web.access_log import note
from pricing_fdm.web.estimate_answers import part_estimate
from pricing_fdm.web.estimate_route import end_of, log_estimate
from pricing_fdm.web.options_schemas import OptionsTiming
from pricing_fdm.web.order_body import read_order
from pricing_fdm.web.order_estimate_schemas import OrderEstimateResponse
from pricing_fdm.web.order_schemas import copies_on_plate
from pricing_fdm.web.paths import ORDER_PATH
from pricing_fdm.web.pricing_call import PricingCall, pricing_call

_log = structlog.get_logger()


async def estimate_parts(request: Request) -> Response:
    """Estimates several parts together."""
    with pricing_call(request, ORDER_PATH, estimate=True) as call:
        ordered = await read_order(call)
        before = await ordered.kept.read()
        if before is not None:
            note(request.scope, repeated=True)
            return JSONResponse(before)
        call.begin({"parts": len(ordered.parts)})
        work = estimate_order(
            call.state.estimator,
            call.pipeline,
            ordered.parts,
            ordered.speed,
            call.timer,
            max_bytes=call.state.uploads.max_bytes,
        )
        found = await call.while_awaited(work)
        call.timer.stop()
        pairs = list(zip(ordered.fields, found.parts, strict=True))
        for number, (fields, outcome) in enumerate(pairs):
            log_estimate({"part": number, **fields}, outcome)
        if found.figures is not None:
            note(request.scope, **price_fields(found.figures.price))
        call.ends = [end_of(call, fields, outcome) for fields, outcome in pairs]
        return JSONResponse(await ordered.kept.keep_if_final(_body(call, found), found.parts))


def _body(call: PricingCall, found: OrderEstimate) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "binding": False,
        "needs_slice": any(isinstance(each, Estimate) and each.needs_slice for each in found.parts),
        "reason": " ".join(_reasons(found)) or None,
        "currency": call.shop.currency,
        "shop_version": call.shop.version,
        "interval": INTERVAL,
        "parts": [_part(call, each) for each in found.parts],
        "warnings": found.figures.warnings if found.figures else (),
        "timing_ms": OptionsTiming.of(call.timer.timing_ms()),
    }
    if found.figures is not None:
        answer |= {
            "price": found.figures.price,
            "lead_time_days": found.figures.lead_time_days,
            "plates": [
                {
                    "copies": sum(each.copies.values()),
                    "times": each.times,
                    "printer": each.printer,
                    "parts": copies_on_plate(each.copies),
                }
                for each in found.figures.plates
            ],
        }
    response = OrderEstimateResponse.model_validate(answer, from_attributes=True)
    return response.model_dump(mode="json", exclude_none=True)


def _reasons(found: OrderEstimate) -> Iterator[str]:
    """Why the order has no price, part by part."""
    for number, each in enumerate(found.parts):
        if isinstance(each, PricingError):
            yield f"Part {number} has a problem."
        elif each.needs_slice:
            yield f"Part {number} needs a slice."


def _part(call: PricingCall, outcome: Estimate | PricingError) -> dict[str, Any]:
    if isinstance(outcome, PricingError):
        return {"problem": call.problem(outcome)}
    return {"estimate": {**part_estimate(outcome), "share": outcome.price}}
