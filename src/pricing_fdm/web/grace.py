"""Ends what a request still waits for when the grace of a leaving service is over.

Most requests that still run wait for their own caller: for the rest of a body, for a hang-up. They
get `Draining` from their channel, which is answered like every other failure; one that has begun to
answer is told that the caller is gone. A request that waits for something else is cancelled by the
server a moment later, and answered here.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pricing_fdm.quoting.admission import Admission, leaving
from pricing_fdm.web.access_log import note_error
from pricing_fdm.web.app_state import state_of
from pricing_fdm.web.problems import problem_response
from pricing_fdm.web.request_id import request_id_of


class GraceMiddleware:
    """Lets no request outlast the grace."""

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
                error = leaving()
                note_error(scope, error)
                await problem_response(error, request_id_of(scope))(scope, receive, send)
        finally:
            channel.forget()


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
            Draining: The grace is over, and nothing has been answered.
        """
        if self._closing is None:  # most requests come whole, and ask for nothing more
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

    def forget(self) -> None:
        """Ends the waiting for the end of the grace."""
        if self._closing is not None:
            self._closing.cancel()
