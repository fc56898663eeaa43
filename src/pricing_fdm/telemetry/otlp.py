"""Sends traces to an OpenTelemetry collector over OTLP/HTTP, in the background.

The collector may be slow, wrong or gone: a quote never waits for it, and the end of the service
does so for two seconds at most (the library itself would wait for thirty). The library's log is
passed on without any value in it, since a collector's URL or header may hold a key.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time

import structlog
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Span,
    SpanKind,
    Status,
    StatusCode,
    format_trace_id,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.tracing import TracedQuote, TracedWork

_LAST_WORDS_S = 2.0
_SAME_AGAIN_S = 60.0
_LIBRARIES = ("opentelemetry", "urllib3")
_ORDER_FIELDS = ("material", "infill", "layer_thickness", "variants")
_OUR_FAULT = 500
_WORK = "option"

_log = structlog.get_logger()


class OtlpTracer:
    """One span for each quote and, below it, one for each stage.

    Args:
        version: Of this service.

    Raises:
        ValueError, RuntimeError: A variable `OTEL_*` cannot be used.
    """

    def __init__(self, version: str) -> None:
        self._relay = _Relay()
        for name in _LIBRARIES:
            library = logging.getLogger(name)
            library.handlers, library.propagate = [self._relay], False
        # Without the library's own atexit hook, which waits for thirty seconds.
        self._provider = TracerProvider(resource=_resource(version), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("pricing_fdm", version)

    def record(self, quote: TracedQuote) -> str | None:
        """Puts the spans into the queue of those to be sent.

        Returns:
            The trace id, also of a trace that is not sampled; None under OTEL_SDK_DISABLED.
        """
        root = self._tracer.start_span(
            f"POST {quote.route}",
            context=_parent(quote.traceparent),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": "POST",
                "http.route": quote.route,
                "http.response.status_code": quote.status,
                "pricing_fdm.request_id": quote.request_id,
                **_attributes(quote),
            },
            start_time=quote.total.start_ns,
        )
        below = set_span_in_context(root, Context())
        self._record_stages(quote, below)
        for work in quote.works:
            self._record_work(work, below)
        _mark(root, quote)
        root.end(quote.total.end_ns)
        identity = root.get_span_context()
        return format_trace_id(identity.trace_id) if identity.is_valid else None

    def _record_work(self, work: TracedWork, context: Context) -> None:
        span = self._tracer.start_span(
            _WORK,
            context=context,
            attributes=_attributes(work),
            start_time=work.stage_timings[0].start_ns,
        )
        self._record_stages(work, set_span_in_context(span, Context()))
        _mark(span, work)
        span.end(work.stage_timings[-1].end_ns)

    def _record_stages(self, traced: TracedQuote | TracedWork, context: Context) -> None:
        for timing in traced.stage_timings:
            span = self._tracer.start_span(timing.name, context=context, start_time=timing.start_ns)
            if timing.failed:
                _mark(span, traced)
            span.end(timing.end_ns)

    async def aclose(self) -> None:
        """Sends what is left, for two seconds at most; what then remains is lost."""
        # A thread that may be left behind: nothing can interrupt the library in its waiting.
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        await asyncio.to_thread(sending.join, _LAST_WORDS_S)
        # It must not write to a stream that the ending interpreter is about to flush.
        self._relay.mute()
        if sending.is_alive():
            _log.warning(logs.TRACING_FAILED, message="The last spans were not sent.")


def _resource(version: str) -> Resource:
    """Our name and version, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say otherwise."""
    ours = Resource({"service.name": "pricing-fdm", "service.version": version})
    return Resource.create(ours.merge(OTELResourceDetector().detect()).attributes)


def _parent(traceparent: str | None) -> Context:
    """The caller's span; an empty context, which begins a trace, where the header is not valid.

    Its companion `tracestate` is free text of up to 512 characters and is not taken over.
    """
    carrier = {} if traceparent is None else {"traceparent": traceparent}
    return TraceContextTextMapPropagator().extract(carrier, Context())


def _attributes(traced: TracedQuote | TracedWork) -> dict[str, str | int]:
    return {
        f"pricing_fdm.{name}": traced.order[name] for name in _ORDER_FIELDS if name in traced.order
    }


def _mark(span: Span, traced: TracedQuote | TracedWork) -> None:
    """Names the failure; an error in the sense of OpenTelemetry is only one on our side."""
    if traced.failure is None:
        return
    span.set_attribute("error.type", traced.failure)
    if traced.status >= _OUR_FAULT:
        span.set_status(Status(StatusCode.ERROR, traced.failure))


class _Relay(logging.Handler):
    """Logs what the libraries warn of: the sentence without its values, once a minute each."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._passed_on_s: dict[tuple[str, int], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Passes one record on, without its traceback."""
        place, now_s = (record.pathname, record.lineno), time.monotonic()
        if place not in self._passed_on_s or now_s - self._passed_on_s[place] >= _SAME_AGAIN_S:
            self._passed_on_s[place] = now_s
            _log.warning(logs.TRACING_FAILED, message=_without_values(record))

    def mute(self) -> None:
        """Passes nothing on any longer."""
        self.setLevel(logging.CRITICAL + 1)


def _without_values(record: logging.LogRecord) -> str:
    """The template of the sentence is a constant of the library; its arguments are not."""
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    if not isinstance(record.args, tuple):
        return record.msg
    try:
        return record.msg % tuple(_harmless(value) for value in record.args)
    except (TypeError, ValueError):
        return record.msg


def _harmless(value: object) -> object:
    """A number as it is, an exception by its class; a text may hold the collector's URL or key."""
    if isinstance(value, int | float):
        return value
    return type(value).__name__ if isinstance(value, BaseException) else "…"
