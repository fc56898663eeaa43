"""`POST /v1/options`: many prices of one part.

The model is downloaded and inspected once, and sliced once for each variant that needs a slice of
its own. A failure of one variant is that variant's problem document. Only what fails for all
variants (the request, the download, no place) sets the status of the answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.errors import PricingError
from pricing_fdm.quoting import options
from pricing_fdm.quoting.options import quote_options
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import Stage
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.quote_fields import (
    failure_fields,
    figures_of,
    model_fields,
    order_fields,
    total_of,
)
from pricing_fdm.web.access_log import note
from pricing_fdm.web.answers import quote_response
from pricing_fdm.web.estimate_route import estimate_options
from pricing_fdm.web.model_body import asked
from pricing_fdm.web.options_schemas import (
    Option,
    OptionsRequest,
    OptionsResponse,
    OptionsTiming,
    Variants,
)
from pricing_fdm.web.paths import OPTIONS_PATH
from pricing_fdm.web.pricing_call import OrderEnd, OrderFields, PricingCall, pricing_call
from pricing_fdm.web.query import flag

_log = structlog.get_logger()


async def post_options(request: Request) -> Response:
    """Prices one model in several ways; with `?estimate=true` nothing is sliced for it."""
    if flag(request, "estimate"):
        return await estimate_options(request)
    with pricing_call(request, OPTIONS_PATH) as call:
        async with asked(call, Variants, OptionsRequest) as wanted:
            before = await wanted.kept.read()
            if before is not None:
                note(request.scope, repeated=True)
                return JSONResponse(before)
            orders = [variant.order(call.shop) for variant in wanted.fields.variants]
            call.begin({"variants": len(orders)})
            work = quote_options(call.pipeline, orders, wanted.source, call.timer)
            priced = await call.while_awaited(work)
        fields = [order_fields(order) for order in orders]
        answers = [
            _option(call, {"variant": number, **order}, option)
            for number, (order, option) in enumerate(zip(fields, priced, strict=True))
        ]
        # Once for each slice: a crash that fails three variants is one crash.
        for outcome in {option.timer: option.outcome for option in priced}.values():
            call.saw(outcome)
        _sum_up(call, priced)
        timing = OptionsTiming.of(call.timer.timing_ms())
        body = OptionsResponse(options=answers, timing_ms=timing)
        outcomes = [option.outcome for option in priced]
        content = await wanted.kept.keep_if_final(
            body.model_dump(mode="json", exclude_none=True), outcomes
        )
        call.ends = [
            OrderEnd.of(order, option.outcome, option.timer)
            for order, option in zip(fields, priced, strict=True)
        ]
        return JSONResponse(content)


def _option(call: PricingCall, which: OrderFields, option: options.Option) -> Option:
    """The answer to one variant; logs its event."""
    outcome = option.outcome
    if isinstance(outcome, PricingError):
        _log.warning(logs.QUOTE_FAILED, **which, **failure_fields(outcome))
        return Option(problem=call.problem(outcome))
    quote_id = uuid.uuid4()
    call.state.metrics.count_review(outcome.price)
    _log.info(
        logs.QUOTE_GENERATED,
        **which,
        quote_id=str(quote_id),
        **total_of(outcome),
        **figures_of(outcome),
        cached=outcome.cached,
    )
    return Option(quote=quote_response(outcome, quote_id, option.timer.timing_ms()))


def _sum_up(call: PricingCall, priced: Sequence[options.Option]) -> None:
    quotes = [option.outcome for option in priced if isinstance(option.outcome, Quote)]
    reached = [{timing.name for timing in fork.own_stage_timings()} for fork in call.timer.forks]
    note(
        call.request.scope,
        questions=len(reached),
        slices=sum(Stage.SLICE in stages for stages in reached),
        failed=len(priced) - len(quotes),
        cached=sum(quote.cached for quote in quotes),
    )
    for quote in quotes[:1]:
        note(call.request.scope, **model_fields(quote))
