"""The metrics of a service in which nothing happens, and what Prometheus reads of them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from pricing_fdm.health.readiness import Readiness
from pricing_fdm.health.shop_reload import ShopInForce, ShopState
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.cache.result_cache import ResultCache
from pricing_fdm.quoting.quarantine import Quarantine
from pricing_fdm.quoting.workspace import Workspaces
from pricing_fdm.sandbox.sandbox import NoSandbox
from pricing_fdm.slicers.engine import Engine
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.telemetry.state_metrics import StateMetrics
from pricing_fdm.web.problems import STATUS
from tests.slicers.profile_folder import BUNDLED, presets_in

CODES = sorted(kind.code for kind in STATUS)


async def never(state: ShopState) -> ShopState:
    """Nothing is loaded here."""
    return state


def idle_state(engine: Engine | None = None) -> StateMetrics:
    """The state of a service with one slot and one place beside it."""
    admission = Admission(slots=1, places=1, wait_s=1)
    workspaces = Workspaces(Path(tempfile.gettempdir()), least_free_bytes=0)
    readiness = Readiness(workspaces, admission)
    return StateMetrics(
        admission=admission,
        readiness=readiness,
        results=ResultCache(max_bytes=1000, ttl_s=60, refusal_ttl_s=60),
        quarantine=Quarantine(remember_s=60),
        engines=(engine,) if engine else (),
        shops=ShopInForce(ShopState(presets_in(BUNDLED), None), never, readiness),
        sandbox=NoSandbox() if engine else None,
    )


def service_metrics(state: StateMetrics | None = None) -> ServiceMetrics:
    """Metrics of that service."""
    return ServiceMetrics(CODES, state or idle_state())


def families(metrics: ServiceMetrics) -> list[Metric]:
    """What Prometheus reads, by its own parser; without when each series was created."""
    parsed = text_string_to_metric_families(metrics.render().decode())
    return [family for family in parsed if not family.name.endswith("_created")]


def values(metrics: ServiceMetrics, name: str) -> dict[tuple[str, ...], float]:
    """The samples of one name by the values of their labels."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in families(metrics)
        for sample in family.samples
        if sample.name == name
    }
