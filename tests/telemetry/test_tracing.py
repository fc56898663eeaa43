"""A trace shows where a quote's time went; it must cost nothing when off and never tell a URL."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from pricing_fdm.telemetry.tracing import extra_is_installed
from tests.harness.origin import Origin, hanging
from tests.harness.puppet import install_fake_prusa, read_records
from tests.harness.service import (
    OPTIONS,
    QUOTE,
    RunningService,
    free_port,
    order,
    running_service,
    variant,
)
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import PATIENCE_S, wait_until
from tests.telemetry.collector import Collector, attributes, running_collector

CANARY = "canary5f3a"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
STAGES = ["download", "inspect", "queue", "slice", "extract"]


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """Where the traces go."""
    with running_collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def slicer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quick PrusaSlicer; what it says is not the matter here."""
    return install_fake_prusa(tmp_path_factory.mktemp("bin"))


@pytest.fixture(scope="module")
def traced(origin: Origin, collector: Collector, slicer: Path) -> Iterator[RunningService]:
    """A service that sends its traces to `collector`."""
    environment = {
        **origin.environment,
        **collector.environment,
        "PRUSA_BINARY": str(slicer),
        "CACHE_TTL_SECS": "0",  # every trace has all the stages
    }
    with running_service(environment) as service:
        yield service


@pytest.fixture(scope="module")
def cube(origin: Origin) -> str:
    """A 20 mm cube whose URL must not be told."""
    return origin.serve(f"{CANARY}.stl", binary_stl(box(20, 20, 20)))


def post(service: RunningService, url: str, request_id: str, **headers: str) -> httpx.Response:
    """Posts an order under a request id by which its trace is found."""
    return service.post(order(url), headers={"X-Request-ID": request_id, **headers})


def test_a_quote_is_one_span_with_one_for_each_stage_below_it(
    traced: RunningService, collector: Collector, cube: str
) -> None:
    """The times are those of `timing_ms`, one after another, inside the request."""
    response = post(traced, cube, "whole")
    assert response.status_code == 200, response.text
    root, stages = collector.trace_of("whole")
    assert (root.name, root.kind) == (f"POST {QUOTE}", Span.SPAN_KIND_SERVER)
    assert root.parent_span_id == b""
    assert [stage.name for stage in stages] == STAGES
    assert {stage.parent_span_id for stage in stages} == {root.span_id}
    inner = [at for span in stages for at in (span.start_time_unix_nano, span.end_time_unix_nano)]
    moments = [root.start_time_unix_nano, *inner, root.end_time_unix_nano]
    assert moments == sorted(moments)
    assert abs(root.end_time_unix_nano / 1e9 - time.time()) < PATIENCE_S
    timing_ms = response.json()["timing_ms"]
    for stage in stages:
        elapsed_ms = (stage.end_time_unix_nano - stage.start_time_unix_nano) / 1e6
        assert elapsed_ms == pytest.approx(timing_ms[stage.name], abs=0.1)
    assert root.status.code == Status.STATUS_CODE_UNSET


def test_a_span_says_what_was_asked_and_how_it_ended_in_closed_terms(
    traced: RunningService, collector: Collector, cube: str
) -> None:
    """All of it; a further attribute would be one that nobody has thought about."""
    post(traced, cube, "closed")
    root, stages = collector.trace_of("closed")
    assert attributes(root) == {
        "http.request.method": "POST",
        "http.route": QUOTE,
        "http.response.status_code": 200,
        "pricing_fdm.request_id": "closed",
        "pricing_fdm.material": "pla",
        "pricing_fdm.infill": 20,
        "pricing_fdm.layer_thickness": 200,
    }
    assert [attributes(stage) for stage in stages] == [{}] * len(STAGES)
    assert all(not span.events and not span.links for span in (root, *stages))


def test_a_quote_continues_its_caller_s_trace_and_the_log_names_it(
    traced: RunningService, collector: Collector, cube: str
) -> None:
    """W3C Trace Context; from the log line one finds the trace, and back by the request id."""
    post(traced, cube, "continued", traceparent=PARENT)
    root, stages = collector.trace_of("continued")
    _, trace_id, span_id, _ = PARENT.split("-")
    assert (root.trace_id.hex(), root.parent_span_id.hex()) == (trace_id, span_id)
    assert len(stages) == len(STAGES)
    assert traced.line_of("continued")["trace_id"] == trace_id


def test_a_presigned_url_is_in_no_trace_f4(
    traced: RunningService, collector: Collector, origin: Origin, cube: str
) -> None:
    """F4: neither of a quote nor of a failure, and nothing else that a caller writes freely."""
    query = f"X-Amz-Signature={CANARY}"
    free = {"traceparent": PARENT, "tracestate": f"vendor={CANARY}", "baggage": f"key={CANARY}"}
    assert post(traced, f"{cube}?{query}", "presigned", **free).status_code == 200
    assert post(traced, f"{cube}-missing?{query}", "presigned-missing").status_code == 400
    collector.trace_of("presigned")
    collector.trace_of("presigned-missing")
    told = b"".join(collector.payloads)
    assert CANARY.encode() not in told
    assert origin.host.encode() not in told
    assert set(collector.paths) == {"/v1/traces"}


