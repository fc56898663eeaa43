"""Runs the ASGI server and stops it without cutting callers off.

uvicorn closes its listener at the first signal, so probes find a refused connection, and at the
end of its grace running requests get a bare 500. Here the order is:

1. The first signal makes the service unready; new quotes get 503 `draining`.
2. After a pause, in which load balancers notice, the listener closes. Running requests finish.
3. At the end of the grace, requests that still run are answered 503. A connection that does not
   take its answer is cut.

A second signal ends everything at once. SIGINT comes from a person at a terminal, where there is
no load balancer: it skips the pause.
"""

from __future__ import annotations

import asyncio
import functools
import os
import resource
import signal
import socket
from dataclasses import dataclass
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from pricing_fdm.quoting.admission import Admission
from pricing_fdm.web.accepting import BACKLOG, AcceptFailures, widen
from pricing_fdm.web.protocol import PLAIN_HTTP, BoundedProtocol, Shared

_LAST_WORDS_S = 0.5
# After the grace: until requests that have not ended are cancelled, then until connections are cut.
_ENDING_S = 2.0
_ANSWERING_S = 1.0
_FORCED = 128


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where to listen, and how long stopping may take.

    Attributes:
        most_connections: More are not held open.
        pause_s: Seconds from SIGTERM until the listener closes.
        grace_s: Seconds from then on for the requests that still run.
    """

    host: str
    port: int
    most_connections: int
    pause_s: float
    grace_s: float


def run_server(app: Starlette, options: ServerOptions) -> bool:
    """Serves `app` until a signal ends it; says whether it ever started.

    The application's lifespan leaves its `Admission` in `app.state.admission`.
    """
    config = uvicorn.Config(
        app,
        host=options.host,
        port=options.port,
        http=functools.partial(BoundedProtocol, shared=_shared(app, options)),  # type: ignore[arg-type]
        backlog=BACKLOG,
        loop="asyncio",
        lifespan="on",
        **PLAIN_HTTP,
    )
    server = DrainingServer(config, app, options)
    server.run()
    return server.started


def _shared(app: Starlette, options: ServerOptions) -> Shared:
    """At most half of the descriptors are for connections: slices and downloads need some, too."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)

    def count_error(code: str) -> None:
        app.state.metrics.count_error(code)

    return Shared(min(options.most_connections, descriptors // 2), count_error)


class DrainingServer(uvicorn.Server):
    """A server that drains before it stops."""

    def __init__(self, config: uvicorn.Config, app: Starlette, options: ServerOptions) -> None:
        super().__init__(config)
        self._state = app.state
        self._options = options
        self._leaving: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until the drain is done."""
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(AcceptFailures().handle)
        await super().serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to listen."""
        await super().startup(sockets)
        for server in self.servers:
            widen(server)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's
        """Called for SIGTERM and SIGINT, between two instructions of the loop's thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._on_signal, sig)

    def _on_signal(self, sig: int) -> None:
        if self._leaving is not None:
            self._leave_at_once(sig)
            return
        pause_s = 0.0 if sig == signal.SIGINT else self._options.pause_s
        self._leaving = asyncio.create_task(self._drain(pause_s))

    async def _drain(self, pause_s: float) -> None:
        admission: Admission | None = getattr(self._state, "admission", None)
        if admission is None:  # the signal came before the start was done
            self.should_exit = True
            return
        admission.drain()
        await asyncio.sleep(pause_s)
        # uvicorn closes the listener now and waits for the requests that still run.
        self.should_exit = True
        await asyncio.sleep(self._options.grace_s)
        admission.close()
        await asyncio.sleep(_ENDING_S)
        for task in list(self.server_state.tasks):
            task.cancel()
        await asyncio.sleep(_ANSWERING_S)
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    def _leave_at_once(self, sig: int) -> None:
        """Stops the running slices, waits a moment for their answers to be sent, and exits."""
        admission: Admission | None = getattr(self._state, "admission", None)
        if admission is not None:
            admission.close()
        self.force_exit = self.should_exit = True
        assert self._loop is not None  # noqa: S101 - set before any signal is handled
        self._loop.call_later(_LAST_WORDS_S, os._exit, _FORCED + sig)
