"""A request that its handler left without an answer gets one.

What happens to real requests at the end of the grace: `jobs/test_grace.py`, `test_server.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.testing import capture_logs

from pricing_fdm.quoting.admission import Admission
from pricing_fdm.web.access_log import AccessLogMiddleware
from pricing_fdm.web.last_answer import LastAnswerMiddleware
from tests.web.edge import asked


async def fails_at_once(scope: Scope, receive: Receive, send: Send) -> None:
    raise ZeroDivisionError("the secret reason")


async def fails_while_answering(scope: Scope, receive: Receive, send: Send) -> None:
    async def halves() -> AsyncIterator[bytes]:
        yield b"half"
        raise ZeroDivisionError("the secret reason")

    await StreamingResponse(halves())(scope, receive, send)


async def is_cancelled(scope: Scope, receive: Receive, send: Send) -> None:
    raise asyncio.CancelledError


def answer_of(app: ASGIApp, counted: list[str], *, closed: bool = False) -> httpx.Response | None:
    """The answer of an application behind the middlewares."""
    admission = Admission(slots=1, places=1, wait_s=1)
    if closed:
        admission.close()
    edge = AccessLogMiddleware(LastAnswerMiddleware(app))
    return asked(edge, "/health", counted, admission=admission)


def test_an_unexpected_failure_is_a_problem_document_counted_once_h2() -> None:
    """H2: 500 with the one shape of all errors; the reason goes to the log and nowhere else."""
    counted: list[str] = []
    with capture_logs() as log:
        response = answer_of(fails_at_once, counted)
    assert response is not None
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == response.json()["request_id"] == "upstream-42"
    assert "secret" not in response.text
    lines = [event for event in log if event["event"] == "request_finished"]
    assert [(line["status"], line["error_type"]) for line in lines] == [(500, "internal_error")]
    assert counted == ["internal_error"]
    assert [event["exc_info"] for event in log if event["event"] == "request_failed"]


def test_a_failure_in_the_middle_of_an_answer_is_left_to_the_server() -> None:
    """The head is out; only cutting the connection shows the caller that something is missing."""
    with capture_logs() as log, pytest.raises(ZeroDivisionError):
        answer_of(fails_while_answering, [])
    assert [event["status"] for event in log] == [200]


def test_a_request_that_is_cancelled_after_the_grace_is_answered() -> None:
    """It waited for something other than its caller."""
    counted: list[str] = []
    response = answer_of(is_cancelled, counted, closed=True)
    assert response is not None
    assert (response.status_code, response.json()["code"]) == (503, "draining")
    assert counted == ["draining"]


def test_a_request_that_is_cancelled_before_is_not() -> None:
    """That is not ours to answer: the loop itself ends."""
    with pytest.raises(asyncio.CancelledError):
        answer_of(is_cancelled, [])
