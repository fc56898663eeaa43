"""Every request ends in one canonical line."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.testing import capture_logs

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.web.access_log import AccessLogMiddleware, note, note_error
from pricing_fdm.web.paths import HEALTH_PATH, QUOTE_PATH
from tests.web.edge import asked

LEFT = 499


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    note(scope, triangles=12)
    await PlainTextResponse("good")(scope, receive, send)


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    note_error(scope, ModelInvalid("It is empty.", log_detail="0 triangles"))
    await PlainTextResponse("bad", 422)(scope, receive, send)


async def leaves(scope: Scope, receive: Receive, send: Send) -> None:
    """The caller has hung up, and nothing is sent."""


def line_of(app: ASGIApp, path: str, counted: list[str]) -> dict[str, Any]:
    """The one line of a request to an application behind the middleware."""
    with capture_logs() as log:
        asked(AccessLogMiddleware(app), path, counted)
    [line] = log
    assert line["duration_ms"] >= 0
    return dict(line)


def test_it_has_the_route_the_status_and_what_was_noted_h3() -> None:
    """H3: one line tells the whole request."""
    counted: list[str] = []
    line = line_of(answers, QUOTE_PATH, counted)
    assert (line["event"], line["log_level"]) == ("request_finished", "info")
    assert (line["method"], line["route"], line["status"]) == ("GET", QUOTE_PATH, 200)
    assert line["triangles"] == 12
    assert counted == []


def test_an_error_is_noted_with_the_operator_s_detail_and_counted_once_h2() -> None:
    """H2: the line and the counter say the same."""
    counted: list[str] = []
    line = line_of(fails, QUOTE_PATH, counted)
    assert (line["status"], line["error_type"]) == (422, "model_invalid")
    assert (line["error"], line["error_detail"]) == ("It is empty.", "0 triangles")
    assert counted == ["model_invalid"]


def test_a_caller_who_leaves_is_no_error() -> None:
    """The status is the one that nginx made usual."""
    counted: list[str] = []
    assert line_of(leaves, QUOTE_PATH, counted)["status"] == LEFT
    assert counted == []


@pytest.mark.parametrize(("path", "route"), [("/nothing/secret", "unknown"), ("/status/1", None)])
def test_a_path_that_the_caller_chose_is_not_logged(path: str, route: str | None) -> None:
    """It may hold anything."""
    assert line_of(answers, path, [])["route"] == (route or "/status/{job_id}")


def test_probes_are_logged_at_debug_level() -> None:
    """They come every few seconds."""
    assert line_of(answers, HEALTH_PATH, [])["log_level"] == "debug"


def test_the_status_is_a_number_h3() -> None:
    """A 405 comes as an `HTTPStatus`, and was logged as `<HTTPStatus.METHOD_NOT_ALLOWED: 405>`."""

    async def refuses(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("no", HTTPStatus.METHOD_NOT_ALLOWED)(scope, receive, send)

    assert repr(line_of(refuses, QUOTE_PATH, [])["status"]) == "405"
