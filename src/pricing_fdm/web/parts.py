"""What the routes work with, built once at start and carried in the lifespan state."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from pricing_fdm.fetch.download import Fetcher
from pricing_fdm.health.readiness import Readiness
from pricing_fdm.health.watchdog import Watchdog
from pricing_fdm.pricing.tariff import Tariff
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.pipeline import Pipeline
from pricing_fdm.slicers.presets.preset_set import ProfileSet
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.telemetry.tracing import Tracer

STATE_KEY = "parts"


@dataclass(frozen=True, slots=True)
class Parts:
    """The collaborators of all routes.

    Attributes:
        pipeline: None when no slicer or no valid profiles were found (`readiness` says why), or
            nothing is sliced here.
        profiles: None when they are not valid.
    """

    admission: Admission
    pipeline: Pipeline | None
    tariff: Tariff
    fetcher: Fetcher
    metrics: ServiceMetrics
    tracer: Tracer
    readiness: Readiness
    profiles: ProfileSet | None
    watchdog: Watchdog


def parts_of(request: Request) -> Parts:
    """The parts of the service that answers this request."""
    parts: Parts = getattr(request.state, STATE_KEY)
    return parts
