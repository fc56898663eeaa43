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
from pricing_fdm.quoting import pipeline
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
from pricing_fdm.web.pricing_call import End, Quoting, answered, asked_of, failed_with, figures_of
from pricing_fdm.web.problems import STATUS, problem_body
from pricing_fdm.web.request_id import request_id_of
from pricing_fdm.web.schemas import Problem

_log = structlog.get_logger()


async def post_options(request: Request) -> Response:
    """Prices one model in several ways."""
    return await answered(request, OPTIONS_PATH, _answer)


async def _answer(quoting: Quoting) -> Response:
    wanted = await read_json(quoting.request, OptionsRequest)
    quoting.begin({"variants": len(wanted.variants)})
    priced = await quoting.while_awaited(
        quoting.pipeline.options(
            [variant.order() for variant in wanted.variants],
            quoting.source(wanted.file_url),
            quoting.clock,
        )
    )
    options = [
        _option(quoting, number, variant, option)
        for number, (variant, option) in enumerate(zip(wanted.variants, priced, strict=True))
    ]
    _warn_watchdog(quoting, priced)
    _sum_up(quoting, priced)
    timing_ms = quoting.clock.timing_ms()
    timing = OptionsTiming(
        download=round(timing_ms[Stage.DOWNLOAD], 2), total=round(timing_ms["total"], 2)
    )
    body = OptionsResponse(options=options, timing_ms=timing)
    answer = JSONResponse(body.model_dump(mode="json", exclude_none=True))
    quoting.ends = [
        End(asked_of(variant), *_status_of(option.outcome), option.clock)
        for variant, option in zip(wanted.variants, priced, strict=True)
    ]
    return answer


def _option(quoting: Quoting, number: int, variant: Variant, option: pipeline.Option) -> Option:
    """The answer to one variant, and its event."""
    outcome, which = option.outcome, {"variant": number, **asked_of(variant)}
    if isinstance(outcome, PricingError):
        _log.warning(logs.QUOTE_FAILED, **which, **failed_with(outcome))
        body = problem_body(outcome, request_id_of(quoting.request.scope))
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
    return Option(quote=quote_response(outcome, quote_id, option.clock.timing_ms()))


def _warn_watchdog(quoting: Quoting, priced: Sequence[pipeline.Option]) -> None:
    """Once for each slice: a crash that answers three variants is one crash."""
    engine = quoting.pipeline.engine.name
    for outcome in {option.clock: option.outcome for option in priced}.values():
        quoting.parts.watchdog.saw_end(outcome, engine)


def _sum_up(quoting: Quoting, priced: Sequence[pipeline.Option]) -> None:
    quotes = [option.outcome for option in priced if isinstance(option.outcome, Quote)]
    reached = [{lap.name for lap in fork.own_stage_timings()} for fork in quoting.clock.forks]
    note(
        quoting.request.scope,
        questions=len(reached),
        slices=sum(Stage.SLICE in stages for stages in reached),
        failed=len(priced) - len(quotes),
        cached=sum(quote.cached for quote in quotes),
    )
    for quote in quotes[:1]:
        note(
            quoting.request.scope,
            model_bytes=quote.download.size_bytes,
            model_sha256=quote.download.sha256,
            triangles=quote.part.triangles,
            engine=quote.engine.name,
        )


def _status_of(outcome: Quote | PricingError) -> tuple[int, str | None]:
    if isinstance(outcome, PricingError):
        return int(STATUS[type(outcome)]), outcome.code
    return int(HTTPStatus.OK), None
