"""What the routes that price have in common: the model's way here, and the end that is told once.

The work stops when the caller hangs up; every end is answered, counted and logged exactly once.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import structlog
from starlette.requests import Request
from starlette.responses import Response

from pricing_fdm.errors import InternalError, ModelTooLarge, PricingError, SourceError
from pricing_fdm.model import Download, IsKnown
from pricing_fdm.quoting.pipeline import Pipeline, Quote, Source
from pricing_fdm.quoting.timing import StageTimer, added_ms
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.metrics import UNKNOWN_MATERIAL
from pricing_fdm.telemetry.tracing import CANCELLED, TracedQuote, TracedWork
from pricing_fdm.web.access_log import CALLER_LEFT_STATUS, note, note_error
from pricing_fdm.web.disconnect import CallerLeft, while_awaited
from pricing_fdm.web.parts import Parts, parts_of
from pricing_fdm.web.problems import problem_response
from pricing_fdm.web.request_id import request_id_of
from pricing_fdm.web.schemas import OrderRequest

_T = TypeVar("_T")
_log = structlog.get_logger()

Asked = Mapping[str, str | int]
"""What metrics, log and trace tell of an order."""


@dataclass(frozen=True, slots=True)
class End:
    """How one of several orders of a request ended.

    Attributes:
        status: What it would have been answered with alone.
        failure: An error code; None when there is a quote.
        clock: Where its time went; orders that were answered by the same work share it.
    """

    asked: Asked
    status: int
    failure: str | None
    clock: StageTimer


@dataclass(slots=True)
class Quoting:
    """One request that prices, and what has been learnt of it.

    Attributes:
        path: Of the route.
        asked: Fields of the order, as far as they are known.
        ends: Of each order, where a request holds several and was answered.
    """

    request: Request
    parts: Parts
    path: str
    clock: StageTimer = field(default_factory=StageTimer)
    asked: Asked = field(default_factory=dict)
    ends: list[End] = field(default_factory=list)

    @property
    def pipeline(self) -> Pipeline:
        """What prices.

        Raises:
            InternalError: There is no slicer.
        """
        if self.parts.pipeline is None:
            raise InternalError("No slicer is ready on this server.", log_detail="see /ready")
        return self.parts.pipeline

    def begin(self, asked: Asked) -> None:
        """Takes note of what is asked, once it is known to be right."""
        self.asked = asked
        note(self.request.scope, **asked)
        _log.info(logs.QUOTE_REQUESTED, **asked)

    def source(self, url: str) -> Source:
        """Brings the model of a URL, and counts that."""
        return functools.partial(_download, self.parts, url)

    async def while_awaited(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Awaits `work` as long as the caller waits for it and the service stays."""
        return await while_awaited(work, self.request.receive)


async def answered(
    request: Request, path: str, answer: Callable[[Quoting], Awaitable[Response]]
) -> Response:
    """Has a request answered, whatever happens, and tells how it ended and what took how long."""
    quoting = Quoting(request, parts_of(request), path)
    failure: str | None = None
    try:
        response = await answer(quoting)
    except CallerLeft:
        failure = CANCELLED
        response = Response(status_code=CALLER_LEFT_STATUS)
    except PricingError as error:
        failure = error.code
        response = _problem(request, error)
    except Exception:  # noqa: BLE001 - the outermost edge
        _log.exception(logs.QUOTE_FAILED)
        fault = InternalError("Something went wrong on our side. The log has it by request id.")
        failure = fault.code
        response = _problem(request, fault)
    _account(quoting, response.status_code, failure)
    return response


def asked_of(wanted: OrderRequest) -> dict[str, str | int]:
    """What is told of an order: never where its model is."""
    return {
        "material": wanted.material.value,
        "infill": wanted.infill,
        "layer_thickness": wanted.layer_thickness.value,
        "quantity": wanted.quantity,
    }


def figures_of(quote: Quote) -> dict[str, float]:
    """Time and weight as the log tells them."""
    return {
        "print_time_hours": round(float(quote.price.print_time_hours), 4),
        "filament_weight_g": round(float(quote.metrics.filament_g), 2),
    }


def failed_with(error: PricingError) -> dict[str, str | None]:
    """A failure as the log tells it."""
    return {"error_type": error.code, "error": error.detail, "detail": error.log_detail}


async def _download(parts: Parts, url: str, destination: Path, is_known: IsKnown) -> Download:
    try:
        download = await parts.fetcher.fetch(url, destination, is_known)
    except (SourceError, ModelTooLarge) as error:
        parts.metrics.count_source(error.verdict)
        raise
    parts.metrics.observe_download(download)
    return download


def _problem(request: Request, error: PricingError) -> Response:
    note_error(request.scope, error)
    _log.warning(logs.QUOTE_FAILED, **failed_with(error))
    return problem_response(error, request_id_of(request.scope))


def _account(quoting: Quoting, status: int, failure: str | None) -> None:
    """Tells metrics, trace and canonical line. The error of a whole request, that line counts."""
    scope, metrics, clock = quoting.request.scope, quoting.parts.metrics, quoting.clock
    timing_ms = clock.timing_ms()
    note(scope, timing_ms={name: round(ms, 1) for name, ms in timing_ms.items()})
    for end in quoting.ends or [End(quoting.asked, status, None, clock)]:
        material = str(end.asked.get("material", UNKNOWN_MATERIAL))
        metrics.count_answer(material=material, status=end.status)
        if end.failure is not None:
            metrics.count_error(end.failure)
    metrics.observe_times(timing_ms)
    for fork in clock.forks:
        metrics.observe_times(added_ms(fork.own_stage_timings()))
    trace_id = quoting.parts.tracer.record(
        TracedQuote(
            route=quoting.path,
            request_id=request_id_of(scope),
            traceparent=quoting.request.headers.get("traceparent"),
            asked=quoting.asked,
            total=clock.total(),
            stage_timings=clock.stage_timings(),
            status=status,
            failure=failure,
            works=_works(quoting, status, failure),
        )
    )
    if trace_id is not None:
        note(scope, trace_id=trace_id)


def _works(quoting: Quoting, status: int, failure: str | None) -> tuple[TracedWork, ...]:
    """What ran side by side; all that is known of it when the request was broken off."""
    ends = {end.clock: end for end in reversed(quoting.ends)}
    works = []
    for fork in quoting.clock.forks:
        stage_timings = fork.own_stage_timings()
        broken_off = End({}, status, failure if stage_timings[-1].failed else None, fork)
        end = ends.get(fork, broken_off)
        works.append(TracedWork(end.asked, stage_timings, end.status, end.failure))
    return tuple(works)
