"""HTTP/1.1 with a deadline for callers who are slow on purpose.

uvicorn waits for the head of a request without a limit: a few hundred connections that send a byte
a minute would hold every descriptor. Here a connection that has not sent a whole head in time is
closed. Bytes that are not HTTP get a problem document, like every other wrong request.
"""

from __future__ import annotations

import asyncio
import uuid

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from pricing_fdm.errors import InvalidRequest
from pricing_fdm.web.problems import problem_response

HEAD_TIMEOUT_S = 10.0


class BoundedProtocol(H11Protocol):
    """uvicorn's protocol, with a deadline for the head of each request."""

    _head_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the deadline with the connection."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Ends the deadline when a head is whole; starts it with the first byte of the next."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            if self._head_deadline is None:
                self._expect_head()
        else:
            self._end_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the deadline."""
        self._end_deadline()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answers bytes that are not an HTTP request."""
        request_id = str(uuid.uuid4())
        problem = problem_response(
            InvalidRequest(f"This is no HTTP/1.1 request. {msg}"), request_id
        )
        headers = [*problem.raw_headers, (b"x-request-id", request_id.encode())]
        events = (
            h11.Response(status_code=400, headers=[*headers, (b"connection", b"close")]),
            h11.Data(data=bytes(problem.body)),
            h11.EndOfMessage(),
        )
        for event in events:
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _expect_head(self) -> None:
        self._head_deadline = self.loop.call_later(HEAD_TIMEOUT_S, self.transport.close)

    def _end_deadline(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None
