"""Sends a request through a middleware without a server."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from pricing_fdm.web.app_state import STATE_KEY
from pricing_fdm.web.request_id import RequestIdMiddleware


def asked(app: ASGIApp, path: str, counted: list[str], **state: object) -> httpx.Response | None:
    """The answer of an application under the request id `upstream-42`, None when there is none.

    Args:
        app: Gets a request id and a state.
        path: Of the request.
        counted: Takes the codes of the errors that are counted.
        state: What else stands in the state.
    """
    metrics = SimpleNamespace(count_error=counted.append)
    edge, parts = RequestIdMiddleware(app), SimpleNamespace(metrics=metrics, **state)

    async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
        await edge({**scope, "state": {STATE_KEY: parts}}, receive, send)

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get(path, headers={"X-Request-ID": "upstream-42"})

    try:
        return asyncio.run(run())
    except AssertionError:  # httpx's, for an application that sends nothing
        return None
