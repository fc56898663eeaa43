"""A real origin on loopback that answers with exactly the bytes a test scripts.

A library server would refuse to send most of what is needed here: short bodies, bombs, drips.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore
import pytest

from pricing_fdm.errors import ModelTooLarge, SourceError
from pricing_fdm.fetch.client import TrustStore
from pricing_fdm.fetch.download import Fetcher
from pricing_fdm.fetch.policy import FetchPolicy, parse_allowed_cidrs, parse_allowed_hosts

FIXTURES = Path(__file__).parent / "fixtures"
TRUST = TrustStore(httpcore.default_ssl_context())

OK = b"HTTP/1.1 200 OK\r\n"

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Origin:
    """What a running origin saw."""

    address: str
    port: int
    connections: int = 0
    heads: list[bytes] = field(default_factory=list)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, target: str = "/part.stl", *, host: str | None = None) -> str:
        return f"http://{host or self.address}:{self.port}{target}"

    def policy(self, *, host: str | None = None) -> FetchPolicy:
        """Opens this origin by its exact address, and nothing else."""
        return FetchPolicy(
            parse_allowed_hosts(f"{host or self.address}:{self.port}"),
            parse_allowed_cidrs(f"{self.address}/32"),
            allow_http=True,
        )


@asynccontextmanager
async def serving(
    answer: Answer,
    *,
    sock: socket.socket | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Origin]:
    """Run an origin on `sock` or a free port; what it still does at the end is cancelled."""
    tasks: set[asyncio.Task[None]] = set()

    async def watch(reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            await reader.read()
        origin.hung_up.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        origin.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            origin.heads.append(await reader.readuntil(b"\r\n\r\n"))
            tasks.add(asyncio.create_task(watch(reader)))
            await answer(writer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, sock=sock or bound("127.0.0.1"), ssl=tls)
    origin = Origin(*server.sockets[0].getsockname())
    try:
        yield origin
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def bound(address: str, port: int = 0) -> socket.socket:
    """A socket that holds its port; until somebody listens on it, connections are refused."""
    sock = socket.socket()
    try:
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock


def twins() -> tuple[socket.socket, socket.socket]:
    """The same port on 127.0.0.2 and on 127.0.0.1; other tests take ports at the same time."""
    while True:
        first = bound("127.0.0.2")
        try:
            return first, bound("127.0.0.1", first.getsockname()[1])
        except OSError:
            first.close()


def replies(raw: bytes) -> Answer:
    """Send these bytes and close."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)

    return answer


def answers(
    body: bytes = b"",
    status: str = "200 OK",
    headers: Sequence[str] = (),
    *,
    length: int | None = None,
) -> Answer:
    """An ordinary HTTP answer; `length` overrides the declared length."""
    declared = f"Content-Length: {len(body) if length is None else length}"
    head = "\r\n".join((f"HTTP/1.1 {status}", declared, *headers, "", ""))
    return replies(head.encode() + body)


class CountingResolver:
    """Gives scripted answers, the last one for ever, and counts the questions."""

    def __init__(self, *rounds: Sequence[str]) -> None:
        self._rounds = list(rounds)
        self.calls = 0

    async def __call__(self, *_: object) -> Sequence[str]:
        self.calls += 1
        return self._rounds.pop(0) if len(self._rounds) > 1 else self._rounds[0]


def fetching(policy: FetchPolicy, **overrides: object) -> Fetcher:
    """A `Fetcher` with generous times, so that only the limit under test can strike."""
    options: dict[str, Any] = {
        "max_bytes": 1024 * 1024,
        "total_timeout_s": 60,
        "min_bytes_per_s": 0,
        "trust": TRUST,
        **overrides,
    }
    return Fetcher(policy, **options)


def is_there(path: Path) -> bool:
    return path.exists()


def entries(folder: Path) -> int:
    return len(list(folder.iterdir()))


async def failed_fetch(
    origin: Origin, destination: Path, **options: object
) -> SourceError | ModelTooLarge:
    """Fetch, expect it to fail, and leave nothing behind."""
    with pytest.raises((SourceError, ModelTooLarge)) as caught:
        await fetching(origin.policy(), **options).fetch(origin.url(), destination)
    assert not is_there(destination)
    assert isinstance(caught.value, SourceError | ModelTooLarge)
    return caught.value
