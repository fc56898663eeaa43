"""What callers do with their connections, their heads, their bodies and their tokens."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import httpx

from pricing_fdm.fetch.network import SystemResolver
from pricing_fdm.settings.queue import Jobs
from scripts.attack.target import SERVER_FAULT, WAIT_S, Case, Target, connect, is_open, many
from tests.harness.service import PLAIN, QUOTE, running_service
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until

_FLOOD_S = 3.0
_FLOOD_CPU_S = 5.0  # what is sent is parsed, but never much of it in one turn of the loop
_MOST_THREADS = 50
_FORM = (
    b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n"
    b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="part.stl"\r\n\r\n'
)


def health_ms(target: Target) -> float:
    """How long `/health` takes now, in the middle of five calls."""
    return 1000 * statistics.median(
        target.service.get("/health").elapsed.total_seconds() for _ in range(5)
    )


def answered_and_one_byte(target: Target) -> str:
    """Answered before the body is read, then a byte: they stayed for ever."""
    with many(
        target, 400, b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
    ) as callers:
        for caller in callers:
            assert caller.recv(65536).startswith(b"HTTP/1.1 200")
            with contextlib.suppress(ConnectionError):
                caller.sendall(b"A")
        wait_until(lambda: not any(map(is_open, callers)), WAIT_S)
    return "all closed"


def idle(target: Target) -> str:
    """More connections than there may be, none of which ever asks."""
    with many(target, 700, b"GET / HTTP/1.1\r\nX-Half: "):
        took_ms = health_ms(target)
    return f"`/health` in {took_ms:.0f} ms"


def one_byte_chunks(path: str) -> Callable[[Target], str]:
    """Eight callers who send chunks of one byte: the loop stood still for nine seconds."""

    def attack(target: Target) -> str:
        ends = time.monotonic() + _FLOOD_S

        def flood() -> None:
            while time.monotonic() < ends:
                with contextlib.suppress(OSError), target.connect() as caller:
                    caller.sendall(
                        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n".encode()
                    )
                    while time.monotonic() < ends:
                        caller.sendall(b"1\r\nA\r\n" * 10_000)

        with ThreadPoolExecutor(8) as callers:
            for _ in range(8):
                callers.submit(flood)
            took_ms = health_ms(target)
        return f"`/health` in {took_ms:.0f} ms"

    return attack


def half_open_scrapes(target: Target) -> str:
    """Each had a thread, above the limit that is shipped."""
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            scraper = stack.enter_context(connect(target.metrics_port))
            scraper.sendall(b"GET /metrics HTTP/1.1\r\nX-Half: ")
        scraped = httpx.get(f"http://127.0.0.1:{target.metrics_port}/metrics", **PLAIN)
        assert "pricing_fdm_ready 1.0" in scraped.text
        threads = len(list(Path(f"/proc/{target.service.process.pid}/task").iterdir()))
        assert threads < _MOST_THREADS, f"{threads} threads"
    return f"{threads} threads"


def slow_lookups(target: Target) -> str:
    """Forty names of a slow name server kept out everybody's for as long as it pleased.

    The system's own name servers are nobody's to attack: the resolver runs here, and the C library
    is slow.
    """
    del target
    answered, of_the_system = threading.Event(), socket.getaddrinfo

    def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as it is
        if host.startswith("slow-"):
            answered.wait()
        return of_the_system(host, *args, **kwargs)

    async def look_up() -> float:
        resolver, began = SystemResolver(), time.monotonic()
        slow = [asyncio.ensure_future(resolver(f"slow-{n}", 443)) for n in range(40)]
        try:
            async with asyncio.timeout(WAIT_S):
                await resolver("localhost", 80)
            return time.monotonic() - began
        finally:
            answered.set()
            await asyncio.gather(*slow, return_exceptions=True)

    with mock.patch.object(socket, "getaddrinfo", getaddrinfo):
        took_s = asyncio.run(look_up())
    return f"another name in {1000 * took_s:.0f} ms"


def two_lengths(target: Target) -> str:
    """What a proxy and the service may cut at different places."""
    with target.connect() as caller:
        caller.sendall(
            b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        answer = b""
        while piece := caller.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 400 "), answer[:100]
    assert b"not_found" not in answer
    return "400, closed"


def wrong_tokens(target: Target) -> str:
    """Guessing goes on at full speed when a blocked peer's guess is still looked at."""
    del target
    token = "a-token-of-thirty-two-characters"
    with running_service({"API_TOKEN": token}) as guarded:
        wrong = {"headers": {"Authorization": "Bearer guess"}}
        statuses = [guarded.get("/metrics", **wrong).status_code for _ in range(21)]
        right = guarded.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert (statuses[-1], right.status_code) == (429, 429)
    return "429, for a right one, too"


