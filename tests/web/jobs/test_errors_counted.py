"""Failures of the queue's routes are counted once under their codes, and told once (H2)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.harness.origin import Origin
from tests.harness.redis_server import running_redis
from tests.harness.waiting import wait_until
from tests.web.accounts import errors, finished, gauge
from tests.web.jobs.conftest import running_gateway
from tests.web.jobs.gateway import Gateway


def conflict(gateway: Gateway) -> httpx.Response:
    key = str(uuid.uuid4())
    link = gateway.origin.url("counted.stl")
    gateway.quote({"download_url": link}, **{"Idempotency-Key": key})
    return gateway.quote({"download_url": link, "infill": 99}, **{"Idempotency-Key": key})


def store_away(gateway: Gateway) -> httpx.Response:
    """A file stands where the folder of uploads was."""
    folder = gateway.store / "uploads"
    folder.rmdir()
    folder.write_text("in the way")
    answer = gateway.upload(b"mesh")
    folder.unlink()
    return answer


def uploads_full(gateway: Gateway) -> httpx.Response:
    with gateway.uploading():
        wait_until(lambda: gauge(gateway.service, "uploads_in_progress") == 1)
        return gateway.upload(b"mesh")


def streams_full(gateway: Gateway) -> httpx.Response:
    job_id = gateway.quote({"download_url": gateway.origin.url("counted.stl")}).json()["job_id"]
    with gateway.listening(job_id):
        return gateway.service.get(f"/status/{job_id}/events")


BOUNDS = {"EVENT_STREAM_PLACES": "1", "UPLOAD_PLACES": "1", "UPLOAD_STORE_MB": "1"}
WAYS: dict[str, tuple[int, Callable[[Gateway], httpx.Response]]] = {
    "job_not_found": (404, lambda gateway: gateway.service.get(f"/status/{uuid.uuid4()}")),
    "idempotency_conflict": (422, conflict),
    "store_unavailable": (503, store_away),
    "store_full": (503, lambda gateway: gateway.upload(bytes(1024 * 1024))),
    "uploads_full": (503, uploads_full),
    "streams_full": (503, streams_full),
}


@pytest.mark.parametrize("code", WAYS)
def test_an_error_is_counted_once_and_told_once_h2(
    origin: Origin, tmp_path: Path, code: str
) -> None:
    """H2: by counter and canonical line; no other code moves."""
    status, provoke = WAYS[code]
    with (
        running_redis() as server,
        running_gateway(origin, server.new_url(), tmp_path, **BOUNDS) as gateway,
    ):
        assert_accounted(gateway, status, code, provoke)


def test_a_redis_that_is_gone_is_counted_once_h2(origin: Origin, tmp_path: Path) -> None:
    """H2: the code on which an operator's alert is built."""
    with (
        running_redis() as server,
        running_gateway(origin, server.new_url(), tmp_path) as gateway,
    ):
        server.stop()
        link = {"download_url": origin.url("counted.stl")}
        assert_accounted(gateway, 503, "queue_unavailable", lambda gone: gone.quote(link))


def assert_accounted(
    gateway: Gateway, status: int, code: str, provoke: Callable[[Gateway], httpx.Response]
) -> None:
    before = errors(gateway.service)
    answer = provoke(gateway)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert errors(gateway.service) == {**before, code: before[code] + 1}
    lines = finished(gateway.service, answer.headers["x-request-id"])
    assert [(line["status"], line["error_type"]) for line in lines] == [(status, code)]
    assert lines[0]["route"] in {"/quote", "/upload", "/status/{job_id}", "/status/{job_id}/events"}
