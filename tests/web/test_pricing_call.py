"""The end of a request that prices is counted, logged and traced exactly once, however it ends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request
from structlog.testing import capture_logs

from pricing_fdm.errors import InternalError, ModelInvalid, SlicerCrashed
from pricing_fdm.quoting.timing import Stage
from pricing_fdm.telemetry.tracing import TracedQuote
from pricing_fdm.web.access_log import CALLER_LEFT_STATUS
from pricing_fdm.web.app_state import STATE_KEY
from pricing_fdm.web.disconnect import CallerLeft
from pricing_fdm.web.pricing_call import OrderEnd, PricingCall, pricing_call
from tests.telemetry.scraped import idle_state

PATH = "/internal/pricing/fdm/quote"


class Edge:
    """A request, and what metrics, trace and watchdog were given."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, int]] = []
        self.errors: list[str] = []
        self.traces: list[TracedQuote] = []
        self.seen: list[object] = []
        self.line: dict[str, Any] = {}
        metrics = SimpleNamespace(
            count_answer=lambda material, status: self.answers.append((material, status)),
            count_error=self.errors.append,
            observe_times=lambda _timing_ms: None,
        )
        state = SimpleNamespace(
            metrics=metrics,
            tracer=SimpleNamespace(record=self.traces.append),
            watchdog=SimpleNamespace(note_end=self.seen.append),
            shops=idle_state().shops,
        )
        self.request = Request(
            {
                "type": "http",
                "headers": [],
                "state": {STATE_KEY: state},
                "pricing_fdm.line": self.line,
                "pricing_fdm.request_id": "r-1",
            }
        )

    def call(self, end: BaseException | None = None) -> PricingCall:
        """Goes through a pricing call that ends by `end`."""
        with capture_logs(), pricing_call(self.request, PATH) as call:
            call.begin({"material": "pla", "infill": 20})
            call.timer.enter(Stage.DOWNLOAD)
            if end is not None:
                raise end
        return call


def test_a_quote_is_counted_and_traced_once() -> None:
    """The canonical line has its times."""
    edge = Edge()
    edge.call()
    assert edge.answers == [("pla", 200)]
    (trace,) = edge.traces
    assert (trace.route, trace.status, trace.failure) == (PATH, 200, None)
    assert set(edge.line["timing_ms"]) == {"download", "total"}


@pytest.mark.parametrize(
    ("end", "raised", "status", "failure"),
    [
        (ModelInvalid("It is open."), ModelInvalid, 422, "model_invalid"),
        (SlicerCrashed("It crashed."), SlicerCrashed, 500, "slicer_crashed"),
        (ZeroDivisionError(), InternalError, 500, "internal_error"),
        (CallerLeft(), CallerLeft, CALLER_LEFT_STATUS, "cancelled"),
    ],
    ids=["refused", "crashed", "unexpected", "caller left"],
)
def test_a_failure_is_counted_and_traced_once_and_passed_on(
    end: Exception, raised: type[Exception], status: int, failure: str
) -> None:
    """The exception handlers make the response of it."""
    edge = Edge()
    with pytest.raises(raised):
        edge.call(end)
    assert edge.answers == [("pla", status)]
    assert edge.errors == []  # the canonical line counts the error of a whole request
    assert [(trace.status, trace.failure) for trace in edge.traces] == [(status, failure)]
    expected = [end] if isinstance(end, ModelInvalid | SlicerCrashed) else []
    assert edge.seen == expected


def test_each_of_several_orders_is_counted_with_its_own_end() -> None:
    """One that failed does not make the others failures."""
    edge = Edge()
    with capture_logs(), pricing_call(edge.request, PATH) as call:
        call.begin({"variants": 2})
        call.timer.enter(Stage.DOWNLOAD)
        call.timer.enter(Stage.INSPECT)
        good, bad = call.timer.fork(), call.timer.fork()
        good.stop()
        bad.stop(failed=True)
        call.ends = [
            OrderEnd({"material": "pla"}, 200, None, good),
            OrderEnd({"material": "abs"}, 500, "slicer_crashed", bad),
        ]
    assert edge.answers == [("pla", 200), ("abs", 500)]
    assert edge.errors == ["slicer_crashed"]
    (trace,) = edge.traces
    assert [(work.status, work.failure) for work in trace.works] == [
        (200, None),
        (500, "slicer_crashed"),
    ]
