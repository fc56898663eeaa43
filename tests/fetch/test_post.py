"""A callback URL is as foreign as the URL of a model, and meets the same guard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from pricing_fdm.errors import DownloadFailed, SourceError, SourceRefused, SourceTimeout
from pricing_fdm.fetch.outcomes import FetchOutcome
from pricing_fdm.fetch.policy import FetchPolicy, parse_allowed_cidrs, parse_allowed_hosts
from pricing_fdm.fetch.post import Poster
from tests.fetch.origin import TRUST, CountingResolver, answers, bound, serving, twins

pytestmark = pytest.mark.anyio

CONTENT = b'{"status": "completed"}'
HEADERS = {"Content-Type": "application/json", "X-Signature": "t=1,v1=00"}


@dataclass
class Receiver:
    """A real server that keeps whole requests."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)

    def url(self, target: str = "/hook?secret=7") -> str:
        return f"http://127.0.0.1:{self.port}{target}"

    def policy(self) -> FetchPolicy:
        return FetchPolicy(
            parse_allowed_hosts(f"127.0.0.1:{self.port}"),
            parse_allowed_cidrs("127.0.0.1/32"),
            allow_http=True,
        )


@asynccontextmanager
async def receiving(status: str = "204 No Content") -> AsyncIterator[Receiver]:
    receiver = Receiver()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        receiver.requests.append(head + await reader.readexactly(len(CONTENT)))
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        receiver.port = server.sockets[0].getsockname()[1]
        yield receiver


def posting(policy: FetchPolicy, **overrides: object) -> Poster:
    options: dict[str, Any] = {"total_timeout_s": 60, "trust": TRUST, **overrides}
    return Poster(policy, **options)


async def test_content_and_headers_arrive_as_they_are_and_the_status_comes_back() -> None:
    """Byte for byte: a signature over the content would fail otherwise."""
    async with receiving() as receiver:
        poster = posting(receiver.policy())
        status = await poster.post(receiver.url(), CONTENT, HEADERS)
    assert status == 204
    head, _, content = receiver.requests[0].partition(b"\r\n\r\n")
    assert content == CONTENT
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /hook?secret=7 HTTP/1.1"
    assert b"X-Signature: t=1,v1=00" in lines
    assert b"Content-Length: %d" % len(CONTENT) in lines


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "410 Gone", "503 Busy"])
async def test_every_status_is_told_and_no_redirect_is_followed(status: str) -> None:
    """What it means is for the sender to judge; one connection, whatever it is (A4, J8)."""
    async with receiving(status) as receiver:
        poster = posting(receiver.policy())
        assert await poster.post(receiver.url(), CONTENT, HEADERS) == int(status[:3])
    assert len(receiver.requests) == 1


async def test_j8_a_callback_to_a_forbidden_address_reaches_nothing() -> None:
    """J8: the address is judged in the step that dials it, as for downloads (A2)."""
    first, second = twins()
    async with (
        serving(answers(), sock=first) as good,
        serving(answers(), sock=second) as trap,
    ):
        poster = posting(good.policy(host="hook.test"), resolver=CountingResolver([trap.address]))
        with pytest.raises(SourceRefused) as caught:
            await poster.post(good.url(host="hook.test"), CONTENT, HEADERS)
    assert caught.value.outcome == FetchOutcome.ADDRESS_LOOPBACK
    assert (good.connections, trap.connections) == (0, 0)


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/", "https://user@host.example/", "ftp://host.example/", "nonsense"],
)
async def test_the_text_of_a_url_is_judged_before_anything_is_posted(url: str) -> None:
    """By the rules for downloads; see `test_source_url`."""
    async with receiving() as receiver:
        poster = posting(receiver.policy())
        with pytest.raises(SourceRefused):
            await poster.post(url, CONTENT, HEADERS)
    assert receiver.requests == []


async def test_a_receiver_that_is_not_there_is_a_named_failure() -> None:
    """Whoever posts tries again on any of these."""
    with bound("127.0.0.1") as sock:
        receiver = Receiver(sock.getsockname()[1])
        poster = posting(receiver.policy())
        with pytest.raises(DownloadFailed) as caught:
            await poster.post(receiver.url(), CONTENT, HEADERS)
    assert caught.value.outcome == FetchOutcome.UNREACHABLE


async def test_a_receiver_that_never_answers_is_left_in_time() -> None:
    """A hook that hangs must not hold a worker."""

    async def silence(_: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    async with (
        serving(silence) as receiver,
    ):
        poster = posting(receiver.policy(), total_timeout_s=0.3)
        with pytest.raises(SourceTimeout) as caught:
            await poster.post(receiver.url(), CONTENT, HEADERS)
        assert isinstance(caught.value, SourceError)
    assert caught.value.outcome in {FetchOutcome.TIMEOUT, FetchOutcome.STALLED}
    assert "secret" not in f"{caught.value} {caught.value.log_detail}"
