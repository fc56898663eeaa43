"""Callers who send a byte a second hold nothing for long (D8)."""

from __future__ import annotations

import json
import socket
import time

import pytest

from tests.harness.service import MATERIALS, QUOTE, RunningService


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
