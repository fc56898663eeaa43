"""Callers who send a byte a second, or open many connections, hold nothing for long (D8)."""

from __future__ import annotations

import asyncio
import json
import socket
import time

import pytest
from starlette.types import Receive, Scope, Send

from tests.harness.service import MATERIALS, QUOTE, RunningService
from tests.web.listening import END_OF_ANSWER, answers, listening, read_to_end, reads, run


def connect(service: RunningService) -> socket.socket:
    """A bare connection to the service."""
    host, _, port = service.base_url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=60)


@pytest.mark.slow
def test_two_hundred_connections_that_drip_are_closed_and_others_are_served_d8(
    service: RunningService,
) -> None:
    """D8: half of them never finish their head, half never their body."""
    head = b"GET /health HTTP/1.1\r\nHost: x\r\nX-Drip: "
    body = (
        f"POST {QUOTE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 1000\r\n\r\n{"
    ).encode()
    dripping = [connect(service) for _ in range(200)]
    for number, connection in enumerate(dripping):
        connection.sendall(head if number % 2 else body)
    started = time.monotonic()
    assert service.get(MATERIALS).status_code == 200
    for connection in dripping:
        with connection:
            answer = connection.recv(65536)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert time.monotonic() - started < 30, "closed within 10 s, however many there are"
    assert service.get(MATERIALS).status_code == 200


def test_a_connection_can_be_used_again_after_its_answer(service: RunningService) -> None:
    """The deadline is for one head at a time; keep-alive stays as it is."""
    with connect(service) as connection:
        for _ in range(3):
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b""
            while not answer.endswith(b"\r\n\r\nOK"):
                answer += connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "content",
    [b"\x16\x03\x01\x02\x00\x01\x00", b"NONSENSE\r\n\r\n", b"GET / HTTP/1.1\r\nbad header\r\n\r\n"],
    ids=["TLS", "no HTTP", "bad header"],
)
def test_bytes_that_are_no_http_get_a_problem_document(
    service: RunningService, content: bytes
) -> None:
    """One shape for all errors, also where no route is reached."""
    with connect(service) as connection:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    if not answer:  # an unfinished head, closed by us without an answer
        assert content.startswith(b"\x16")
        return
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in head
    assert json.loads(body)["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://{host}/health", 200),
        ("HTTP://{host}/health?x=1", 200),
        ("https://models.example.com/health", 200),
        ("http://{host}", 200),
        ("http://{host}?x=1", 200),
        ("http://{host}/nothing", 404),
    ],
)
def test_a_target_that_is_a_whole_url_is_read(
    service: RunningService, target: str, status: int
) -> None:
    """Clients behind a proxy write it so, and every server must take it (RFC 9112, 3.2.2)."""
    whole = target.format(host=service.base_url.removeprefix("http://"))
    with connect(service) as connection:
        connection.sendall(f"GET {whole} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


UNREAD = b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
CHUNKED = b"POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
IDLE = b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n"
BUSY = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"


@pytest.mark.parametrize(("request_head", "byte"), [(UNREAD, b"A"), (CHUNKED, b"1")])
def test_a_request_answered_before_its_body_ends_its_connection(
    service: RunningService, request_head: bytes, byte: bytes
) -> None:
    """Break-in 5: one byte after the answer kept a connection for ever."""
    with connect(service) as connection:
        connection.sendall(request_head)
        answer = connection.recv(65536)
        assert b"\r\nconnection: close\r\n" in answer.lower()
        connection.sendall(byte)
        while connection.recv(65536):
            pass


@pytest.mark.slow
def test_who_holds_many_answered_connections_shuts_nobody_out(service: RunningService) -> None:
    """Break-in 5: after 1,024 of them `/health` was dead and the log grew by 212 MB."""
    log_bytes = service.log_path.stat().st_size
    holding = []
    for _ in range(1200):
        connection = connect(service)
        connection.sendall(UNREAD)
        holding.append(connection)
    assert service.get("/health").text == "OK"
    for connection in holding:
        with connection:
            while connection.recv(65536):
                pass
    # A line of the access log for each, and nothing else.
    assert service.log_path.stat().st_size - log_bytes < 1200 * 1024


def test_the_longest_idle_connection_makes_room_for_a_new_one() -> None:
    """Break-in 5: not one that is in the middle of a request, and not the newest."""

    async def story() -> None:
        async with listening(reads, most=3) as listener:
            busy, busy_writer = await listener.connect(BUSY)
            first, _ = await listener.connect(IDLE)
            await first.readuntil(END_OF_ANSWER)
            second, second_writer = await listener.connect(IDLE)
            await second.readuntil(END_OF_ANSWER)
            third, _ = await listener.connect(IDLE)
            await third.readuntil(END_OF_ANSWER)
            assert await read_to_end(first) == b""
            second_writer.write(IDLE)
            await second.readuntil(END_OF_ANSWER)
            busy_writer.write(b"12345")
            await busy.readuntil(END_OF_ANSWER)
            assert listener.counted == []

    run(story())


def test_where_all_connections_are_busy_the_newest_is_refused() -> None:
    """Break-in 5: with a problem document that says when to come again."""

    async def story() -> None:
        async with listening(reads, most=2) as listener:
            callers = [await listener.connect(BUSY) for _ in range(2)]
            refused, _ = await listener.connect(IDLE)
            head, _, body = (await read_to_end(refused)).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: 5" in head.lower()
            assert json.loads(body)["code"] == "connections_full"
            assert listener.counted == ["connections_full"]
            for reader, writer in callers:
                writer.write(b"12345")
                await reader.readuntil(END_OF_ANSWER)
            late, _ = await listener.connect(IDLE)
            await late.readuntil(END_OF_ANSWER)

    run(story())


def test_an_answered_connection_that_is_being_closed_makes_room_first() -> None:
    """Break-in 5: the wait for its end must keep nobody out."""

    async def story() -> None:
        async with listening(answers, most=2) as listener:
            idle, idle_writer = await listener.connect(IDLE)
            await idle.readuntil(END_OF_ANSWER)
            for _ in range(20):
                closing, _ = await listener.connect(CHUNKED)
                await closing.readuntil(END_OF_ANSWER)
            assert len(listener.state.connections) <= 3
            idle_writer.write(IDLE)
            await idle.readuntil(END_OF_ANSWER)

    run(story())


def test_nonsense_in_the_middle_of_an_answer_cuts_the_connection() -> None:
    """There is no room for a second answer, and the first must not go on."""
    ended: list[str] = []

    async def story() -> None:
        async def streams(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"begun", "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
            ended.append("told")

        async with listening(streams) as listener:
            reader, writer = await listener.connect(CHUNKED)
            await reader.readuntil(b"begun")
            writer.write(b"no length\r\n")
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await reader.readexactly(10_000)
            await listener.until(lambda: ended)

    run(story())
