"""The composition root of the service: routes, middleware, and the parts behind them.

Construction order is the design: `assembly` builds what prices, here come the download, the
metrics and the HTTP edge. Nothing is built at import time.
"""

from __future__ import annotations

import contextlib
import functools
import signal
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from pricing_fdm import __version__
from pricing_fdm.assembly import assemble
from pricing_fdm.errors import PricingError
from pricing_fdm.health.watchdog import Watchdog
from pricing_fdm.process_assembly import (
    UNRECOVERABLE,
    create_metrics,
    create_supervisor,
    open_fetcher,
    prove,
    serving_metrics,
    watching,
)
from pricing_fdm.settings import Settings, SettingsError
from pricing_fdm.settings.server import Server, Tracing
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.tracing import NullTracer, Tracer
from pricing_fdm.web import (
    docs_page,
    info_routes,
    openapi,
    options_route,
    problems,
    quote_route,
    refusal,
)
from pricing_fdm.web.access_log import AccessLogMiddleware
from pricing_fdm.web.auth import BearerAuthMiddleware
from pricing_fdm.web.disconnect import CallerLeft
from pricing_fdm.web.grace import GraceMiddleware
from pricing_fdm.web.parts import STATE_KEY, Parts
from pricing_fdm.web.paths import (
    DOCS_PATH,
    HEALTH_PATH,
    MATERIALS_PATH,
    METRICS_PATH,
    OPENAPI_PATH,
    OPTIONS_PATH,
    QUOTE_PATH,
    READY_PATH,
)
from pricing_fdm.web.request_id import RequestIdMiddleware

if TYPE_CHECKING:
    from pricing_fdm.job_assembly import Queue

_log = structlog.get_logger()


def create_app(settings: Settings) -> Starlette:
    """The ASGI application; its parts are built when it starts.

    Raises:
        SettingsError: Tracing is on, and a variable of OpenTelemetry's cannot be used; or the
            store of uploads cannot be.
    """
    tracer = _create_tracer(settings.server)
    has_queue = bool(settings.jobs.redis_url.get_secret_value())
    queue = _create_queue(settings) if has_queue else None

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with (
            contextlib.aclosing(tracer),
            assemble(settings) as assembly,
            contextlib.AsyncExitStack() as stack,
        ):
            app.state.admission = assembly.admission  # where the server finds it at a signal
            metrics = create_metrics(assembly)
            supervisor = create_supervisor(metrics)
            fetcher = await stack.enter_async_context(open_fetcher(settings, supervisor))
            state: dict[str, Any] = {}
            if queue is not None:
                opened = queue.opened(assembly, supervisor, metrics)
                state |= await stack.enter_async_context(opened)
            watchdog = Watchdog(
                functools.partial(prove, assembly),
                retry_s=settings.slicing.self_test_retry_secs,
                give_up=functools.partial(_give_up, app),
            )
            parts = Parts(
                admission=assembly.admission,
                pipeline=assembly.pipeline,
                tariff=assembly.tariff,
                profiles=assembly.profiles,
                readiness=assembly.readiness,
                fetcher=fetcher,
                metrics=metrics,
                tracer=tracer,
                watchdog=watchdog,
            )
            _log.info(logs.SERVICE_STARTED, version=__version__, swept=assembly.swept)
            async with (
                watching(watchdog, supervisor),
                serving_metrics(metrics, settings.server, supervisor),
            ):
                yield {STATE_KEY: parts, **state}
        _log.info(logs.SERVICE_STOPPED)

    api = openapi.describe(quotes=not settings.jobs.gateway_only, jobs=has_queue)
    routes = [
        Route(MATERIALS_PATH, info_routes.get_materials),
        Route(HEALTH_PATH, info_routes.get_health),
        Route(READY_PATH, info_routes.get_ready),
        Route(OPENAPI_PATH, functools.partial(openapi.get_openapi, api)),
        Route(DOCS_PATH, functools.partial(docs_page.get_docs, docs_page.docs_page(api))),
    ]
    if not settings.jobs.gateway_only:
        routes.append(Route(QUOTE_PATH, quote_route.post_quote, methods=["POST"]))
        routes.append(Route(OPTIONS_PATH, options_route.post_options, methods=["POST"]))
    if queue is not None:
        routes += queue.routes()
    if not settings.server.metrics_port:
        routes.append(Route(METRICS_PATH, info_routes.get_metrics))
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(RequestIdMiddleware),
            Middleware(AccessLogMiddleware),
            Middleware(GraceMiddleware),
            Middleware(BearerAuthMiddleware, tokens=settings.server.tokens),
        ],
        exception_handlers={
            HTTPException: problems.routing_problem,
            PricingError: refusal.refused,
            CallerLeft: refusal.left,
        },
        lifespan=lifespan,
    )
    # A slash too many is not found, like any other path: a redirect is not in the description, and
    # this one would lead to whatever host the caller named in his Host header.
    app.router.redirect_slashes = False
    return app


def _give_up(app: Starlette) -> None:
    """Ends the service in its ordinary way, with the exit code that says why."""
    app.state.exit_code = UNRECOVERABLE
    signal.raise_signal(signal.SIGINT)


def _create_queue(settings: Settings) -> Queue:
    from pricing_fdm.job_assembly import Queue  # noqa: PLC0415 - 20 MB that few services need

    return Queue(settings)


def _create_tracer(server: Server) -> Tracer:
    if server.tracing is Tracing.NONE:
        return NullTracer()
    try:
        from pricing_fdm.telemetry.otlp import OtlpTracer  # noqa: PLC0415 - an optional extra

        return OtlpTracer(__version__)
    except (ValueError, RuntimeError) as error:
        fault = f"TRACING: OpenTelemetry refuses one of its own variables OTEL_*: {error}"
        raise SettingsError((fault,)) from error
