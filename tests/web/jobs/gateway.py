"""A gateway with its queue, as callers see it, and a worker behind it where a test needs one."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.harness.origin import Origin
from tests.harness.service import PLAIN, RunningService
from tests.harness.waiting import wait_until

FORM = (
    "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n"
    "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
)
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="part.stl"\r\n\r\n'
SECRET = "a secret of thirty-two characters"


@contextlib.contextmanager
def connected(service: RunningService) -> Iterator[socket.socket]:
    """A bare connection."""
    host, _, port = service.base_url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        yield connection


@dataclass(frozen=True)
class Gateway:
    """A running service in queue mode."""

    service: RunningService
    origin: Origin
    redis_url: str
    store: Path

    def quote(self, body: dict[str, Any], **headers: str) -> httpx.Response:
        """Posts JSON."""
        return httpx.post(f"{self.service.base_url}/quote", json=body, headers=headers, **PLAIN)

    def upload(
        self, content: bytes, headers: dict[str, str] | None = None, **fields: str
    ) -> httpx.Response:
        """Posts a form."""
        return httpx.post(
            f"{self.service.base_url}/upload",
            files={"file": ("part.stl", content)},
            data=fields,
            headers=headers,
            **PLAIN,
        )

    @contextlib.contextmanager
    def uploading(self, sent: bytes = b"", length: int = 500_000) -> Iterator[socket.socket]:
        """A caller who has sent some of a file and hangs up at the end of the context."""
        with connected(self.service) as connection:
            connection.sendall(FORM.format(length).encode() + FILE + sent)
            yield connection

    def status(self, job_id: str) -> dict[str, Any]:
        """How the job stands."""
        body: dict[str, Any] = self.service.get(f"/status/{job_id}").json()
        return body

    def end_of(self, job_id: str) -> dict[str, Any]:
        """How it stands when it has ended."""
        wait_until(lambda: self.status(job_id)["status"] in {"completed", "failed"}, 60)
        return self.status(job_id)

    def events(self, job_id: str) -> Iterator[dict[str, Any]]:
        """What its events say, as they come."""
        address = f"{self.service.base_url}/status/{job_id}/events"
        with httpx.stream("GET", address, **PLAIN) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    @contextlib.contextmanager
    def listening(self, job_id: str) -> Iterator[socket.socket]:
        """A caller who has read the first of a job's events; hangs up at the end of the context."""
        with connected(self.service) as connection:
            connection.sendall(f"GET /status/{job_id}/events HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            received = b""
            while b"data: " not in received:
                piece = connection.recv(65536)
                assert piece, received
                received += piece
            yield connection

    def stored(self) -> int:
        """How many uploads are kept."""
        return sum(path.is_file() for path in self.store.rglob("*"))
