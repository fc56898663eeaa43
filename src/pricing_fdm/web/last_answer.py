"""Answers for a handler that cannot: at the end of the grace, or after an unexpected error.

When the grace of a service that shuts down is over, most requests that still run are waiting for
their own
caller: for the rest of a body, or for a hang-up. Their channel then raises `Draining`, which is
answered like every other failure; a request that has begun to answer gets a disconnect instead.
A request that waits for something else is cancelled by the server a moment later.
"""

from __future__ import annotations

import asyncio

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pricing_fdm.errors import InternalError
from pricing_fdm.quoting.admission import Admission, leaving
from pricing_fdm.telemetry.logs import REQUEST_FAILED
from pricing_fdm.web.app_state import state_of
from pricing_fdm.web.problems import refusal

_log = structlog.get_logger()


class LastAnswerMiddleware:
    """Ends requests with the grace, and answers what the application did not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on with a channel that ends with the grace."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        channel = _Channel(receive, send, state_of(Request(scope)).admission)
        try:
            await self._app(scope, channel.receive, channel.send)
        except asyncio.CancelledError:
            if not channel.closed:
                raise
            if not channel.answering:
                await refusal(scope, leaving())(scope, receive, send)
        except Exception:
            if channel.answering:
                raise
            _log.exception(REQUEST_FAILED)
            fault = InternalError("Something went wrong on our side. The log has it by request id.")
            await refusal(scope, fault)(scope, receive, send)
        finally:
            channel.close()


class _Channel:
    def __init__(self, receive: Receive, send: Send, admission: Admission) -> None:
        self._receive = receive
        self._send = send
        self._admission = admission
        self._closing: asyncio.Task[None] | None = None
        self.answering = False

    @property
    def closed(self) -> bool:
        """Whether the grace is over."""
        return self._admission.closed

    async def receive(self) -> Message:
        """What the caller sends next.

        Raises:
            Draining: The grace is over, and no answer has begun.
        """
        if self._closing is None:  # most requests arrive whole and never get here
            self._closing = asyncio.create_task(self._admission.until_closed())
        message = asyncio.ensure_future(self._receive())
        try:
            await asyncio.wait({message, self._closing}, return_when=asyncio.FIRST_COMPLETED)
            if message.done():
                return message.result()
        finally:
            message.cancel()
        if self.answering:
            return {"type": "http.disconnect"}
        raise leaving()

    async def send(self, message: Message) -> None:
        """Answers."""
        self.answering = True
        await self._send(message)

    def close(self) -> None:
        """Stops waiting for the end of the grace."""
        if self._closing is not None:
            self._closing.cancel()
