"""Every metric of the service: name, help, labels.

Labels come from closed sets (enums, codes), never from a caller: the number of series is bounded
and known at start. Gauges of the queue are read when they are scraped, so no short peak is lost
between two polls of our own.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from wsgiref.simple_server import WSGIServer

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    start_http_server,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector

from pricing_fdm.concurrency.supervisor import BackgroundTask
from pricing_fdm.model import Download

CONTENT_TYPE = CONTENT_TYPE_LATEST
UNKNOWN_MATERIAL = "unknown"

_KIB = 1024
_LOOK_S = 1.0
_SLICE_BUCKETS_S = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 240)
_REQUEST_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 240)
_STAGE_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120)
_SIZE_BUCKETS_BYTES = tuple(10 * _KIB * 4**power for power in range(8))


class ServiceMetrics:
    """The metrics of one running service, in a registry of their own."""

    def __init__(
        self,
        *,
        version: str,
        error_types: Iterable[str],
        slices_in_progress: Callable[[], float],
        queue_depth: Callable[[], float],
        is_ready: Callable[[], bool],
        slicer_fallbacks: Callable[[], float],
        poison_refusals: Callable[[], float],
        strays_reaped: Callable[[], float],
        cache_results: Callable[[], Mapping[str, int]],
    ) -> None:
        # A second series beside each counter, which nobody reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        registry = self._registry
        self._requests = Counter(
            "pricing_fdm_requests",
            "Quote requests answered, by material and HTTP status.",
            ["material", "status"],
            registry=registry,
        )
        self._errors = Counter(
            "pricing_fdm_errors",
            "Requests of any route, variants and jobs that failed, by error code.",
            ["error_type"],
            registry=registry,
        )
        for error_type in error_types:
            self._errors.labels(error_type)
        self._request_duration = Histogram(
            "pricing_fdm_request_duration_seconds",
            "Time from the request to its answer.",
            buckets=_REQUEST_BUCKETS_S,
            registry=registry,
        )
        self._slice_duration = Histogram(
            "pricing_fdm_slice_duration_seconds",
            "Time that the slicer ran for one model.",
            buckets=_SLICE_BUCKETS_S,
            registry=registry,
        )
        self._stage_duration = Histogram(
            "pricing_fdm_stage_duration_seconds",
            "Time of each stage of a quote.",
            ["stage"],
            buckets=_STAGE_BUCKETS_S,
            registry=registry,
        )
        self._download_size = Histogram(
            "pricing_fdm_download_size_bytes",
            "Size of the downloaded models.",
            buckets=_SIZE_BUCKETS_BYTES,
            registry=registry,
        )
        self._source_outcomes = Counter(
            "pricing_fdm_source_verdicts",
            "What became of the download, by precise outcome.",
            ["verdict"],
            registry=registry,
        )
        self._background_failures = Counter(
            "pricing_fdm_background_failures",
            "Background tasks that died and were started again, or did not end in time, by task.",
            ["task"],
            registry=registry,
        )
        for task in BackgroundTask:
            self._background_failures.labels(task.value)
        registry.register(
            _ReadTotal(
                "pricing_fdm_slicer_fallbacks",
                "Models that the first slicer crashed at and the other was tried with.",
                slicer_fallbacks,
            )
        )
        registry.register(
            _ReadTotal(
                "pricing_fdm_poison_refusals",
                "Models refused without slicing, since the slicer had failed at them twice.",
                poison_refusals,
            )
        )
        registry.register(
            _ReadTotal(
                "pricing_fdm_strays_reaped",
                "Processes that escaped from the slicer's and were ended.",
                strays_reaped,
            )
        )
        registry.register(
            _ReadTotals(
                "pricing_fdm_cache",
                "Questions about a model, by how they were answered.",
                "result",
                cache_results,
            )
        )
        Gauge(
            "pricing_fdm_ready", "1 when the service is ready for quotes.", registry=registry
        ).set_function(is_ready)
        self._build_info = Gauge(
            "pricing_fdm_build_info",
            "Always 1; versions of the service and its slicer.",
            ["version", "slicer", "slicer_version"],
            registry=registry,
        )
        self._version = version
        self._sandbox_info = Gauge(
            "pricing_fdm_sandbox_info",
            "Always 1; how well the slicer is shut in.",
            ["level"],
            registry=registry,
        )
        Gauge(
            "pricing_fdm_slices_in_progress", "Slices that run now.", registry=registry
        ).set_function(slices_in_progress)
        Gauge(
            "pricing_fdm_queue_depth",
            "Requests inside that are not being sliced.",
            registry=registry,
        ).set_function(queue_depth)

    @property
    def registry(self) -> CollectorRegistry:
        """Where the metrics of other modes join in."""
        return self._registry

    def observe_quote(
        self,
        *,
        material: str | None,
        status: int,
        timing_ms: Mapping[str, float],
    ) -> None:
        """Counts one answered quote request; `timing_ms` holds the stages that it reached."""
        self.count_answer(material=material, status=status)
        self.observe_times(timing_ms)

    def count_answer(self, *, material: str | None, status: int) -> None:
        """Counts one order that was answered; a request for options holds several."""
        self._requests.labels(material or UNKNOWN_MATERIAL, str(status)).inc()

    def observe_times(self, timing_ms: Mapping[str, float]) -> None:
        """Measures the stages that were reached and, where it is there, the `total`."""
        for name, elapsed_ms in timing_ms.items():
            if name == "total":
                self._request_duration.observe(elapsed_ms / 1000)
                continue
            self._stage_duration.labels(name).observe(elapsed_ms / 1000)
            if name == "slice":
                self._slice_duration.observe(elapsed_ms / 1000)

    def observe_download(self, download: Download) -> None:
        """Counts one model that came in whole."""
        self._source_outcomes.labels("ok").inc()
        self._download_size.observe(download.size_bytes)

    def count_error(self, error_type: str) -> None:
        """Counts one failed request, variant or job under its error code."""
        self._errors.labels(error_type).inc()

    def count_source(self, outcome: str) -> None:
        """Counts one download by its precise outcome."""
        self._source_outcomes.labels(outcome).inc()

    def count_background_failure(self, task: BackgroundTask) -> None:
        """Counts one failure of a background task."""
        self._background_failures.labels(task.value).inc()

    def set_engine(self, name: str, version: str) -> None:
        """States which slicer is used."""
        self._build_info.labels(self._version, name, version).set(1)

    def set_sandbox(self, level: str) -> None:
        """States in which cage the slicer runs."""
        self._sandbox_info.labels(level).set(1)

    def render(self) -> bytes:
        """The text that Prometheus scrapes."""
        return generate_latest(self._registry)

    @contextlib.contextmanager
    def served_at(self, host: str, port: int) -> Iterator[MetricsServer]:
        """Answers scrapes on a port of their own, from a thread, until the context is left."""
        server = MetricsServer(*start_http_server(port, host, self._registry))
        try:
            yield server
        finally:
            server.close()


class MetricsServer:
    """The thread that answers scrapes.

    Args:
        server: Is bound to its port.
        thread: Serves it.
    """

    def __init__(self, server: WSGIServer, thread: threading.Thread) -> None:
        self._server = server
        self._thread = thread

    async def keep_serving(self) -> None:
        """Starts the thread if it has ended, and watches it.

        Raises:
            RuntimeError: It has ended again.
        """
        if not self._thread.is_alive():
            self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
            self._thread.start()
        while self._thread.is_alive():  # noqa: ASYNC110 - a thread ends it
            await asyncio.sleep(_LOOK_S)
        raise RuntimeError("the thread that serves the metrics has ended")

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _ReadTotal(Collector):
    """A counter that a part of the service keeps itself; read when it is scraped."""

    def __init__(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        self._name = name
        self._documentation = documentation
        self._read = read

    def collect(self) -> Iterator[CounterMetricFamily]:
        """The total as of now."""
        yield CounterMetricFamily(self._name, self._documentation, value=self._read())


class _ReadTotals(Collector):
    """The same for several totals, told apart by a label."""

    def __init__(
        self, name: str, documentation: str, label: str, read: Callable[[], Mapping[str, int]]
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._label = label
        self._read = read

    def collect(self) -> Iterator[CounterMetricFamily]:
        """The totals as of now."""
        family = CounterMetricFamily(self._name, self._documentation, labels=[self._label])
        for value, total in self._read().items():
            family.add_metric([value], total)
        yield family
