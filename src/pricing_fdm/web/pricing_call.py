"""What every request that prices needs: a source for its model, and one report of how it ended.

The work stops when the caller hangs up. The end is counted, logged and traced exactly once. The
exception handlers of the application (`problems`) turn an error into its response.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import structlog
from starlette.requests import Request

from pricing_fdm.errors import InternalError, PricingError
from pricing_fdm.health.shop_reload import ShopState
from pricing_fdm.model import Download
from pricing_fdm.quoting.pipeline import Pipeline, Source
from pricing_fdm.quoting.quote import Quote
from pricing_fdm.quoting.timing import StageTimer, added_ms
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.metrics import UNKNOWN_MATERIAL, EstimateOutcome
from pricing_fdm.telemetry.quote_fields import failure_fields
from pricing_fdm.telemetry.tracing import CANCELLED, TracedQuote, TracedWork
from pricing_fdm.web.access_log import CALLER_LEFT_STATUS, note
from pricing_fdm.web.app_state import AppState, state_of
from pricing_fdm.web.disconnect import CallerLeft, while_awaited
from pricing_fdm.web.problem_schemas import Problem
from pricing_fdm.web.problems import STATUS, problem_body
from pricing_fdm.web.request_id import request_id_of

_T = TypeVar("_T")
_log = structlog.get_logger()

OrderFields = Mapping[str, str | int]
"""Fields of an order for metrics, log and trace."""


@dataclass(frozen=True, slots=True)
class OrderEnd:
    """How one of several orders of a request ended.

    Attributes:
        status: The HTTP status that it would have had in a request of its own.
        failure: An error code; None when there is a quote.
        timer: Its stages; orders that share a slice share it.
        needs_slice: No estimate could be made of it.
    """

    order: OrderFields
    status: int
    failure: str | None
    timer: StageTimer
    needs_slice: bool = False

    @classmethod
    def of(
        cls, order: OrderFields, outcome: object, timer: StageTimer, *, needs_slice: bool = False
    ) -> OrderEnd:
        """Of an order with this outcome: an error, or what was asked for."""
        if isinstance(outcome, PricingError):
            return cls(order, int(STATUS[type(outcome)]), outcome.code, timer)
        return cls(order, int(HTTPStatus.OK), None, timer, needs_slice)

    @property
    def outcome(self) -> EstimateOutcome:
        """Of an estimate."""
        if self.status != HTTPStatus.OK:
            return EstimateOutcome.FAILED
        return EstimateOutcome.NEEDS_SLICE if self.needs_slice else EstimateOutcome.GIVEN


@dataclass(slots=True)
class PricingCall:
    """One request that prices, and what is known of it so far.

    Attributes:
        path: Of the route.
        in_force: The shop that the request is answered with, whatever happens to it meanwhile.
        is_estimate: It asks for estimates; they are counted apart from quotes.
        order: Fields of the order, as far as they are known.
        ends: Of each order, once a request with several orders has its answer.
    """

    request: Request
    state: AppState
    path: str
    in_force: ShopState
    is_estimate: bool = False
    timer: StageTimer = field(default_factory=StageTimer)
    order: OrderFields = field(default_factory=dict)
    ends: list[OrderEnd] = field(default_factory=list)

    @property
    def shop(self) -> Shop:
        """What is offered."""
        return self.in_force.shop

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline for this shop.

        Raises:
            InternalError: There is no slicer.
        """
        if self.in_force.pipeline is None:
            raise InternalError("No slicer is ready on this server.", log_detail="see /ready")
        return self.in_force.pipeline

    def begin(self, order: OrderFields) -> None:
        """Logs a valid order."""
        self.order = order
        note(self.request.scope, **order)
        event = logs.ESTIMATE_REQUESTED if self.is_estimate else logs.QUOTE_REQUESTED
        _log.info(event, **order)

    @property
    def asks_for(self) -> str:
        """What an Idempotency-Key belongs to; quotes and estimates do not share one."""
        return f"{self.path}?estimate=true" if self.is_estimate else self.path

    @property
    def failed(self) -> str:
        """The event of a failure."""
        return logs.ESTIMATE_FAILED if self.is_estimate else logs.QUOTE_FAILED

    def problem(self, error: PricingError) -> Problem:
        """What is wrong with one of several orders."""
        return Problem.model_validate(problem_body(error, request_id_of(self.request.scope)))

    def source(self, url: str) -> Source:
        """A source that fetches the model of a URL, and counts the download."""
        return self.counted(functools.partial(self.state.fetcher.fetch, url))

    def counted(self, source: Source) -> Source:
        """The same source; how it ends and what it brings is counted."""
        return functools.partial(_counted, self.state, source)

    async def while_awaited(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Awaits `work` while the caller is connected and the service is not stopping."""
        return await while_awaited(work, self.request.receive)

    def saw(self, outcome: Quote | PricingError) -> None:
        """Reports to the watchdog how a slice ended."""
        self.state.watchdog.note_end(outcome)


@contextlib.contextmanager
def pricing_call(request: Request, path: str, *, estimate: bool = False) -> Iterator[PricingCall]:
    """Surrounds the work for one request; counts, logs and traces how it ends.

    Args:
        request: The request.
        path: Of the route.
        estimate: Whether it asks for estimates.

    Raises:
        PricingError: From the work; `InternalError` in place of any other exception.
        CallerLeft: The caller hung up.
    """
    state = state_of(request)
    call = PricingCall(request, state, path, state.shops.current, estimate)
    note(request.scope, shop_version=call.shop.version)
    with structlog.contextvars.bound_contextvars(shop_version=call.shop.version):
        yield from _accounted(call)


def _accounted(call: PricingCall) -> Iterator[PricingCall]:
    status, failure = int(HTTPStatus.INTERNAL_SERVER_ERROR), None
    try:
        yield call
        status = HTTPStatus.OK
    except CallerLeft:
        status, failure = CALLER_LEFT_STATUS, CANCELLED
        raise
    except PricingError as error:
        status, failure = STATUS[type(error)], error.code
        _log.warning(call.failed, **failure_fields(error))
        call.saw(error)
        raise
    except Exception as error:
        failure = InternalError.code
        _log.exception(call.failed)
        raise InternalError(
            "Something went wrong on our side. The log has it by request id."
        ) from error
    finally:
        _account(call, int(status), failure)


async def _counted(state: AppState, source: Source, destination: Path) -> Download:
    return await state.metrics.counted(source(destination))


def _account(call: PricingCall, status: int, failure: str | None) -> None:
    """Fills metrics, trace and canonical line; the line counts the error of a whole request."""
    scope, metrics, timer = call.request.scope, call.state.metrics, call.timer
    timing_ms = timer.timing_ms()
    note(scope, timing_ms={name: round(ms, 1) for name, ms in timing_ms.items()})
    for end in call.ends or [OrderEnd(call.order, status, None, timer)]:
        if call.is_estimate:
            metrics.count_estimate(end.outcome)
        else:
            material = str(end.order.get("material", UNKNOWN_MATERIAL))
            metrics.count_answer(material=material, status=end.status)
        if end.failure is not None:
            metrics.count_error(end.failure)
    if call.is_estimate:  # the other durations are those of quotes
        metrics.observe_estimate(timing_ms["total"] / 1000)
    else:
        metrics.observe_times(timing_ms)
    for fork in timer.forks:
        metrics.observe_times(added_ms(fork.own_stage_timings()))
    trace_id = call.state.tracer.record(
        TracedQuote(
            route=call.path,
            request_id=request_id_of(scope),
            traceparent=call.request.headers.get("traceparent"),
            order=call.order,
            total=timer.total(),
            stage_timings=timer.stage_timings(),
            status=status,
            failure=failure,
            works=_works(call, status, failure),
        )
    )
    if trace_id is not None:
        note(scope, trace_id=trace_id)


def _works(call: PricingCall, status: int, failure: str | None) -> tuple[TracedWork, ...]:
    """The work on each order, for the trace; what is known of it when the request broke off."""
    ends = {end.timer: end for end in reversed(call.ends)}
    works = []
    for fork in call.timer.forks:
        timings = fork.own_stage_timings()
        broken_off = OrderEnd({}, status, failure if timings[-1].failed else None, fork)
        end = ends.get(fork, broken_off)
        works.append(TracedWork(end.order, timings, end.status, end.failure))
    return tuple(works)
