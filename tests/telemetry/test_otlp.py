"""How a finished quote becomes spans, and what the library may say in our log."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
import threading
from collections.abc import Iterator

import pytest
import structlog
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pricing_fdm.quoting.timing import StageTiming
from pricing_fdm.telemetry import logs, otlp
from pricing_fdm.telemetry.otlp import OtlpTracer
from pricing_fdm.telemetry.tracing import NullTracer, TracedQuote, TracedWork, Tracer
from tests.telemetry.collector import Collector, attributes, plain, running_collector

SECOND = 1_000_000_000
START = 1_750_000_000 * SECOND
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
QUOTE = TracedQuote(
    route="/quote",
    request_id="unit",
    traceparent=None,
    order={"material": "abs-esd", "infill": 35, "layer_thickness": 300, "quantity": 7},
    total=StageTiming("total", START, START + 9 * SECOND),
    stage_timings=(
        StageTiming("download", START + SECOND, START + 3 * SECOND),
        StageTiming("inspect", START + 3 * SECOND, START + 4 * SECOND, failed=True),
    ),
    status=200,
    failure=None,
)


@pytest.fixture(autouse=True)
def restored_library_loggers() -> Iterator[None]:
    """Other tests of this process keep the loggers of the libraries."""
    loggers = [logging.getLogger(name) for name in ("opentelemetry", "urllib3")]
    before = [(logger.handlers, logger.propagate) for logger in loggers]
    yield
    for logger, (handlers, propagate) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that this process sends to, whatever its environment says."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_collector() as collector:
        for name, value in collector.environment.items():
            monkeypatch.setenv(name, value)
        yield collector


def sent(collector: Collector, *quotes: TracedQuote) -> list[Span]:
    """The spans that these quotes become."""
    tracer = OtlpTracer("1.2.3")
    for quote in quotes:
        tracer.record(quote)
    asyncio.run(tracer.aclose())
    return collector.spans()


def test_the_times_are_those_that_the_clock_has_measured(collector: Collector) -> None:
    """The spans are made after the end; they must not tell of that moment."""
    spans = {span.name: span for span in sent(collector, QUOTE)}
    times = {
        name: (span.start_time_unix_nano, span.end_time_unix_nano) for name, span in spans.items()
    }
    assert times == {
        "POST /quote": (START, START + 9 * SECOND),
        "download": (START + SECOND, START + 3 * SECOND),
        "inspect": (START + 3 * SECOND, START + 4 * SECOND),
    }


def test_of_what_was_asked_only_the_three_settings_are_told(collector: Collector) -> None:
    """A new field of the order does not slip into the traces."""
    root = sent(collector, QUOTE)[-1]
    told = {k: v for k, v in attributes(root).items() if k.startswith("pricing_fdm.")}
    assert told == {
        "pricing_fdm.request_id": "unit",
        "pricing_fdm.material": "abs-esd",
        "pricing_fdm.infill": 35,
        "pricing_fdm.layer_thickness": 300,
    }


@pytest.mark.parametrize(
    ("traceparent", "continued"),
    [
        (f"00-{TRACE}-{CALLER}-01", True),
        (f"00-{TRACE}-{CALLER}-03", True),
        (f"cc-{TRACE}-{CALLER}-01-later-version", True),
        (None, False),
        ("", False),
        ("canary", False),
        (f"ff-{TRACE}-{CALLER}-01", False),
        (f"00-{TRACE.upper()}-{CALLER}-01", False),
        (f"00-{'0' * 32}-{CALLER}-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"00-{TRACE}-{CALLER}-01-canary", False),
        ("0" * 5000, False),
    ],
    ids=[
        *("sampled", "sampled, random", "later version", "none", "empty", "not one"),
        *("version ff", "upper case", "zero trace", "zero span", "too much", "long"),
    ],
)
def test_a_valid_traceparent_is_honoured_and_any_other_begins_a_trace(
    collector: Collector, traceparent: str | None, *, continued: bool
) -> None:
    """W3C Trace Context 3.2.2; the header is a stranger's text."""
    *_, root = sent(collector, dataclasses.replace(QUOTE, traceparent=traceparent))
    assert (root.trace_id.hex() == TRACE) is continued
    assert root.parent_span_id.hex() == (CALLER if continued else "")
    assert b"canary" not in b"".join(collector.payloads)


