"""Writes one canonical log line for each request.

Handlers add fields to it (`note`). It is written once: when the answer has been sent, or when the
caller has left. The error in it is counted there, so each failed request counts once. Probes and
scrapes are logged at debug level only.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pricing_fdm.errors import PricingError
from pricing_fdm.telemetry.logs import REQUEST_FINISHED
from pricing_fdm.web.app_state import state_of
from pricing_fdm.web.paths import HEALTH_PATH, METRICS_PATH, READY_PATH, route_of

CALLER_LEFT_STATUS = 499

_KEY = "pricing_fdm.line"
_PROBES = frozenset({HEALTH_PATH, READY_PATH, METRICS_PATH})

_log = structlog.get_logger()


class AccessLogMiddleware:
    """Writes the canonical line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and logs how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        line: dict[str, Any] = {"status": CALLER_LEFT_STATUS}
        scope[_KEY] = line

        async def send_and_note(message: Message) -> None:
            if message["type"] == "http.response.start":
                line["status"] = int(message["status"])  # of a 405 it is an HTTPStatus
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            if "error_type" in line:
                state_of(Request(scope)).metrics.count_error(line["error_type"])
            path = scope["path"]
            write = _log.debug if path in _PROBES else _log.info
            write(
                REQUEST_FINISHED,
                method=scope["method"],
                route=route_of(path),
                duration_ms=round((time.perf_counter() - started) * 1000, 1),
                **line,
            )


def noted(scope: Scope) -> Mapping[str, Any]:
    """What the request's canonical line holds so far."""
    line: Mapping[str, Any] = scope[_KEY]
    return line


def note(scope: Scope, **fields: object) -> None:
    """Adds fields to the request's canonical line."""
    scope[_KEY].update(fields)


def note_error(scope: Scope, error: PricingError) -> None:
    """Adds an error to the canonical line, with the detail that only the operator may see."""
    note(scope, error_type=error.code, error=error.detail)
    if error.log_detail:
        note(scope, error_detail=error.log_detail)
