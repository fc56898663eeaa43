"""Uploads are bounded in number, in memory and in what is kept; each bound says when it is met."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.harness.origin import Origin
from tests.harness.redis_server import RedisServer
from tests.harness.service import PLAIN, RunningService
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.web.accounts import errors, gauge
from tests.web.jobs.conftest import running_gateway
from tests.web.jobs.gateway import Gateway

CUBE = binary_stl(box(20, 20, 20))
MIB = 1024 * 1024


def resident_bytes(service: RunningService) -> int:
    """The most memory that the service has had."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


@contextlib.contextmanager
def several_uploads(gateway: Gateway, count: int, sent: bytes = b"") -> Iterator[None]:
    """Callers in the middle of sending, all of whom have a place."""
    with contextlib.ExitStack() as callers:
        for _ in range(count):
            callers.enter_context(gateway.uploading(sent, len(sent) + 500_000))
        wait_until(lambda: gauge(gateway.service, "uploads_in_progress") == count)
        yield


def test_an_upload_beyond_the_last_place_is_refused_before_it_is_read(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """A place is free again when its caller is done, or has left."""
    url = queue_redis.new_url()
    with running_gateway(origin, url, tmp_path, UPLOAD_PLACES="2") as gateway:
        assert gateway.upload(CUBE).status_code == 202
        before = errors(gateway.service)
        with several_uploads(gateway, 2):
            refused = gateway.upload(CUBE)
            assert (refused.status_code, refused.json()["code"]) == (503, "uploads_full")
            assert int(refused.headers["retry-after"]) >= 1
            assert errors(gateway.service) == {**before, "uploads_full": 1}
        wait_until(lambda: gauge(gateway.service, "uploads_in_progress") == 0)
        assert gateway.upload(CUBE).status_code == 202


def test_the_memory_of_uploads_is_bounded_by_their_places(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """Sixteen callers have sent 7 MiB each and are not done."""
    url, content = queue_redis.new_url(), bytes(7 * MIB)
    with running_gateway(origin, url, tmp_path, MAX_FILE_SIZE_MB="100") as gateway:
        assert gateway.upload(content).status_code == 202
        before = resident_bytes(gateway.service)
        with several_uploads(gateway, 16, content):
            grown = resident_bytes(gateway.service) - before
    assert grown < 16 * MIB


@pytest.mark.parametrize("declared", [True, False])
def test_an_upload_beyond_the_stores_size_is_refused(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path, *, declared: bool
) -> None:
    """By its declared length, or at the first byte too many; nothing of it is kept."""
    url = queue_redis.new_url()
    with running_gateway(origin, url, tmp_path, UPLOAD_STORE_MB="1") as gateway:
        kept = CUBE + bytes(MIB // 2)
        assert gateway.upload(kept).status_code == 202
        before = errors(gateway.service)
        url = f"{gateway.service.base_url}/upload"
        form = httpx.Request("POST", url, files={"file": ("part.stl", CUBE + bytes(MIB // 2))})
        body = form.read()
        refused = httpx.post(
            url,
            content=body if declared else iter([body]),
            headers={"Content-Type": form.headers["content-type"]},
            **PLAIN,
        )
        assert (refused.status_code, refused.json()["code"]) == (503, "store_full")
        assert int(refused.headers["retry-after"]) >= 1
        assert errors(gateway.service) == {**before, "store_full": 1}
        assert gateway.stored() == 1
        assert gauge(gateway.service, "upload_store_bytes") == len(kept)
        assert gateway.upload(CUBE).status_code == 202


def test_a_stream_beyond_the_last_place_is_refused(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """`/status` still answers; a place is free again when its caller has left."""
    url = queue_redis.new_url()
    with running_gateway(origin, url, tmp_path, EVENT_STREAM_PLACES="2") as gateway:
        job_id = gateway.quote({"download_url": origin.url("x.stl")}).json()["job_id"]
        path, before = f"/status/{job_id}/events", errors(gateway.service)
        with gateway.listening(job_id), gateway.listening(job_id):
            assert gauge(gateway.service, "event_streams") == 2
            refused = gateway.service.get(path)
            assert (refused.status_code, refused.json()["code"]) == (503, "streams_full")
            assert int(refused.headers["retry-after"]) >= 1
            assert errors(gateway.service) == {**before, "streams_full": 1}
            assert gateway.status(job_id)["status"] == "queued"
        wait_until(lambda: gauge(gateway.service, "event_streams") == 0)
        with gateway.listening(job_id):
            assert gauge(gateway.service, "event_streams") == 1


def test_a_hundred_and_fifty_streams_do_not_close_the_queue(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """Each took a connection to Redis, of which there were a hundred: every request got 503."""
    with running_gateway(origin, queue_redis.new_url(), tmp_path) as gateway:
        link = {"download_url": origin.url("x.stl")}
        job_id = gateway.quote(link).json()["job_id"]
        with contextlib.ExitStack() as callers:
            for _ in range(150):
                callers.enter_context(gateway.listening(job_id))
            assert gauge(gateway.service, "event_streams") == 150
            assert gateway.quote(link).status_code == 202
            assert gateway.status(job_id)["status"] == "queued"
