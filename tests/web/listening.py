"""A listener of the service's protocol in the test's own loop, and callers with bare sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from pricing_fdm.web.protocol import PLAIN_HTTP, BoundedProtocol, Shared

PATIENCE_S = 60
END_OF_ANSWER = b"\r\n\r\nOK"

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Listener:
    """A listener.

    Attributes:
        counted: The error codes of what was refused.
        callers: All that have connected; they hang up at the end.
    """

    port: int
    state: ServerState
    counted: list[str] = field(default_factory=list)
    callers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def connect(self, sent: bytes = b"") -> Stream:
        """A caller; returns when the listener has noted it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.callers.append(writer)
        writer.write(sent)
        await self.until(lambda: peer_of(writer) in self.peers() or reader.at_eof())
        return reader, writer

    def peers(self) -> set[Any]:
        """The addresses of those who are connected."""
        return {
            connection.transport.get_extra_info("peername") for connection in self.state.connections
        }

    async def until(self, is_so: Callable[[], object]) -> None:
        """Waits until something is so."""
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():  # noqa: ASYNC110 - a listener tells nobody of its connections
                await asyncio.sleep(0.01)


def peer_of(writer: asyncio.StreamWriter) -> Any:
    """The caller's own address."""
    return writer.get_extra_info("sockname")


@contextlib.asynccontextmanager
async def listening(app: ASGIApp, most: int = 100) -> AsyncIterator[Listener]:
    """Serves an application until the context is left."""
    listener = Listener(0, ServerState())
    shared = Shared(most, listener.counted.append)
    config = uvicorn.Config(app, lifespan="off", **PLAIN_HTTP)
    server = await asyncio.get_running_loop().create_server(
        lambda: BoundedProtocol(config, listener.state, {}, shared=shared), "127.0.0.1", 0
    )
    listener.port = server.sockets[0].getsockname()[1]
    async with server:
        try:
            yield listener
        finally:
            for caller in listener.callers:
                caller.transport.abort()
        await listener.until(lambda: not listener.state.connections)


async def read_to_end(reader: asyncio.StreamReader) -> bytes:
    """All that the listener sends until it closes."""
    async with asyncio.timeout(PATIENCE_S):
        return await reader.read()


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers at once, whatever is asked and sent."""
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"OK"})


async def reads(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers when it has read the body."""
    while True:
        message = await receive()
        if message["type"] != "http.request" or not message["more_body"]:
            break
    if message["type"] == "http.request":
        await answers(scope, receive, send)


def run(story: Coroutine[Any, Any, None]) -> None:
    """Runs a story."""
    asyncio.run(story)
