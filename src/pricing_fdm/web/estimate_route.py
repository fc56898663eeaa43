"""`POST /v1/estimate`, and `POST /v1/options?estimate=true`: what a quote would come to, at once.

Nothing is sliced here. An estimate has no number of its own, is not kept and binds nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.errors import InvalidRequest, PricingError
from pricing_fdm.order_request import OrderRequest
from pricing_fdm.quoting.estimating import Estimate
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.estimate_fields import estimate_fields
from pricing_fdm.telemetry.quote_fields import failure_fields, order_fields
from pricing_fdm.web.access_log import note
from pricing_fdm.web.body import wrong_field
from pricing_fdm.web.estimate_answers import estimate_response
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
from pricing_fdm.web.problems import STATUS, problem_body
from pricing_fdm.web.request_id import request_id_of
from pricing_fdm.web.schemas import Problem, QuoteRequest

_TRUTH = {"true": True, "false": False}
_QUERY = "estimate"

_log = structlog.get_logger()


async def post_estimate(request: Request) -> Response:
    """Estimates one order."""
    with pricing_call(request, ESTIMATE_PATH, estimate=True) as call:
        async with asked(call, OrderRequest, QuoteRequest) as wanted:
            order = wanted.fields.order(call.shop)
            call.begin(order_fields(order))
            work = call.state.estimator.estimate(call.pipeline, order, wanted.source, call.timer)
            estimate = await call.while_awaited(work)
        fields = estimate_fields(estimate)
        _log.info(logs.ESTIMATE_GIVEN, **call.order, **fields)
        note(request.scope, **fields)
        call.ends = [_end(call, call.order, estimate)]
        body = estimate_response(estimate, call.timer.timing_ms())
        return JSONResponse(body.model_dump(mode="json", exclude_none=True))


async def estimate_options(request: Request) -> Response:
    """Estimates one model in several ways."""
    with pricing_call(request, OPTIONS_PATH, estimate=True) as call:
        async with asked(call, Variants, OptionsRequest) as wanted:
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
            options=[_option(call, which, outcome, timing_ms) for which, outcome in pairs],
            timing_ms=OptionsTiming(
                download=round(timing_ms["download"], 2), total=round(timing_ms["total"], 2)
            ),
        )
        call.ends = [_end(call, which, outcome) for which, outcome in pairs]
        return JSONResponse(body.model_dump(mode="json", exclude_none=True))


def wants_estimate(request: Request) -> bool:
    """Whether the query says `estimate=true`.

    Raises:
        InvalidRequest: It says something else of it.
    """
    given = request.query_params.getlist(_QUERY)
    if not given:
        return False
    if len(given) > 1 or given[0] not in _TRUTH:
        raise _wrong_query()
    return _TRUTH[given[0]]


def refuse_estimate(request: Request) -> None:
    """For a route that gives no estimates: nothing that was said is ignored.

    Raises:
        InvalidRequest: The query asks for one.
    """
    if wants_estimate(request):
        raise wrong_field(
            _QUERY, "An order is sliced; /v1/estimate estimates its parts one by one."
        )


def _wrong_query() -> InvalidRequest:
    return wrong_field(_QUERY, "Give it once in the query, as true or false.")


def _option(
    call: PricingCall,
    which: OrderFields,
    outcome: Estimate | PricingError,
    timing_ms: Mapping[str, float],
) -> Option:
    """The answer to one variant; logs its event."""
    if isinstance(outcome, PricingError):
        _log.warning(logs.ESTIMATE_FAILED, **which, **failure_fields(outcome))
        body = problem_body(outcome, request_id_of(call.request.scope))
        return Option(problem=Problem.model_validate(body))
    _log.info(logs.ESTIMATE_GIVEN, **which, **estimate_fields(outcome))
    return Option(estimate=estimate_response(outcome, timing_ms))


def _end(call: PricingCall, which: OrderFields, outcome: Estimate | PricingError) -> OrderEnd:
    if isinstance(outcome, PricingError):
        return OrderEnd(which, int(STATUS[type(outcome)]), outcome.code, call.timer)
    needs_slice = outcome.figures is None
    return OrderEnd(which, int(HTTPStatus.OK), None, call.timer, needs_slice)
