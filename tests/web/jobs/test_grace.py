"""Everything that a request does ends with the grace: a leaving service waits for no caller."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.origin import Origin
from tests.harness.redis_server import RedisServer
from tests.harness.service import QUOTE, RunningService, running_service
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.web.jobs.conftest import running_gateway
from tests.web.jobs.gateway import FILE, Gateway, connected

GRACE_S = 1
# UPLOAD_TIMEOUT_SECS is 300: whoever waits for a caller to his end is far beyond this.
LEFT_AFTER_S = 25
KEEP_ALIVE_S = 15


@pytest.fixture
def gateway(origin: Origin, queue_redis: RedisServer, tmp_path: Path) -> Iterator[Gateway]:
    """One that leaves soon when it is told to."""
    url, grace = queue_redis.new_url(), str(GRACE_S)
    with running_gateway(origin, url, tmp_path, DRAIN_GRACE_SECS=grace) as gateway:
        yield gateway


def leave(service: RunningService) -> None:
    """Tells the service to leave, and demands that it does."""
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(LEFT_AFTER_S) == 0


def answer_on(connection: socket.socket) -> dict[str, Any]:
    """The problem document that the service sends before it closes."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"connection: close" in head.lower()
    problem: dict[str, Any] = json.loads(body)
    return problem


def test_a_slow_upload_is_answered_when_the_grace_is_over(gateway: Gateway) -> None:
    """It is fast enough to be waited for, and would go on for minutes."""
    ended = threading.Event()

    def send_slowly(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while not ended.wait(0.1):
                connection.sendall(b"m" * 2048)

    with gateway.uploading() as connection:
        sending = threading.Thread(target=send_slowly, args=(connection,))
        sending.start()
        try:
            wait_until(lambda: any(gateway.store.rglob("*#*")) or gateway.stored())
            leave(gateway.service)
            assert answer_on(connection)["code"] == "draining"
        finally:
            ended.set()
            sending.join()
    assert gateway.stored() == 0
    [line] = gateway.service.events("request_finished")[-1:]
    assert (line["route"], line["status"], line["error_type"]) == ("/upload", 503, "draining")


@pytest.mark.parametrize("path", ["/quote", QUOTE])
def test_a_body_that_does_not_come_is_not_waited_for(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path, path: str
) -> None:
    """Neither by the queue's routes nor by those that price at once."""
    environment = {
        **origin.environment,
        "REDIS_URL": queue_redis.new_url(),
        "OBJECT_STORE_URL": tmp_path.as_uri(),
        "DRAIN_GRACE_SECS": str(GRACE_S),
    }
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    with running_service(environment) as service, connected(service) as connection:
        connection.sendall(f"{head}Content-Length: 100\r\nExpect: 100-continue\r\n\r\n".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")  # it waits for the body now
        leave(service)
        assert answer_on(connection)["code"] == "draining"


def test_event_streams_end_when_the_service_begins_to_leave(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """Their callers connect again elsewhere; neither grace nor keep-alive is waited for."""
    url = queue_redis.new_url()
    with running_gateway(origin, url, tmp_path, DRAIN_GRACE_SECS="600") as gateway:
        job_id = gateway.quote({"download_url": gateway.origin.url("x.stl")}).json()["job_id"]
        with gateway.listening(job_id) as connection:
            gateway.service.process.send_signal(signal.SIGTERM)
            assert gateway.service.process.wait(KEEP_ALIVE_S - 1) == 0
            received = b""
            while piece := connection.recv(65536):
                received += piece
            assert received.endswith(b"0\r\n\r\n"), "a whole answer, not one that was cut off"


def test_a_caller_who_does_not_read_is_cut_off(gateway: Gateway) -> None:
    """More answers than any buffer holds, to somebody who takes none."""
    with connected(gateway.service) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(1)
        with contextlib.suppress(TimeoutError):
            while True:
                connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        leave(gateway.service)


def test_a_store_that_does_not_answer_keeps_no_upload_beyond_the_grace(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """The whole file is here: it is not the caller who is waited for."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = {
            "OBJECT_STORE_URL": "s3://bucket/uploads",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "nowhere",
            "DRAIN_GRACE_SECS": str(GRACE_S),
        }
        url, mesh = queue_redis.new_url(), binary_stl(box(20, 20, 20)) + b"\r\n--b--\r\n"
        with (
            running_gateway(origin, url, tmp_path, **environment) as gateway,
            gateway.uploading(mesh, len(FILE) + len(mesh)) as connection,
        ):
            asked, _ = silent.accept()
            with asked:
                asked.recv(1)
                leave(gateway.service)
                assert answer_on(connection)["code"] == "draining"
