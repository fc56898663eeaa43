"""Jobs without Redis: the same routes and answers, done by the service itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa, read_records
from tests.harness.service import (
    ORDER,
    PLAIN,
    order,
    running_service,
    started_service,
    variant,
)
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.web.accounts import gauge
from tests.web.jobs.gateway import Gateway

CUBE = binary_stl(box(20, 20, 20))


@pytest.fixture
def slicer(tmp_path: Path) -> Path:
    """The folder of a puppet in the slicer's place."""
    install_fake_prusa(tmp_path)
    return tmp_path


@pytest.fixture
def local(origin: Origin, slicer: Path) -> Iterator[Gateway]:
    """A service without Redis, with one slot and little patience for requests."""
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(slicer / "prusa-slicer"),
        "SLICE_CONCURRENCY": "1",
        "QUEUE_MAX_JOBS": "2",
        "QUEUE_WAIT_SECS": "0.2",
        "JOB_RETRY_SECS": "0.1",
        "CACHE_TTL_SECS": "0",
    }
    with running_service(environment) as service:
        yield Gateway(service, origin, "", service.temp_dir)


def hang(slicer: Path) -> Path:
    """Lets slices wait for a file; notes each process in `records`."""
    until = slicer / "go-on"
    install_fake_prusa(slicer, stage="slicing", hang_until=until, record_to=str(slicer / "records"))
    return until


def processing(gateway: Gateway, job_id: str) -> bool:
    return gateway.status(job_id).get("stage") == "slice"


def without_what_varies(quote: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in quote.items() if k not in {"quote_id", "timing_ms", "cached"}}


def test_a_job_of_this_process_has_the_answer_of_a_quote(local: Gateway) -> None:
    """Progress and events as with Redis; the page is there as well."""
    job_id = local.upload(CUBE, material="petg").json()["job_id"]
    told = list(local.events(job_id))
    assert told[-1]["status"] == "completed"
    assert local.status(job_id) == told[-1]
    url = local.origin.serve("local.stl", CUBE)
    quote = local.service.post(order(url, material="petg", infill=15)).json()
    assert without_what_varies(told[-1]["data"]["quote"]) == without_what_varies(quote)
    assert local.service.get("/").headers["content-type"].startswith("text/html")
    by_url = local.quote({"download_url": url}).json()["job_id"]
    assert local.end_of(by_url)["status"] == "completed"


def test_the_service_says_that_the_jobs_are_lost_with_it(local: Gateway) -> None:
    """In /ready and in the first line of its log."""
    check = local.service.get("/ready").json()["checks"]["jobs"]
    assert (check["ok"], check["needed"]) == (True, False)
    assert "lost with it" in check["detail"]
    assert "lost with it" in local.service.event("service_started")["jobs"]


