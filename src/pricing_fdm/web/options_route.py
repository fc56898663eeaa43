"""`POST /internal/pricing/fdm/options`: many prices of one part.

One download and one judgement of the model, each distinct slice once, all answers in one. What
fails for one variant is that variant's problem; only what fails for all of them (the request, the
download, no place) is the answer's own status.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.errors import PricingError
from pricing_fdm.quoting import options
from pricing_fdm.quoting.options import quote_options
from pricing_fdm.quoting.pipeline import Quote
from pricing_fdm.quoting.timing import Stage
from pricing_fdm.telemetry import logs
from pricing_fdm.web.access_log import note
from pricing_fdm.web.answers import quote_response
from pricing_fdm.web.body import read_json
from pricing_fdm.web.options_schemas import (
    Option,
    OptionsRequest,
    OptionsResponse,
    OptionsTiming,
    Variant,
)
from pricing_fdm.web.paths import OPTIONS_PATH
from pricing_fdm.web.pricing_call import (
    OrderEnd,
    PricingCall,
    failure_fields,
    figures_of,
    order_fields,
    pricing_call,
)
from pricing_fdm.web.problems import STATUS, problem_body
from pricing_fdm.web.request_id import request_id_of
from pricing_fdm.web.schemas import Problem

_log = structlog.get_logger()


async def post_options(request: Request) -> Response:
    """Prices one model in several ways."""
    with pricing_call(request, OPTIONS_PATH) as call:
        wanted = await read_json(request, OptionsRequest)
        call.begin({"variants": len(wanted.variants)})
        orders = [variant.order() for variant in wanted.variants]
        source = call.source(wanted.file_url)
        priced = await call.while_awaited(quote_options(call.pipeline, orders, source, call.timer))
        answers = [
            _option(call, number, variant, option)
            for number, (variant, option) in enumerate(zip(wanted.variants, priced, strict=True))
        ]
        # Once for each slice: a crash that answers three variants is one crash.
        for outcome in {option.timer: option.outcome for option in priced}.values():
            call.saw(outcome)
        _sum_up(call, priced)
        timing_ms = call.timer.timing_ms()
        timing = OptionsTiming(
            download=round(timing_ms[Stage.DOWNLOAD], 2), total=round(timing_ms["total"], 2)
        )
        body = OptionsResponse(options=answers, timing_ms=timing)
        answer = JSONResponse(body.model_dump(mode="json", exclude_none=True))
        call.ends = [
            OrderEnd(order_fields(variant), *_status_of(option.outcome), option.timer)
            for variant, option in zip(wanted.variants, priced, strict=True)
        ]
        return answer


def _option(call: PricingCall, number: int, variant: Variant, option: options.Option) -> Option:
    """The answer to one variant, and its event."""
    outcome, which = option.outcome, {"variant": number, **order_fields(variant)}
    if isinstance(outcome, PricingError):
        _log.warning(logs.QUOTE_FAILED, **which, **failure_fields(outcome))
        body = problem_body(outcome, request_id_of(call.request.scope))
        return Option(problem=Problem.model_validate(body))
    quote_id, total = uuid.uuid4(), str(outcome.price.total_usd)
    _log.info(
        logs.QUOTE_GENERATED,
        **which,
        quote_id=str(quote_id),
        total_usd=total,
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
        note(
            call.request.scope,
            model_bytes=quote.download.size_bytes,
            model_sha256=quote.download.sha256,
            triangles=quote.part.triangles,
            engine=quote.engine.name,
        )


def _status_of(outcome: Quote | PricingError) -> tuple[int, str | None]:
    if isinstance(outcome, PricingError):
        return int(STATUS[type(outcome)]), outcome.code
    return int(HTTPStatus.OK), None
