"""Which routes a service has follows from what it does; what surrounds a request is the same."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from pricing_fdm.web.app_state import STATE_KEY
from pricing_fdm.web.application import application
from pricing_fdm.web.paths import public_name
from tests.shop.shops import bundled_shop
from tests.telemetry.scraped import idle_state, service_metrics

ALWAYS = {
    *("/health", "/ready", "/openapi.json", "/docs"),
    *("/internal/pricing/fdm/shop", "/internal/pricing/fdm/materials"),
    "/internal/pricing/fdm/backlog",
}
QUOTES = {f"/internal/pricing/fdm/{name}" for name in ("quote", "estimate", "options", "order")}
JOBS = {
    *("/quote", "/upload", "/v1/uploads", "/status/{job_id}", "/status/{job_id}/events"),
    *("/", "/assets/logo", "/assets/{name}"),
}
METRICS = {"/metrics"}


@contextlib.asynccontextmanager
async def nothing(_: Starlette) -> AsyncIterator[None]:
    """A lifespan without a state."""
    yield


@pytest.mark.parametrize(
    ("quotes", "metrics", "paths"),
    [(True, True, QUOTES | METRICS), (False, True, METRICS), (True, False, QUOTES)],
    ids=["a service", "a gateway", "metrics elsewhere"],
)
def test_the_routes_are_those_of_the_mode(quotes: bool, metrics: bool, paths: set[str]) -> None:
    """A gateway that slices nothing must not seem to price."""
    app = application(
        nothing, bundled_shop(), tokens=(), admin_tokens=(), quotes=quotes, metrics=metrics
    )
    routes = [route for route in app.routes if isinstance(route, Route)]
    handlers = {route.path: (route.endpoint, route.methods) for route in routes}
    wanted = ALWAYS | JOBS | paths
    assert set(handlers) == wanted | {public_name(path) for path in wanted}
    assert len(handlers) == len(routes)
    for path in wanted:
        assert handlers[path] == handlers[public_name(path)]


def ask(
    app: Starlette, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """Sends one request."""
    state = SimpleNamespace(admission=idle_state().admission, metrics=service_metrics())

    async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {STATE_KEY: state}}, receive, send)

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            url = httpx.URL("http://x", raw_path=path.encode())
            return await client.request(method, url, headers=headers)

    return asyncio.run(run())


def service(*tokens: str) -> Starlette:
    """A service that prices."""
    return application(
        nothing, bundled_shop(), tokens=tokens, admin_tokens=(), quotes=True, metrics=True
    )


@pytest.mark.parametrize("path", ["/health/", "//health", "/nowhere"])
def test_a_path_that_is_not_described_is_a_problem_and_leads_nowhere(path: str) -> None:
    """For a slash too many, a redirect would go to whatever host the caller named."""
    answer = ask(service(), path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_route_but_health_asks_for_the_token() -> None:
    """And every answer has the id of its request."""
    app = service("a" * 32)
    assert (ask(app, "/health").status_code, ask(app, "/metrics").status_code) == (200, 401)
    assert ask(service(), "/metrics").status_code == 200
    assert ask(app, "/health").headers["x-request-id"]
