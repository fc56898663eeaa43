"""`POST /v1/estimate`, and `POST /v1/options?estimate=true`: what a quote would come to, at once.

Nothing is sliced here. An estimate has no number of its own and binds nobody.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.errors import PricingError
from pricing_fdm.order_request import OrderRequest
from pricing_fdm.quoting.estimating import Estimate
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.estimate_fields import estimate_fields, price_fields
from pricing_fdm.telemetry.quote_fields import failure_fields, order_fields
from pricing_fdm.web.access_log import note
from pricing_fdm.web.estimate_answers import estimate_response
from pricing_fdm.web.estimate_schemas import EstimateRequest
from pricing_fdm.web.model_body import asked
from pricing_fdm.web.options_schemas import (
    Option,
    OptionsRequest,
    OptionsResponse,
    OptionsTiming,
    Variants,
)
from pricing_fdm.web.paths import ESTIMATE_PATH, OPTIONS_PATH
from pricing_fdm.web.pricing_call import OrderEnd, OrderFields, PricingCall, pricing_call

_log = structlog.get_logger()


async def post_estimate(request: Request) -> Response:
    """Estimates one order."""
    with pricing_call(request, ESTIMATE_PATH, estimate=True) as call:
        async with asked(call, OrderRequest, EstimateRequest) as wanted:
            before = await wanted.kept.read()
            if before is not None:
                note(request.scope, repeated=True)
                return JSONResponse(before)
            order = wanted.fields.order(call.shop)
            call.begin(order_fields(order))
            work = call.state.estimator.estimate(call.pipeline, order, wanted.source, call.timer)
            estimate = await call.while_awaited(work)
        log_estimate(call.order, estimate)
        note(request.scope, **estimate_fields(estimate), **price_fields(estimate.price))
        call.ends = [end_of(call, call.order, estimate)]
        body = estimate_response(estimate, call.timer.timing_ms())
        content = body.model_dump(mode="json", exclude_none=True)
        return JSONResponse(await wanted.kept.keep(content))


async def estimate_options(request: Request) -> Response:
    """Estimates one model in several ways."""
    with pricing_call(request, OPTIONS_PATH, estimate=True) as call:
        async with asked(call, Variants, OptionsRequest) as wanted:
            before = await wanted.kept.read()
            if before is not None:
                note(request.scope, repeated=True)
                return JSONResponse(before)
            orders = [variant.order(call.shop) for variant in wanted.fields.variants]
            call.begin({"variants": len(orders)})
            estimator = call.state.estimator
            work = estimator.estimate_all(call.pipeline, orders, wanted.source, call.timer)
            outcomes = await call.while_awaited(work)
        call.timer.stop()
        timing_ms = call.timer.timing_ms()
        fields = [{"variant": each, **order_fields(order)} for each, order in enumerate(orders)]
        pairs = list(zip(fields, outcomes, strict=True))
        body = OptionsResponse(
            options=[_option(call, outcome, timing_ms) for outcome in outcomes],
            timing_ms=OptionsTiming.of(timing_ms),
        )
        for which, outcome in pairs:
            log_estimate(which, outcome)
        call.ends = [end_of(call, which, outcome) for which, outcome in pairs]
        content = body.model_dump(mode="json", exclude_none=True)
        return JSONResponse(await wanted.kept.keep_if_final(content, outcomes))


def log_estimate(which: OrderFields, outcome: Estimate | PricingError) -> None:
    """Logs how one of several estimates ended."""
    if isinstance(outcome, PricingError):
        _log.warning(logs.ESTIMATE_FAILED, **which, **failure_fields(outcome))
    else:
        _log.info(logs.ESTIMATE_GIVEN, **which, **estimate_fields(outcome))


def end_of(call: PricingCall, which: OrderFields, outcome: Estimate | PricingError) -> OrderEnd:
    """How one of several estimates ended."""
    needs_slice = isinstance(outcome, Estimate) and outcome.needs_slice
    return OrderEnd.of(which, outcome, call.timer, needs_slice=needs_slice)


def _option(
    call: PricingCall, outcome: Estimate | PricingError, timing_ms: Mapping[str, float]
) -> Option:
    """The answer to one variant."""
    if isinstance(outcome, PricingError):
        return Option(problem=call.problem(outcome))
    return Option(estimate=estimate_response(outcome, timing_ms))
