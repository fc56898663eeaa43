"""The composition root of the service: routes, middleware, and the parts behind them.

Construction order is the design: `assembly` builds what prices, here come the download, the
metrics and the HTTP edge. Nothing is built at import time.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
from collections.abc import AsyncIterator
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from pricing_fdm import __version__
from pricing_fdm.assembly import Assembly, assemble
from pricing_fdm.fetch.download import Fetcher
from pricing_fdm.settings import Server, Settings, SettingsError, Tracing
from pricing_fdm.telemetry import logs
from pricing_fdm.telemetry.metrics import ServiceMetrics
from pricing_fdm.telemetry.tracing import NullTracer, Tracer
from pricing_fdm.watchdog import Watchdog
from pricing_fdm.web import docs_page, info_routes, openapi, problems, quote_route
from pricing_fdm.web.access_log import AccessLogMiddleware
from pricing_fdm.web.auth import BearerAuthMiddleware
from pricing_fdm.web.parts import STATE_KEY, Parts
from pricing_fdm.web.paths import (
    DOCS_PATH,
    HEALTH_PATH,
    MATERIALS_PATH,
    METRICS_PATH,
    OPENAPI_PATH,
    QUOTE_PATH,
    READY_PATH,
)
from pricing_fdm.web.request_id import RequestIdMiddleware

UNRECOVERABLE = 70
"""Exit code (EX_SOFTWARE) of a service whose slicer has failed three self-tests."""

_log = structlog.get_logger()


def create_app(settings: Settings) -> Starlette:
    """The ASGI application; its parts are built when it starts.

    Raises:
        SettingsError: Tracing is on, and a variable of OpenTelemetry's cannot be used.
    """
    tracer = _create_tracer(settings.server)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with (
            contextlib.aclosing(tracer),
            assemble(settings) as assembly,
            _open_fetcher(settings) as fetcher,
        ):
            app.state.admission = assembly.admission  # where the server finds it at a signal
            metrics = _create_metrics(assembly)
            watchdog = Watchdog(
                functools.partial(_prove, assembly),
                retry_s=settings.slicing.self_test_retry_secs,
                give_up=functools.partial(_give_up, app),
            )
            parts = Parts(
                pipeline=assembly.pipeline,
                profiles=assembly.profiles,
                readiness=assembly.readiness,
                fetcher=fetcher,
                metrics=metrics,
                tracer=tracer,
                watchdog=watchdog,
            )
            await _log.ainfo(logs.SERVICE_STARTED, version=__version__, swept=assembly.swept)
            async with _watching(watchdog), _serving_metrics(metrics, settings.server):
                yield {STATE_KEY: parts}
        await _log.ainfo(logs.SERVICE_STOPPED)

    routes = [
        Route(QUOTE_PATH, quote_route.post_quote, methods=["POST"]),
        Route(MATERIALS_PATH, info_routes.get_materials),
        Route(HEALTH_PATH, info_routes.get_health),
        Route(READY_PATH, info_routes.get_ready),
        Route(OPENAPI_PATH, openapi.get_openapi),
        Route(DOCS_PATH, docs_page.get_docs),
    ]
    if not settings.server.metrics_port:
        routes.append(Route(METRICS_PATH, info_routes.get_metrics))
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(RequestIdMiddleware),
            Middleware(AccessLogMiddleware),
            Middleware(BearerAuthMiddleware, tokens=settings.server.tokens),
        ],
        exception_handlers={HTTPException: problems.routing_problem},
        lifespan=lifespan,
    )
    # A slash too many is not found, like any other path: a redirect is not in the description, and
    # this one would lead to whatever host the caller named in his Host header.
    app.router.redirect_slashes = False
    return app


@contextlib.asynccontextmanager
async def _serving_metrics(metrics: ServiceMetrics, server: Server) -> AsyncIterator[None]:
    with contextlib.ExitStack() as stack:
        if server.metrics_port:
            stack.enter_context(metrics.served_at(server.pricing_fdm_host, server.metrics_port))
        yield


@contextlib.asynccontextmanager
async def _open_fetcher(settings: Settings) -> AsyncIterator[Fetcher]:
    policy = settings.fetch.policy()
    for caution in policy.cautions():
        await _log.awarning(logs.FETCH_POLICY_CAUTION, caution=caution)
    fetcher = Fetcher(
        policy,
        max_bytes=settings.fetch.max_bytes,
        total_timeout_s=settings.fetch.request_timeout_secs,
    )
    try:
        yield fetcher
    finally:
        await fetcher.aclose()


@contextlib.asynccontextmanager
async def _watching(watchdog: Watchdog) -> AsyncIterator[None]:
    """The self-test runs beside the start, so that liveness does not wait for a slice."""
    watching = asyncio.create_task(watchdog.watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _prove(assembly: Assembly) -> bool:
    proved = await assembly.prove()
    findings = {check.name: check.detail for check in assembly.readiness.checks()}
    tell = _log.ainfo if assembly.readiness.is_ready() else _log.aerror
    await tell(logs.SELF_TEST_FINISHED, ready=assembly.readiness.is_ready(), **findings)
    return proved


def _give_up(app: Starlette) -> None:
    """Ends the service in its ordinary way, with the exit code that says why."""
    app.state.exit_code = UNRECOVERABLE
    signal.raise_signal(signal.SIGINT)


def _create_tracer(server: Server) -> Tracer:
    if server.tracing is Tracing.NONE:
        return NullTracer()
    try:
        from pricing_fdm.telemetry.otlp import OtlpTracer  # noqa: PLC0415 - an optional extra

        return OtlpTracer(__version__)
    except (ValueError, RuntimeError) as error:
        fault = f"TRACING: OpenTelemetry refuses one of its own variables OTEL_*: {error}"
        raise SettingsError((fault,)) from error


def _create_metrics(assembly: Assembly) -> ServiceMetrics:
    admission = assembly.admission
    metrics = ServiceMetrics(
        version=__version__,
        error_types=[kind.code for kind in problems.STATUS],
        slices_in_progress=lambda: admission.slicing,
        queue_depth=lambda: admission.admitted - admission.slicing,
        is_ready=assembly.readiness.is_ready,
        slicer_fallbacks=lambda: assembly.fallbacks,
        poison_refusals=lambda: assembly.poison_refusals,
        strays_reaped=lambda: assembly.strays_reaped,
    )
    if assembly.pipeline is not None:
        metrics.set_engine(assembly.pipeline.engine.name, assembly.pipeline.engine.version)
    if assembly.cage is not None:
        metrics.set_sandbox(assembly.cage.level)
    return metrics