def test_a_repeated_request_is_the_same_job(local: Gateway) -> None:
    """By its Idempotency-Key; another request under the key is refused."""
    url = local.origin.serve("key.stl", CUBE)
    headers = {"Idempotency-Key": "customer's"}
    first, again = (local.quote({"download_url": url}, **headers).json() for _ in range(2))
    assert first["job_id"] == again["job_id"]
    other = local.quote({"download_url": url, "infill": 90}, **headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")


def test_the_queue_of_a_process_is_bounded(local: Gateway, slicer: Path) -> None:
    """QUEUE_MAX_JOBS counts what waits and what is being done."""
    until = hang(slicer)
    first, second = (local.upload(CUBE).json()["job_id"] for _ in range(2))
    wait_until(lambda: processing(local, first))
    assert local.status(second) == {"status": "queued", "workers": 1}
    refused = local.upload(CUBE)
    assert (refused.status_code, refused.json()["code"]) == (503, "queue_full")
    assert gauge(local.service, "jobs_unfinished") >= 0
    until.touch()
    assert {local.end_of(each)["status"] for each in (first, second)} == {"completed"}
    assert local.upload(CUBE).status_code == 202


def test_a_job_waits_for_its_slot_as_long_as_that_takes(local: Gateway, slicer: Path) -> None:
    """QUEUE_WAIT_SECS is the patience of a caller who holds a connection, and not of a job."""
    until = hang(slicer)
    url = local.origin.serve("waits.stl", CUBE)
    with local.service.leaving(order(url), "holds-the-slot"):
        wait_until(lambda: gauge(local.service, "slices_in_progress") == 1)
        job_id = local.upload(CUBE, infill="33").json()["job_id"]
        wait_until(lambda: local.status(job_id).get("stage") == "queue")
        impatient = local.service.post(order(url, infill=44))
        assert (impatient.status_code, impatient.json()["code"]) == (503, "queue_timeout")
        assert local.status(job_id)["status"] == "processing"
        until.touch()
        assert local.end_of(job_id)["status"] == "completed"
    [line] = local.service.events("job_finished", job_id=job_id)
    assert line["attempt"] == 1


def test_an_order_is_no_job_and_waits_for_its_first_slot_like_a_quote(
    local: Gateway, slicer: Path
) -> None:
    """Refused while jobs have the slots; later its twenty parts come in one answer.

    It takes none of the places of jobs, and a job that comes meanwhile is done.
    """
    until = hang(slicer)
    url = local.origin.serve("ordered.stl", CUBE)
    parts = [{"file_url": url, **variant(infill=10 + number % 4)} for number in range(20)]

    def send() -> httpx.Response:
        return httpx.post(f"{local.service.base_url}{ORDER}", json={"parts": parts}, **PLAIN)

    first, second = (local.upload(CUBE, infill=infill).json()["job_id"] for infill in ("40", "50"))
    wait_until(lambda: processing(local, first))
    refused = send()
    assert (refused.status_code, refused.json()["code"]) == (503, "queue_timeout")
    assert int(refused.headers["retry-after"]) > 0
    until.touch()
    assert {local.end_of(each)["status"] for each in (first, second)} == {"completed"}
    with ThreadPoolExecutor(1) as callers:
        ordering = callers.submit(send)
        job_id = local.upload(CUBE, infill="60").json()["job_id"]
        assert local.end_of(job_id)["status"] == "completed"
        answer = ordering.result().json()
    assert "price" in answer, answer
    assert len(answer["parts"]) == 20
    assert [plate["copies"] for plate in answer["plates"]] == [5, 5, 5, 5]


def test_a_job_that_is_cancelled_ends_and_so_does_its_slicer(local: Gateway, slicer: Path) -> None:
    """Its slot is free for the next."""
    hang(slicer)
    job_id = local.upload(CUBE).json()["job_id"]
    wait_until(lambda: read_records(slicer / "records"))
    [process] = {record["pid"] for record in read_records(slicer / "records")}
    answer = httpx.delete(f"{local.service.base_url}/status/{job_id}", **PLAIN)
    assert (answer.status_code, answer.json()["status"]) == (200, "failed")
    assert answer.json()["data"]["error"]["code"] == "job_cancelled"
    wait_until(lambda: not Path(f"/proc/{process}").exists())
    assert local.service.event("job_finished", job_id=job_id)["outcome"] == "dropped"
    install_fake_prusa(slicer)
    assert local.end_of(local.upload(CUBE).json()["job_id"])["status"] == "completed"


def test_a_service_that_ends_leaves_nothing_of_its_jobs(origin: Origin, slicer: Path) -> None:
    """No slicer, no upload, no folder; and it does not wait for them."""
    environment = {**origin.environment, "PRUSA_BINARY": str(slicer / "prusa-slicer")}
    with running_service(environment) as service:
        hang(slicer)
        gateway = Gateway(service, origin, "", service.temp_dir)
        for _ in range(3):
            gateway.upload(CUBE)
        wait_until(lambda: read_records(slicer / "records"))
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) == 0
        assert service.leftovers() == []
        for record in read_records(slicer / "records"):
            assert not Path(f"/proc/{record['pid']}").exists()


def test_jobs_wait_where_there_is_no_slicer(tmp_path: Path) -> None:
    """They are taken in, and their status says that nobody does them."""
    with started_service({"PRUSA_BINARY": str(tmp_path / "none")}) as service:
        gateway = Gateway(service, None, "", service.temp_dir)  # type: ignore[arg-type]
        wait_until(lambda: service.events("service_started"))
        wait_until(lambda: _answers(service.base_url))
        job_id = gateway.upload(CUBE).json()["job_id"]
        assert gateway.status(job_id) == {"status": "queued", "workers": 0}


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", **PLAIN).status_code == 200
    except httpx.TransportError:
        return False
