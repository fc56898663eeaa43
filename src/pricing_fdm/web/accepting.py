"""What happens when connections cannot be accepted, because a limit of the system is reached.

asyncio tries again after a second, and reports every attempt with a traceback. In a burst those are
thousands of lines a second, which fill a disk. Here one line tells how many there were.
"""

from __future__ import annotations

import asyncio
import errno
import math
import os
import socket
from typing import Any

import structlog

from pricing_fdm.telemetry.logs import CONNECTIONS_NOT_ACCEPTED

BACKLOG = 128
"""Connections accepted in one turn of the loop. The limit of connections acts a turn later."""

_WAITING_ROOM = 1024
"""Connections that the kernel keeps meanwhile. One beyond it tries again a second later."""

_TELL_EVERY_S = 10.0
_SYSTEM_LIMITS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

_log = structlog.get_logger()


def widen(server: asyncio.Server) -> None:
    """Lets more connections wait than are accepted in a turn; asyncio has one number for both."""
    for listener in server.sockets:
        with socket.socket(fileno=os.dup(listener.fileno())) as same:
            same.listen(_WAITING_ROOM)


class AcceptFailures:
    """Counts the attempts that fail, and logs their number at most every ten seconds."""

    def __init__(self) -> None:
        self._count = 0
        self._told_s = -math.inf

    def handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The event loop's exception handler; everything else gets asyncio's own."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _SYSTEM_LIMITS:
            loop.default_exception_handler(context)
            return
        self._count += 1
        if loop.time() - self._told_s >= _TELL_EVERY_S:
            _log.error(CONNECTIONS_NOT_ACCEPTED, reason=str(error), attempts=self._count)
            self._count, self._told_s = 0, loop.time()
