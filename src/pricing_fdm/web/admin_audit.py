"""Writes an audit line for each request to an admin route, also for one that is refused.

It says who asked (the address of the peer), for what, with which version of the shop, and how it
ended; the request's id leads to the canonical line. A metric counts the same.
"""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from pricing_fdm.telemetry.logs import ADMIN_ACTION
from pricing_fdm.telemetry.metrics import AdminOutcome
from pricing_fdm.web.access_log import noted
from pricing_fdm.web.app_state import state_of
from pricing_fdm.web.paths import admin_action

_DETAILS = ("version", "dry_run", "profile")

_log = structlog.get_logger()


class AdminAuditMiddleware:
    """Stands within the access log, whose line says how a request ended, and around the tokens."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and notes what became of it."""
        action = admin_action(scope) if scope["type"] == "http" else None
        if action is None:
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            line = noted(scope)
            status = int(line["status"])
            outcome = _outcome(status)
            details = {name: line[name] for name in _DETAILS if name in line}
            peer = (scope.get("client") or ("unknown",))[0]
            _log.info(
                ADMIN_ACTION, action=action, outcome=outcome, status=status, peer=peer, **details
            )
            state_of(Request(scope)).metrics.count_admin_action(action, outcome)


def _outcome(status: int) -> AdminOutcome:
    if status < 400:  # noqa: PLR2004 - where HTTP's refusals begin
        return AdminOutcome.DONE
    return AdminOutcome.REFUSED if status < 500 else AdminOutcome.FAILED  # noqa: PLR2004
