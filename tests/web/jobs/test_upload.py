"""An upload is bounded in size and time, before it is read and while; else nothing is kept."""

from __future__ import annotations

import http.client
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.harness.origin import Origin
from tests.harness.redis_server import RedisServer
from tests.harness.service import PLAIN
from tests.harness.shapes import binary_stl, box
from tests.web.jobs.conftest import running_gateway
from tests.web.jobs.gateway import Gateway

CUBE = binary_stl(box(20, 20, 20))


def test_b2_a_file_that_is_declared_too_large_is_refused_before_it_is_read(idle: Gateway) -> None:
    """B2 for uploads: the answer comes while the body has not."""
    address = urlsplit(idle.service.base_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    connection.putrequest("POST", "/upload")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(50 * 1024 * 1024))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_b3_a_file_that_turns_out_too_large_is_refused_and_not_kept(idle: Gateway) -> None:
    """B3 for uploads: no length is declared, so bytes are counted."""
    before = idle.stored()
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="p"\r\n\r\n'

    def body() -> Any:
        yield head
        for _ in range(64):
            yield bytes(65536)
        yield b"\r\n--x--\r\n"

    answer = httpx.post(
        f"{idle.service.base_url}/upload",
        content=body(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
        **PLAIN,
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "model_too_large")
    assert idle.stored() == before


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
def test_an_upload_must_be_a_form(idle: Gateway, content_type: str) -> None:
    """415, as for a quote that is not JSON."""
    answer = httpx.post(
        f"{idle.service.base_url}/upload",
        content=b"{}",
        headers={"Content-Type": content_type},
        **PLAIN,
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_an_upload_that_does_not_end_in_time_is_refused(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """The file has begun and stops in the middle: 400, nothing is kept, and uploads go on."""
    begun = b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.stl"\r\n\r\nsolid'
    more = {"UPLOAD_TIMEOUT_SECS": "0.5"}
    with running_gateway(origin, queue_redis.new_url(), tmp_path, **more) as gateway:
        address = urlsplit(gateway.service.base_url).netloc
        connection = http.client.HTTPConnection(address, timeout=60)
        connection.putrequest("POST", "/upload")
        connection.putheader("Content-Type", "multipart/form-data; boundary=x")
        connection.putheader("Content-Length", "100000")
        connection.endheaders(begun)
        answer = connection.getresponse()
        assert (answer.status, b"within 0.5 s" in answer.read()) == (400, True)
        connection.close()
        assert gateway.stored() == 0
        accepted = gateway.upload(CUBE)
        assert accepted.status_code == 202
        gateway.service.line_of(accepted.headers["x-request-id"])
        assert not gateway.service.events("request_failed")