@pytest.mark.parametrize(
    ("content", "code", "reached"),
    [
        (None, "download_failed", STAGES[:1]),
        (b"<html>", "model_format", STAGES[:2]),
        (binary_stl(box(260, 120, 40)), "model_exceeds_build_volume", STAGES[:2]),
    ],
    ids=["missing", "not a model", "too large"],
)
def test_a_failure_has_its_code_on_the_request_and_on_the_stage_where_it_came_up(
    traced: RunningService,
    collector: Collector,
    origin: Origin,
    *,
    content: bytes | None,
    code: str,
    reached: list[str],
) -> None:
    """The caller's faults are no errors of ours: the status stays unset."""
    name = f"traced-{code}.stl"
    url = origin.url(name) if content is None else origin.serve(name, content)
    assert post(traced, url, code).json()["code"] == code
    root, stages = collector.trace_of(code)
    assert [stage.name for stage in stages] == reached
    assert [attributes(stage).get("error.type") for stage in stages] == [
        *([None] * (len(reached) - 1)),
        code,
    ]
    assert attributes(root)["error.type"] == code
    assert {span.status.code for span in (root, *stages)} == {Status.STATUS_CODE_UNSET}


def test_several_prices_are_a_span_for_each_question_below_the_request(
    traced: RunningService, collector: Collector, origin: Origin
) -> None:
    """What was done once is told once, and a variant's failure is not the request's."""
    url = origin.serve("traced-options.stl", binary_stl(box(20, 20, 10)))
    variants = [variant(), variant(rush=True), variant(infill=35), variant(units="m")]
    answer = traced.options(url, *variants, headers={"X-Request-ID": "several"})
    assert answer.status_code == 200
    root, below = collector.trace_of("several")
    assert (root.name, attributes(root)["pricing_fdm.variants"]) == (f"POST {OPTIONS}", 4)
    works = [span for span in below if span.name == "option"]
    assert [attributes(work).get("error.type") for work in works] == [
        *(None, None, "model_exceeds_build_volume")
    ]
    assert [attributes(work)["pricing_fdm.infill"] for work in works] == [20, 35, 20]
    names = [[span.name for span in below if span.parent_span_id == work.span_id] for work in works]
    assert [set(stages) for stages in names] == [
        *({"inspect", "queue", "slice", "extract"},) * 2,
        {"inspect", "queue"},
    ]
    assert [span.name for span in below if span.parent_span_id == root.span_id] == [
        *("download", "option", "option", "option")
    ]
    assert "error.type" not in attributes(root)


def test_of_a_request_that_was_broken_off_the_works_are_told_as_well(
    traced: RunningService, collector: Collector, origin: Origin, slicer: Path
) -> None:
    """They are cancelled; what each was for is not known any more."""
    url = origin.serve("traced-broken.stl", binary_stl(box(20, 20, 10), header=b"broken off"))
    seen = slicer.parent / "seen"
    install_fake_prusa(slicer.parent, hang=True, stage="slicing", record_to=seen)
    body = {"file_url": url, "variants": [variant(), variant(infill=35)]}
    with traced.leaving(body, "broken", OPTIONS):
        wait_until(lambda: read_records(seen))
    install_fake_prusa(slicer.parent)
    root, below = collector.trace_of("broken")
    works = [span for span in below if span.name == "option"]
    assert [attributes(span) for span in works] == [{"error.type": "cancelled"}] * 2
    assert attributes(root)["error.type"] == "cancelled"


def test_a_refused_request_is_a_trace_without_stages(
    traced: RunningService, collector: Collector, cube: str
) -> None:
    """What was asked is not known when the body is wrong."""
    refused = traced.post(order(cube, infill=500), headers={"X-Request-ID": "refused"})
    assert refused.status_code == 400
    root, stages = collector.trace_of("refused")
    assert stages == []
    assert attributes(root) == {
        "http.request.method": "POST",
        "http.route": QUOTE,
        "http.response.status_code": 400,
        "pricing_fdm.request_id": "refused",
        "error.type": "invalid_request",
    }


def test_a_crash_is_an_error_of_ours(
    origin: Origin, collector: Collector, cube: str, tmp_path: Path
) -> None:
    """The rate of spans with an error is what an operator is woken by."""
    binary = install_fake_prusa(tmp_path)
    environment = {**origin.environment, **collector.environment, "PRUSA_BINARY": str(binary)}
    with running_service(environment) as service:
        install_fake_prusa(tmp_path, crash_signal="SIGSEGV")
        assert post(service, cube, "crash").json()["code"] == "slicer_crashed"
    root, stages = collector.trace_of("crash")
    failed = {span.name: span.status.message for span in (root, *stages) if span.status.code}
    assert failed == {root.name: "slicer_crashed", "slice": "slicer_crashed"}
    assert root.status.code == Status.STATUS_CODE_ERROR


