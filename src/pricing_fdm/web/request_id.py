"""One id for each request: in the answer's header, in problem bodies, on every log line.

A caller's own id is kept when it is harmless, so that both sides can search for the same one.
Any other is replaced, because it goes into logs.
"""

from __future__ import annotations

import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"
_KEY = "pricing_fdm.request_id"
_LONGEST = 128
_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


class RequestIdMiddleware:
    """Gives each HTTP request its id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on with its id, and adds the id to the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _kept(Headers(scope=scope).get(HEADER)) or str(uuid.uuid4())
        scope[_KEY] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._app(scope, receive, send_with_id)


def request_id_of(scope: Scope) -> str:
    """The id that the middleware gave this request."""
    request_id: str = scope[_KEY]
    return request_id


def _kept(value: str | None) -> str | None:
    is_harmless = value and len(value) <= _LONGEST and _ALLOWED.issuperset(value)
    return value if is_harmless else None