def long_boundary(target: Target) -> str:
    """It was a 500."""
    kind = f"multipart/form-data; boundary={'b' * 5000}"
    answer = httpx.post(
        f"{target.service.base_url}/upload", content=b"--b", headers={"Content-Type": kind}, **PLAIN
    )
    assert answer.status_code < SERVER_FAULT, answer.text
    return f"{answer.status_code} `{answer.json()['code']}`"


def brackets(target: Target) -> str:
    """A field of nested brackets was a 500."""
    answer = httpx.post(
        f"{target.service.base_url}/upload",
        files={"file": ("part.stl", binary_stl(box(20, 20, 20)))},
        data={"infill": "[" * 50_000},
        **PLAIN,
    )
    assert answer.status_code < SERVER_FAULT, answer.text
    return f"{answer.status_code} `{answer.json()['code']}`"


def event_streams(target: Target) -> str:
    """A hundred of them took all connections to Redis."""
    url = target.origin.serve("stream.stl", binary_stl(box(20, 20, 20)))
    created = httpx.post(
        f"{target.service.base_url}/quote", json={"download_url": url}, **PLAIN
    ).json()
    head = f"GET /status/{created['job_id']}/events HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with many(target, 150, head) as callers:
        for caller in callers:
            assert caller.recv(65536).startswith(b"HTTP/1.1 200")
        status = target.service.get(f"/status/{created['job_id']}")
        assert status.is_success, status.text
    return "`/status` answers"


def uploads_in_flight(target: Target) -> str:
    """Eighty at once took 379 MB."""
    places: int = Jobs.model_fields["upload_places"].default
    with many(target, 80, _FORM + bytes(800_000)) as callers:
        wait_until(lambda: sum(map(is_open, callers)) <= places, WAIT_S)
    return f"{80 - places} of 80 refused"


CALLERS: Sequence[Case] = (
    Case("callers: answered before their body, and a byte", "prusa", "400 x 56 B",
         answered_and_one_byte),
    Case("callers: half a head each", "prusa", "700 x 25 B", idle),
    Case("callers: chunks of one byte", "prusa", "8 x 3 s", one_byte_chunks(QUOTE), _FLOOD_CPU_S),
    Case("callers: chunks of one byte after the answer", "prusa", "8 x 3 s",
         one_byte_chunks("/nothing"), _FLOOD_CPU_S),
    Case("callers: half-open scrapes", "prusa", "200 x 32 B", half_open_scrapes),
    Case("callers: slow lookups", "prusa", "40 names", slow_lookups),
    Case("callers: two lengths of one body", "prusa", "130 B", two_lengths),
    Case("callers: wrong tokens, then the right one", "prusa", "22 requests", wrong_tokens),
    Case("callers: a long boundary", "gateway", "5 KB", long_boundary),
    Case("callers: nested brackets in a field", "gateway", "50 KB", brackets),
    Case("callers: event streams", "gateway", "150", event_streams),
    Case("callers: uploads in flight", "gateway", "80 x 0.8 MB", uploads_in_flight),
)  # fmt: skip