def test_a_caller_who_leaves_makes_a_cancelled_trace(
    traced: RunningService, collector: Collector, origin: Origin
) -> None:
    """Not an error, and not a quote; the stage that was broken off says so too."""
    until = threading.Event()
    origin.behaviours["/traced-hangs"] = hanging(until)
    try:
        with traced.leaving(order(origin.url("traced-hangs")), "left"):
            wait_until(lambda: "/traced-hangs" in origin.requests)
        root, stages = collector.trace_of("left")
    finally:
        until.set()
    assert [(stage.name, attributes(stage)) for stage in stages] == [
        ("download", {"error.type": "cancelled"})
    ]
    assert attributes(root)["error.type"] == "cancelled"
    assert attributes(root)["http.response.status_code"] == 499
    assert root.status.code == Status.STATUS_CODE_UNSET


def test_the_last_traces_are_sent_before_the_service_ends(
    origin: Origin, slicer: Path, cube: str
) -> None:
    """They lie in a queue that is emptied once an hour."""
    with running_collector() as collector:
        environment = {
            **origin.environment,
            **collector.environment,
            "OTEL_BSP_SCHEDULE_DELAY": "3600000",
            "PRUSA_BINARY": str(slicer),
        }
        with running_service(environment) as service:
            post(service, cube, "last")
            assert collector.payloads == []
            service.process.terminate()
            assert service.process.wait(20) == 0
        assert collector.trace_of("last")[0].name == f"POST {QUOTE}"


@pytest.mark.parametrize("listens", [False, True], ids=["dead", "silent"])
def test_a_dead_collector_delays_neither_quotes_nor_the_end_and_its_key_is_not_logged(
    origin: Origin, slicer: Path, cube: str, *, listens: bool
) -> None:
    """The library alone would wait for 30 s, and log the collector's URL with its key."""
    with running_collector() as collector:
        collector.silent.set()
        port = collector.port if listens else free_port()
        environment = {
            **origin.environment,
            **collector.environment,
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"http://127.0.0.1:{port}/{CANARY}?k={CANARY}",
            "OTEL_EXPORTER_OTLP_HEADERS": f"no header,x-api-key={CANARY}",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "120",
            "LOG_LEVEL": "debug",
            "PRUSA_BINARY": str(slicer),
        }
        with running_service(environment) as service:
            for number in range(3):
                assert post(service, cube, f"unheard-{number}").status_code == 200
            service.process.terminate()
            assert service.process.wait(20) == 0
            messages = [event["message"] for event in service.events("tracing_failed")]
            assert "The last spans were not sent." in messages
            assert any(message.startswith("Header format invalid") for message in messages)
            assert listens or any("ConnectionError" in message for message in messages)
            log = service.log_path.read_text()
            assert CANARY not in log
            assert "Traceback" not in log


def test_nothing_of_opentelemetry_is_loaded_when_tracing_is_off(tmp_path: Path) -> None:
    """The extra is optional, and loading it takes a quarter of a second."""
    program = """
import asyncio, sys
from pricing_fdm.app import create_app
from pricing_fdm.settings import load_settings

async def start_and_end() -> None:
    app = create_app(load_settings())
    async with app.router.lifespan_context(app):
        pass

asyncio.run(start_and_end())
print("loaded:", {name.partition(".")[0] for name in sys.modules} & {"opentelemetry", "requests"})
"""
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={"TEMP_DIR": str(tmp_path), "SLICER": "prusa", "PRUSA_BINARY": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "loaded: set()"


@pytest.mark.parametrize(
    ("environment", "hidden", "says"),
    [
        ({"TRACING": "otlp"}, True, "pip install 'pricing-fdm[otel]'"),
        ({"TRACING": "jaeger"}, False, "'none' or 'otlp'"),
        ({"TRACING": "otlp", "OTEL_BSP_MAX_QUEUE_SIZE": "0"}, False, "max_queue_size"),
    ],
    ids=["not installed", "unknown", "library's own variable"],
)
def test_tracing_that_cannot_work_stops_the_start_with_a_sentence_e4(
    environment: dict[str, str], says: str, *, hidden: bool
) -> None:
    """E4: an operator who asked for traces hears at once why there are none."""
    hide = 'sys.modules["opentelemetry"] = None' if hidden else ""
    program = f"import sys; {hide}\nfrom pricing_fdm.cli import main\nsys.exit(main(['serve']))"
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 2, result.stderr
    (_, fault) = result.stderr.splitlines()
    assert fault.strip().startswith("TRACING: ")
    assert says in fault
    assert result.stdout == ""


@pytest.mark.parametrize("missing", ["opentelemetry.sdk", "opentelemetry.sdk.trace"])
def test_half_an_extra_is_none(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """Other software may bring parts of OpenTelemetry with it."""
    assert extra_is_installed()
    monkeypatch.delitem(sys.modules, "opentelemetry.sdk.trace", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    assert not extra_is_installed()


def test_without_tracing_a_log_line_names_no_trace(service: RunningService, cube: str) -> None:
    """A field that is always empty is noise."""
    assert post(service, cube, "untraced", traceparent=PARENT).status_code == 200
    assert "trace_id" not in service.line_of("untraced")
