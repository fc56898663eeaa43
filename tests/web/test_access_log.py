"""Every request ends in one canonical line, also one that nobody expected to fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import httpx
import pytest
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.testing import capture_logs

from pricing_fdm.web.access_log import AccessLogMiddleware
from pricing_fdm.web.app_state import STATE_KEY
from pricing_fdm.web.request_id import RequestIdMiddleware


async def fails_at_once(scope: Scope, receive: Receive, send: Send) -> None:
    raise ZeroDivisionError("the secret reason")


async def fails_while_answering(scope: Scope, receive: Receive, send: Send) -> None:
    async def halves() -> AsyncIterator[bytes]:
        yield b"half"
        raise ZeroDivisionError("the secret reason")

    await StreamingResponse(halves())(scope, receive, send)


def ask(app: ASGIApp, counted: list[str]) -> httpx.Response:
    """Sends one request through the middleware to an application."""
    edge = RequestIdMiddleware(AccessLogMiddleware(app))
    state = SimpleNamespace(metrics=SimpleNamespace(count_error=counted.append))

    async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
        await edge({**scope, "state": {STATE_KEY: state}}, receive, send)

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get("/health", headers={"X-Request-ID": "unlucky"})

    return asyncio.run(run())


def test_an_unexpected_failure_is_a_problem_document_told_and_counted_once_h2() -> None:
    """H2: 500 with the one shape of all errors; the reason goes to the log and nowhere else."""
    counted: list[str] = []
    with capture_logs() as log:
        response = ask(fails_at_once, counted)
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == response.json()["request_id"] == "unlucky"
    assert "secret" not in response.text
    lines = [event for event in log if event["event"] == "request_finished"]
    assert [(line["status"], line["error_type"]) for line in lines] == [(500, "internal_error")]
    assert counted == ["internal_error"]
    assert [event["exc_info"] for event in log if event["event"] == "request_failed"]


def test_a_failure_in_the_middle_of_an_answer_is_left_to_the_server() -> None:
    """The head is out; only cutting the connection tells the caller that something is missing."""
    with capture_logs() as log, pytest.raises(ZeroDivisionError):
        ask(fails_while_answering, [])
    assert [event["status"] for event in log] == [200]
