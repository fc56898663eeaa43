"""Bodies in many small pieces: each piece costs as much as a large one does."""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler

from scripts.attack.target import WAIT_S, Case, Target
from tests.harness.service import QUOTE, order

_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
_GZIP = b"Content-Encoding: gzip\r\n\r\n"


def origin_that_sends(name: str, sent: str, content: bytes) -> Case:
    """An origin that answers a download like this; the service soon has enough of it."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.wfile.write(content)

    def attack(target: Target) -> str:
        target.origin.behaviours["/pieces"] = answer
        refused = target.service.post(order(target.origin.url("pieces")), timeout=4 * WAIT_S).json()
        assert refused["code"] in {"source_timeout", "source_failed", "download_failed"}, refused
        return f"`{refused['code']}`"

    return Case(f"origin: {name}", "real", sent, attack)


def upload_of_one_byte_chunks(target: Target) -> str:
    """8 s of CPU, a millisecond at a time."""
    head = f"POST {QUOTE} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    with target.connect() as caller:
        caller.sendall(head.encode() + _CHUNKED + b"%x\r\n%s\r\n" % (len(part), part))
        with contextlib.suppress(ConnectionError):  # refused before all is sent
            caller.sendall(b"1\r\nA\r\n" * 800_000)
        answer = caller.recv(65536)
    assert answer.startswith(b"HTTP/1.1 4"), answer[:100]
    return answer[9:12].decode()


PIECES: Sequence[Case] = (
    origin_that_sends(
        "chunks of 16 bytes",
        "5 MB",
        _OK + _CHUNKED + b"10\r\n0123456789abcdef\r\n" * 230_000,
    ),
    origin_that_sends(
        "gzip files of one byte", "5 MB", _OK + _GZIP + gzip.compress(b"a") * 238_000
    ),
    origin_that_sends(
        "`100 Continue` again and again", "5 MB", b"HTTP/1.1 100 Continue\r\n\r\n" * 200_000
    ),
    Case("callers: upload in chunks of one byte", "real", "5 MB", upload_of_one_byte_chunks),
)
