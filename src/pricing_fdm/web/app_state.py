"""What the routes work with: built once at start, carried in the lifespan state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from pricing_fdm.fetch.download import Fetcher
from pricing_fdm.fetch.policy import FetchPolicy
from pricing_fdm.health.readiness import Readiness
from pricing_fdm.health.shop_reload import ShopInForce
from pricing_fdm.health.shop_versions import ShopVersions
from pricing_fdm.health.watchdog import Watchdog
from pricing_fdm.jobs.broadcast import JobBroadcast
from pricing_fdm.jobs.store import JobStore
from pricing_fdm.quoting.admission import Admission
from pricing_fdm.quoting.backlog import Backlog
from pricing_fdm.quoting.cache.answers import AnswerStore
from pricing_fdm.quoting.estimating import Estimator
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.telemetry.tracing import Tracer
from pricing_fdm.uploads.store import UploadStore
from pricing_fdm.web.places import Places
from pricing_fdm.web.upload import UploadLimits

STATE_KEY = "app"


@dataclass(frozen=True, slots=True)
class QueueState:
    """What the routes of jobs work with besides.

    Attributes:
        workers: How many take jobs now; None when that is not known.
        policy: Which URLs a job may name.
        offers_callbacks: Whether there is a secret to sign callbacks with.
        stream_places: One for each event stream while it is open.
    """

    store: JobStore
    broadcast: JobBroadcast
    workers: Callable[[], int | None]
    uploads: UploadStore
    policy: FetchPolicy
    offers_callbacks: bool
    stream_places: Places


@dataclass(frozen=True, slots=True)
class AppState:
    """What all routes work with.

    Attributes:
        shops: Which shop is in force. A request asks once, and ends with that one.
    """

    admission: Admission
    readiness: Readiness
    shops: ShopInForce
    versions: ShopVersions
    fetcher: Fetcher
    uploads: UploadLimits
    answers: AnswerStore
    backlog: Backlog
    metrics: ServiceMetrics
    tracer: Tracer
    watchdog: Watchdog
    queue: QueueState
    estimator: Estimator

    @property
    def shop(self) -> Shop:
        """The shop in force."""
        return self.shops.current.shop


def state_of(request: Request) -> AppState:
    """The state of the service that answers this request."""
    state: AppState = getattr(request.state, STATE_KEY)
    return state


def queue_of(request: Request) -> QueueState:
    """The state of the jobs, for their own routes."""
    return state_of(request).queue
