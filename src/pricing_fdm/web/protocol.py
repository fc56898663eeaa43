"""HTTP/1.1 in which every state of a connection has a deadline and every caller a share.

uvicorn alone waits for ever for the head of a request, for what follows an answer, and for a
caller who does not take one. Here:

- a head has 10 s, from the connection or its first byte on; between requests uvicorn waits 15 s;
- a body has the deadline of the route that reads it;
- a request that is answered before it was read whole ends its connection (`closing`);
- an answer that the caller does not take in 30 s ends it, too;
- bytes are parsed for a bounded time in each turn of the loop (`turns`);
- beyond the most connections, the one that has waited longest for a request is closed. Where all
  are in the middle of one, the newest is answered 503.

Bytes that are not HTTP get a problem document, like every other wrong request.
"""

from __future__ import annotations

import asyncio
import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import h11
from starlette.types import Message, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from pricing_fdm.errors import ConnectionsFull, InvalidRequest, PricingError
from pricing_fdm.web.closing import ClosingTransport
from pricing_fdm.web.problems import problem_response
from pricing_fdm.web.turns import SharingConnection, Turns

HEAD_TIMEOUT_S = 10.0
PLAIN_HTTP: dict[str, Any] = {
    "ws": "none",
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
    "timeout_keep_alive": 15,
}
"""How uvicorn is configured for every listener of ours."""

_LARGEST_HEAD_BYTES = 16 * 1024
_RETRY_AFTER_S = 5


@dataclass(frozen=True, slots=True)
class Shared:
    """What the connections of one listener share.

    Attributes:
        most: How many connections there may be.
        count_error: Counts the error code of a connection that is refused.
    """

    most: int
    count_error: Callable[[str], None]
    turns: Turns = field(default_factory=Turns)


class BoundedProtocol(H11Protocol):
    """uvicorn's protocol, bounded in time, in work and in number."""

    transport: ClosingTransport
    conn: SharingConnection

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        shared: Shared,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._shared = shared
        self._answer, self.app = self.app, self._answer_and_close
        self.conn = SharingConnection(_LARGEST_HEAD_BYTES, self._wait_for_turn)
        self._waits_for_turn = False
        self._head_deadline: asyncio.TimerHandle | None = None
        self._idle_since_s: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the deadline of the first head; makes room where there is none."""
        super().connection_made(ClosingTransport(transport, self._is_unread))
        self._set_head_deadline()
        if len(self.connections) > self._shared.most:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Parses for one share; the rest waits for its turn."""
        if self.transport.lingering:
            self.transport.discard(data)
            return
        self.conn.begin_share()
        super().data_received(data)

    def eof_received(self) -> None:
        """The caller sends no more; what was written has its time."""
        self.transport.end()

    def pause_writing(self) -> None:
        """The caller does not take what is written."""
        super().pause_writing()
        self.transport.expect_writing()

    def resume_writing(self) -> None:
        """The caller has taken it."""
        self.transport.note_written()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends all deadlines."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self.transport.lost()
        self._set_head_deadline()

    def handle_events(self) -> None:
        """Parses, and sees how far that came."""
        super().handle_events()
        self._set_head_deadline()

    def on_response_complete(self) -> None:
        """Waits for the next request."""
        super().on_response_complete()
        self._set_head_deadline()

    def send_400_response(self, msg: str) -> None:
        """Answers bytes that are not an HTTP request, and closes."""
        self._refuse(InvalidRequest(f"This is no HTTP/1.1 request. {msg}"))

    @property
    def idle_since_s(self) -> float:
        """Since when no request has been begun here; infinity while there is one."""
        if self.transport.lingering:
            return -math.inf
        if self.transport.is_closing() or self._idle_since_s is None:
            return math.inf
        return self._idle_since_s

    def _make_room(self) -> None:
        others: set[BoundedProtocol] = self.connections - {self}  # type: ignore[assignment]
        oldest = min(others, key=lambda other: other.idle_since_s, default=self)
        if oldest.idle_since_s < self.idle_since_s:
            oldest.transport.end()
            return
        error = ConnectionsFull(
            f"{self._shared.most} connections are open, which is as many as there may be. Try "
            "again later.",
            retry_after_s=_RETRY_AFTER_S,
        )
        self._shared.count_error(error.code)
        self._refuse(error)

    def _refuse(self, error: PricingError) -> None:
        """Answers what no route gets to see, and closes."""
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.abort()  # in the middle of an answer there is no room for another
            return
        request_id = str(uuid.uuid4())
        problem = problem_response(error, request_id)
        headers = [*problem.raw_headers, (b"x-request-id", request_id.encode()), CLOSE_HEADER]
        events = (
            h11.Response(status_code=problem.status_code, headers=headers),
            h11.Data(data=bytes(problem.body)),
            h11.EndOfMessage(),
        )
        for event in events:
            self.transport.write(self.conn.send(event) or b"")
        if self.cycle is not None:  # whoever reads the body of this request has lost its caller
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.linger()

    async def _answer_and_close(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the application; its answer closes the connection if the request is not read."""

        async def send_and_close(message: Message) -> None:
            if message["type"] == "http.response.start" and self._is_unread():
                headers = [pair for pair in message["headers"] if pair != CLOSE_HEADER]
                message = {**message, "headers": [*headers, CLOSE_HEADER]}
            await send(message)

        await self._answer(scope, receive, send_and_close)

    def _is_unread(self) -> bool:
        return self.conn.their_state in {h11.SEND_BODY, h11.ERROR}

    def _wait_for_turn(self) -> None:
        if not self._waits_for_turn:
            self._waits_for_turn = True
            self.transport.hold_reading(held=True)
            self._shared.turns.join(self._take_turn)

    def _take_turn(self) -> None:
        self._waits_for_turn = False
        if self.transport.is_closing():
            return
        self.conn.begin_share()
        self.handle_events()
        if not self._waits_for_turn:
            self.transport.hold_reading(held=False)

    def _set_head_deadline(self) -> None:
        """Starts or ends the deadline of a head; between requests uvicorn has its own timer."""
        idle = self.conn.their_state is h11.IDLE and not self.transport.is_closing()
        self._idle_since_s = (self._idle_since_s or self.loop.time()) if idle else None
        expected = idle and self.timeout_keep_alive_task is None
        if expected and self._head_deadline is None:
            self._head_deadline = self.loop.call_later(HEAD_TIMEOUT_S, self.transport.close)
        elif not expected and self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None
