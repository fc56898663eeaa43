"""The metrics of requests, downloads and background tasks: name, help, labels.

Labels come from closed sets (enums, codes), never from a caller: the number of series is bounded
and known at start. The other metrics of a service are in `state_metrics`, `job_metrics` and
`gateway_metrics`, in the same registry.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Iterable, Mapping
from enum import StrEnum

import structlog
from prometheus_client import CollectorRegistry, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from pricing_fdm.concurrency.supervisor import BackgroundTask
from pricing_fdm.errors import ModelTooLarge, SourceError
from pricing_fdm.model import WARNING_CODES, Download
from pricing_fdm.pricing.quote import Price
from pricing_fdm.pricing.review import REASONS
from pricing_fdm.quoting.estimate_figures import FIGURES
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.series import counter, histogram

CONTENT_TYPE = CONTENT_TYPE_LATEST
UNKNOWN_MATERIAL = "unknown"

_KIB = 1024
_SLICE_BUCKETS_S = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 240)
_REQUEST_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 240)
_STAGE_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120)
_RATIO_BUCKETS = (0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.3, 1.5, 2)
_SIZE_BUCKETS_BYTES = tuple(10 * _KIB * 4**power for power in range(8))

_log = structlog.get_logger()


class AdminAction(StrEnum):
    """What the admin routes are asked; the values of a label."""

    SHOP_SUBMIT = "shop_submit"
    SHOP_VERSIONS = "shop_versions"
    SHOP_ACTIVATE = "shop_activate"
    SHOP_RELOAD = "shop_reload"
    PROFILE_ADD = "profile_add"
    PROFILES = "profiles"
    PROFILE = "profile"
    OTHER = "other"


class AdminOutcome(StrEnum):
    """How a request to an admin route ended; the values of a label."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class EstimateOutcome(StrEnum):
    """What became of a request for an estimate; the values of the metric's label `outcome`."""

    GIVEN = "given"
    NEEDS_SLICE = "needs_slice"
    FAILED = "failed"


class ServiceMetrics:
    """The metrics of one running service, in a registry of their own.

    Args:
        error_types: All error codes.
        state: Read at each scrape.
    """

    def __init__(self, error_types: Iterable[str], state: Collector) -> None:
        # A second series beside each counter, which nobody reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        count = functools.partial(counter, self._registry)
        measure = functools.partial(histogram, self._registry)
        self._requests = count(
            "pricing_fdm_requests",
            "Quote requests answered, by material and HTTP status.",
            material=(),
            status=(),
        )
        self._errors = count(
            "pricing_fdm_errors",
            "Requests of any route, variants and jobs that failed, by error code.",
            error_type=error_types,
        )
        self._request_duration = measure(
            "pricing_fdm_request_duration_seconds",
            "Time from the request to its answer.",
            _REQUEST_BUCKETS_S,
        )
        self._slice_duration = measure(
            "pricing_fdm_slice_duration_seconds",
            "Time that the slicer ran for one model.",
            _SLICE_BUCKETS_S,
        )
        self._stage_duration = measure(
            "pricing_fdm_stage_duration_seconds",
            "Time of each stage of a quote.",
            _STAGE_BUCKETS_S,
            stage=(),
        )
        self._download_size = measure(
            "pricing_fdm_download_size_bytes",
            "Size of the downloaded models.",
            _SIZE_BUCKETS_BYTES,
        )
        self._source_outcomes = count(
            "pricing_fdm_source_verdicts",
            "What became of the download, by precise outcome.",
            verdict=(),
        )
        self._reviews = count(
            "pricing_fdm_reviews",
            "Reasons why a person should look at a quote before its price binds, by code.",
            reason=(*REASONS, *WARNING_CODES),
        )
        self._admin_actions = count(
            "pricing_fdm_admin_actions",
            "Requests to the admin routes, by what was asked and how that ended.",
            action=AdminAction,
            outcome=AdminOutcome,
        )
        self._estimates = count(
            "pricing_fdm_estimates",
            "Estimates asked for, by whether one could be given.",
            outcome=EstimateOutcome,
        )
        self._estimate_duration = measure(
            "pricing_fdm_estimate_duration_seconds",
            "Time from a request for estimates to its answer.",
            _REQUEST_BUCKETS_S,
        )
        self._estimate_ratio = measure(
            "pricing_fdm_estimate_ratio",
            "What a slice came to over what the estimate of the same question said, by figure.",
            _RATIO_BUCKETS,
            figure=FIGURES,
        )
        self._background_failures = count(
            "pricing_fdm_background_failures",
            "Background tasks that died and were started again, or did not end in time, by task.",
            task=BackgroundTask,
        )
        self._registry.register(state)

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

    async def counted(self, download: Awaitable[Download]) -> Download:
        """Awaits a download and counts how it ended."""
        try:
            done = await download
        except (SourceError, ModelTooLarge) as error:
            self.count_source(error.outcome)
            raise
        self.observe_download(done)
        return done

    def observe_download(self, download: Download) -> None:
        """Counts one model that came in whole."""
        self._source_outcomes.labels("ok").inc()
        self._download_size.observe(download.size_bytes)

    def count_error(self, error_type: str) -> None:
        """Counts one failed request, variant or job under its error code."""
        self._errors.labels(error_type).inc()

    def count_review(self, price: Price) -> None:
        """Counts the reasons to look at a quote."""
        for reason in price.review:
            self._reviews.labels(reason.code).inc()

    def count_admin_action(self, action: AdminAction, outcome: AdminOutcome) -> None:
        """Counts one request to an admin route."""
        self._admin_actions.labels(action.value, outcome.value).inc()

    def count_estimate(self, outcome: EstimateOutcome) -> None:
        """Counts one order that an estimate was asked for."""
        self._estimates.labels(outcome.value).inc()

    def observe_estimate(self, elapsed_s: float) -> None:
        """Measures a request for estimates."""
        self._estimate_duration.observe(elapsed_s)

    def observe_estimate_ratio(self, figure: str, ratio: float) -> None:
        """Compares a slice with the estimate of the same question."""
        self._estimate_ratio.labels(figure).observe(ratio)

    def count_source(self, outcome: str) -> None:
        """Counts one download by its precise outcome."""
        self._source_outcomes.labels(outcome).inc()

    def report_background_failure(self, task: BackgroundTask, error: BaseException) -> None:
        """Counts and logs one failure of a background task."""
        self._background_failures.labels(task.value).inc()
        _log.error(logs.BACKGROUND_TASK_FAILED, task=task.value, exc_info=error)

    def render(self) -> bytes:
        """The text that Prometheus scrapes."""
        return generate_latest(self._registry)
