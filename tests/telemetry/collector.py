"""A real OTLP/HTTP collector on loopback: keeps what it gets, and can refuse or keep silent."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PATIENCE_S = 60.0


@dataclass
class Collector:
    """What has come in.

    Attributes:
        status: Its answer to every export.
        silent: While set, it accepts and does not answer.
        paths: Where the exports went.
        payloads: Their bodies.
    """

    port: int
    status: int = 200
    silent: threading.Event = field(default_factory=threading.Event)
    paths: list[str] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make a service send its traces here, soon."""
        return {
            "TRACING": "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.port}",
            "OTEL_BSP_SCHEDULE_DELAY": "20",
        }

    def spans(self) -> list[Span]:
        """All spans, in the order of their arrival."""
        return [
            span
            for request in self.requests()
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def requests(self) -> list[ExportTraceServiceRequest]:
        """The exports, read by the official parser."""
        return [ExportTraceServiceRequest.FromString(payload) for payload in list(self.payloads)]

    def trace_of(self, request_id: str) -> tuple[Span, list[Span]]:
        """Waits for the root span of a request; that one, and those of the same trace."""
        for spans in self._looks():
            for root in spans:
                if attributes(root).get("pricing_fdm.request_id") == request_id:
                    same = [span for span in spans if span.trace_id == root.trace_id]
                    return root, [span for span in same if span is not root]
        raise AssertionError(f"no span of {request_id} came in")

    def wait_for_payloads(self, number: int) -> None:
        """Waits until so many exports have come in."""
        assert any(len(self.payloads) >= number for _ in self._looks())

    def _looks(self) -> Iterator[list[Span]]:
        """The spans again and again, for as long as there is hope."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            yield self.spans()
            time.sleep(0.02)


def attributes(span: Span) -> dict[str, str | int]:
    """A span's attributes as plain values."""
    return plain(span.attributes)


def plain(pairs: Iterable[KeyValue]) -> dict[str, str | int]:
    """Attributes, of which ours are texts and integers, as plain values."""
    return {
        pair.key: pair.value.int_value
        if pair.value.HasField("int_value")
        else pair.value.string_value
        for pair in pairs
    }


@contextlib.contextmanager
def running_collector() -> Iterator[Collector]:
    """Runs a collector until the context is left."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            while collector.silent.is_set():
                time.sleep(0.02)
            collector.paths.append(self.path)
            collector.payloads.append(body)
            with contextlib.suppress(ConnectionError):
                self.send_response(collector.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector = Collector(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield collector
    finally:
        collector.silent.clear()
        server.shutdown()
        thread.join()
        server.server_close()
