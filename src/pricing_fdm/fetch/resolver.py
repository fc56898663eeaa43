"""Turns a name into addresses, on threads of its own.

A lookup cannot be cancelled: it occupies its thread until the C library gives up. A caller who
names a slow DNS server could so fill the event loop's shared pool and stop everything else that
runs there. In a pool of its own the worst he does is to delay other lookups, which then meet
their deadline.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to numeric addresses, best first; raises OSError if there are none."""

_THREADS = 8


class SystemResolver:
    """The `Resolver` of the operating system; its threads end with it."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="fetch-dns")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Look a name up.

        Raises:
            OSError: If it does not resolve.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _addresses, host, port)


def _addresses(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(sockaddr[0]) for *_, sockaddr in answers]
