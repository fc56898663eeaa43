"""Serves the metrics on a port of their own, without a token, from the loop and within bounds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.server import ServerState

from pricing_fdm.telemetry.metrics import CONTENT_TYPE, ServiceMetrics
from pricing_fdm.web.accepting import BACKLOG, widen
from pricing_fdm.web.paths import METRICS_PATH
from pricing_fdm.web.problems import on_routing_error
from pricing_fdm.web.protocol import PLAIN_HTTP, BoundedProtocol, Shared
from pricing_fdm.web.request_id import RequestIdMiddleware

_MOST_SCRAPERS = 32


@contextlib.asynccontextmanager
async def metrics_port(metrics: ServiceMetrics, host: str, port: int) -> AsyncIterator[None]:
    """Answers scrapes until the context is left."""

    async def get_metrics(_request: Request) -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE)

    app = Starlette(
        routes=[Route(METRICS_PATH, get_metrics)],
        middleware=[Middleware(RequestIdMiddleware)],
        exception_handlers={HTTPException: on_routing_error},
    )
    config = uvicorn.Config(app, lifespan="off", **PLAIN_HTTP)
    state, shared = ServerState(), Shared(_MOST_SCRAPERS, metrics.count_error)
    server = await asyncio.get_running_loop().create_server(
        lambda: BoundedProtocol(config, state, {}, shared=shared),
        host,
        port,
        backlog=BACKLOG,
    )
    widen(server)
    try:
        async with server:
            yield
    finally:
        for connection in list(state.connections):
            connection.transport.abort()