def test_a_trace_that_the_caller_does_not_sample_is_not_sent(collector: Collector) -> None:
    """He decides for the whole trace; ours alone would be a fragment."""
    unsampled = dataclasses.replace(QUOTE, traceparent=f"00-{TRACE}-{CALLER}-00")
    assert sent(collector, unsampled) == []


def test_the_trace_id_is_given_back_as_hex_digits(collector: Collector) -> None:
    """The log line shows it as every tool writes it."""
    tracer: Tracer = OtlpTracer("1.2.3")
    trace_id = tracer.record(QUOTE)
    asyncio.run(tracer.aclose())
    assert trace_id == collector.spans()[0].trace_id.hex()


def test_the_standard_switch_of_the_library_is_obeyed(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform may set it for all that it runs."""
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    tracer = OtlpTracer("1.2.3")
    assert tracer.record(QUOTE) is None
    asyncio.run(tracer.aclose())
    assert collector.payloads == []


def test_nobody_is_told_when_tracing_is_off() -> None:
    """Then there is no trace whose id a log line could name."""
    tracer: Tracer = NullTracer()
    assert tracer.record(QUOTE) is None
    asyncio.run(tracer.aclose())


@pytest.mark.parametrize(
    ("status", "failure", "error"),
    [(400, "model_format", ""), (499, "cancelled", ""), (503, "queue_full", "queue_full")],
)
def test_only_what_is_our_fault_is_an_error(
    collector: Collector, status: int, failure: str, error: str
) -> None:
    """Semantic conventions for HTTP servers: 4xx leaves the status of the span unset."""
    quote = dataclasses.replace(QUOTE, status=status, failure=failure)
    download, inspect, root = sent(collector, quote)
    assert attributes(download) == {}
    for span in (inspect, root):
        assert attributes(span)["error.type"] == failure
        assert span.status.message == error
        assert bool(span.status.code) is bool(error)


def test_works_side_by_side_are_a_span_each_with_their_stages_below(
    collector: Collector,
) -> None:
    """Several prices of one part: of 24 slices one sees which was slow, and which failed."""
    good = TracedWork(
        order={"material": "pla", "infill": 20, "layer_thickness": 200, "quantity": 7},
        stage_timings=(
            StageTiming("inspect", START + 3 * SECOND, START + 4 * SECOND),
            StageTiming("slice", START + 4 * SECOND, START + 7 * SECOND),
        ),
        status=200,
        failure=None,
    )
    lap = StageTiming("inspect", START + 4 * SECOND, START + 5 * SECOND, failed=True)
    bad = dataclasses.replace(good, stage_timings=(lap,), status=500, failure="slicer_crashed")
    download, *_ = QUOTE.stage_timings
    quote = dataclasses.replace(
        QUOTE, order={"variants": 3}, stage_timings=(download,), works=(good, bad)
    )
    spans = sent(collector, quote)
    (root,) = [span for span in spans if span.name == "POST /quote"]
    one, other = works = [span for span in spans if span.name == "option"]
    below = {
        span.span_id: [each.name for each in spans if each.parent_span_id == span.span_id]
        for span in (root, *works)
    }
    assert list(below.values()) == [
        ["download", "option", "option"],
        ["inspect", "slice"],
        ["inspect"],
    ]
    assert attributes(root)["pricing_fdm.variants"] == 3
    assert attributes(one) == {
        "pricing_fdm.material": "pla",
        "pricing_fdm.infill": 20,
        "pricing_fdm.layer_thickness": 200,
    }
    assert (one.start_time_unix_nano, one.end_time_unix_nano) == (
        START + 3 * SECOND,
        START + 7 * SECOND,
    )
    assert attributes(other)["error.type"] == other.status.message == "slicer_crashed"
    assert not root.status.code
    assert not one.status.code


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({}, "pricing-fdm"),
        ({"OTEL_SERVICE_NAME": "quotes-eu"}, "quotes-eu"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=quotes-us,team=print"}, "quotes-us"),
    ],
    ids=["default", "by name", "by attributes"],
)
def test_the_service_has_a_name_that_the_operator_can_change(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], name: str
) -> None:
    """`unknown_service:python3` would be the library's default."""
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    sent(collector, QUOTE)
    (request,) = collector.requests()
    resource = plain(request.resource_spans[0].resource.attributes)
    assert resource["service.name"] == name
    assert resource["service.version"] == "1.2.3"


def test_a_collector_that_keeps_silent_is_not_waited_for(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's own shutdown takes no time limit; the loss is told."""
    monkeypatch.setattr(otlp, "_LAST_WORDS_S", 0.1)
    collector.silent.set()
    before = set(threading.enumerate())
    with structlog.testing.capture_logs() as told:
        sent(collector, QUOTE)
    assert [event["message"] for event in told] == ["The last spans were not sent."]
    collector.silent.clear()
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
    assert len(collector.spans()) == 3


def test_a_collector_that_refuses_is_told_by_its_status_once(collector: Collector) -> None:
    """401 means a wrong key; a line for each batch would flood the log."""
    collector.status = 401
    tracer = OtlpTracer("1.2.3")
    with structlog.testing.capture_logs() as told:
        for number in range(1, 4):
            tracer.record(QUOTE)
            collector.wait_for_payloads(number)
        asyncio.run(tracer.aclose())
    assert [(event["event"], event["log_level"]) for event in told] == [
        (logs.TRACING_FAILED, "warning")
    ]
    assert "401" in told[0]["message"]


class Unreachable(Exception):
    """As the HTTP library raises it, with the URL in its text."""


@pytest.mark.parametrize(
    ("message", "arguments", "told"),
    [
        ("retrying in %.2fs", (1.5,), "retrying in 1.50s"),
        ("code: %s, reason: %s", (401, "canary"), "code: 401, reason: …"),
        ("Transient error %s", (Unreachable("canary"),), "Transient error Unreachable"),
        ("%(url)s", ({"url": "canary"},), "%(url)s"),
        ("size %d", ("canary",), "size %d"),
        (Unreachable("canary"), (), "Unreachable"),
        ("100 %", (), "100 %"),
    ],
    ids=["number", "text", "exception", "mapping", "not a number", "bare exception", "no value"],
)
@pytest.mark.parametrize("library", ["opentelemetry.sdk.trace", "urllib3.connectionpool"])
def test_the_libraries_words_are_passed_on_without_their_values_f4(
    collector: Collector, library: str, message: object, arguments: tuple[object, ...], told: str
) -> None:
    """F4: the URL of a collector or its headers may hold a key."""
    tracer = OtlpTracer("1.2.3")
    with structlog.testing.capture_logs() as events:
        logging.getLogger(library).error(message, *arguments)
        logging.getLogger(library).info("canary")
    asyncio.run(tracer.aclose())
    assert [event["message"] for event in events] == [told]


def test_the_same_words_are_told_again_after_a_minute(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trouble that lasts stays visible; a traceback, which names URLs, never is."""
    tracer = OtlpTracer("1.2.3")
    with structlog.testing.capture_logs() as events:
        for pause_s in (60.0, 60.0, 0.0):
            monkeypatch.setattr(otlp, "_SAME_AGAIN_S", pause_s)
            library = logging.getLogger("opentelemetry")
            library.error("Exception while exporting.", exc_info=Unreachable("canary"))
    asyncio.run(tracer.aclose())
    assert [event["message"] for event in events] == ["Exception while exporting."] * 2
    assert "canary" not in str(events)
