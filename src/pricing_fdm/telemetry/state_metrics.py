"""The metrics of what other modules count or know, read from them at each scrape.

So no short peak is lost between two polls, and nobody has to tell the metrics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pricing_fdm import __version__
from pricing_fdm.health.readiness import Readiness
from pricing_fdm.health.shop_reload import ReloadResult, ShopInForce
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.cache.result_cache import ResultCache
from pricing_fdm.quoting.quarantine import Quarantine
from pricing_fdm.sandbox.process import orphans_reaped
from pricing_fdm.sandbox.sandbox import Sandbox
from pricing_fdm.slicers.engine import Engine
from pricing_fdm.slicers.fallback import FallbackEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMetrics(Collector):
    """The metrics of one service's state; `ServiceMetrics` has them in its registry.

    Attributes:
        engines: Those found; none where nothing is sliced.
        sandbox: That of the slicer; None where there is none.
    """

    admission: Admission
    readiness: Readiness
    results: ResultCache
    quarantine: Quarantine
    engines: Iterable[Engine]
    shops: ShopInForce
    sandbox: Sandbox | None

    def collect(self) -> Iterator[Metric]:
        """All of them, as of now."""
        yield from self._gauges()
        yield from self._counters()
        yield from self._constants()

    def _gauges(self) -> Iterator[Metric]:
        slicing, admitted = self.admission.slicing, self.admission.admitted
        for name, documentation, value in (
            ("ready", "1 when the service is ready for quotes.", self.readiness.is_ready()),
            (
                "shop_refused",
                "1 while the shop's files are faulty and an earlier shop stays in force.",
                bool(self.shops.refused),
            ),
            ("slices_in_progress", "Slices that run now.", slicing),
            (
                "queue_depth",
                "Requests inside that are not being sliced.",
                max(0, admitted - slicing),
            ),
        ):
            yield GaugeMetricFamily(f"pricing_fdm_{name}", documentation, value=float(value))

    def _counters(self) -> Iterator[Metric]:
        pairs = (each for each in self.engines if isinstance(each, FallbackEngine))
        for name, documentation, value in (
            (
                "slicer_fallbacks",
                "Models that the first slicer crashed at and the other was tried with.",
                sum(pair.fallbacks for pair in pairs),
            ),
            (
                "poison_refusals",
                "Models refused without slicing, since the slicer had failed at them twice.",
                self.quarantine.refusals,
            ),
            (
                "strays_reaped",
                "Processes that escaped from the slicer's and were ended.",
                orphans_reaped(),
            ),
        ):
            yield CounterMetricFamily(f"pricing_fdm_{name}", documentation, value=value)
        cache = CounterMetricFamily(
            "pricing_fdm_cache",
            "Questions about a model, by how they were answered.",
            labels=["result"],
        )
        for result, total in self.results.totals().items():
            cache.add_metric([result], total)
        yield cache
        reloads = CounterMetricFamily(
            "pricing_fdm_shop_reloads",
            "Times that the shop was loaded again, by how that ended.",
            labels=["outcome"],
        )
        for outcome in ReloadResult:
            reloads.add_metric([outcome], self.shops.counts[outcome])
        yield reloads

    def _constants(self) -> Iterator[Metric]:
        build = GaugeMetricFamily(
            "pricing_fdm_build_info",
            "Always 1; versions of the service and its slicer.",
            labels=["version", "slicer", "slicer_version"],
        )
        for engine in self.engines:
            build.add_metric([__version__, engine.name, engine.version], 1)
        yield build
        sandbox = GaugeMetricFamily(
            "pricing_fdm_sandbox_info",
            "Always 1; how well the slicer is shut in.",
            labels=["level"],
        )
        if self.sandbox is not None:
            sandbox.add_metric([self.sandbox.level], 1)
        yield sandbox
