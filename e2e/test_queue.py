"""The queue mode in containers: a gateway, two workers, and a Redis of the tests' own."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from e2e.conftest import NewPart, open_folder, open_socket
from e2e.containers import Container, Image, running, started
from e2e.puppet import Puppet
from e2e.settings_table import CALLBACK_SECRET
from tests.harness.origin import Origin, status
from tests.harness.redis_server import running_redis
from tests.harness.service import PLAIN, order
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.any_image

RESULT_TTL_S = 300
PATIENCE_S = 120


@dataclass
class Receiver:
    """Takes callbacks, and refuses the first try of each."""

    port: int
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where to call."""
        return f"http://127.0.0.1:{self.port}/ended"


@dataclass
class Fleet:
    """A gateway with two workers."""

    gateway: Container
    workers: list[Container]
    puppet: Puppet
    redis_url: str
    store: Path
    receiver: Receiver

    def hand_in(self, url: str, **fields: Any) -> httpx.Response:
        """Posts a job."""
        return self.gateway.post({"download_url": url, **fields}, "/quote")

    def status(self, job_id: str) -> dict[str, Any]:
        """How it stands."""
        body: dict[str, Any] = self.gateway.get(f"/status/{job_id}").json()
        return body

    def end_of(self, job_id: str) -> dict[str, Any]:
        """How it stands when it has ended."""
        ended = {"completed", "failed"}
        wait_until(lambda: self.status(job_id)["status"] in ended, PATIENCE_S)
        return self.status(job_id)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """A server that is called back."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            first = not here.received
            here.received.append((dict(self.headers), body))
            self.send_response(503 if first else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield here
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def fleet(
    image: Image, origin: Origin, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    """The fleet, ready; settings are not the defaults, so that they are seen to be taken."""
    store = open_folder(tmp_path_factory, f"uploads-{image.engine}")
    puppet = Puppet(open_folder(tmp_path_factory, "queue-puppet"), image)
    with running_redis() as server:
        url = server.new_url()
        folder = open_socket(url)
        environment = {
            "FETCH_ALLOWED_HOSTS": f"{origin.host},127.0.0.1:{receiver.port}",
            "FETCH_ALLOWED_CIDRS": "127.0.0.1/32",
            "FETCH_ALLOW_HTTP": "true",
            "REDIS_URL": url,
            "OBJECT_STORE_URL": "file:///uploads",
            "QUEUE_MAX_JOBS": "2",
            "RESULT_TTL_SECS": str(RESULT_TTL_S),
            "PRICE_MODEL": "hourly",
            "HOURLY_RATE_USD_PER_HOUR": "500",
            "CALLBACK_SECRET": CALLBACK_SECRET,
            "CALLBACK_RETRY_SECS": "0.2",
            "UPLOAD_TIMEOUT_SECS": "1",
            "EVENT_STREAM_PLACES": "1",
            "UPLOAD_PLACES": "1",
            "UPLOAD_STORE_MB": "1",
            "WORKER_LOST_SECS": "3",
            "JOB_RETRY_SECS": "0.2",
            "SLICE_CONCURRENCY": "1",
        }
        mounts = (f"--volume={store}:/uploads", f"--volume={folder}:{folder}")
        work = {**environment, **puppet.environment}
        options = (*mounts, *puppet.options)
        with (
            started(image, work, *options, command=["worker"]) as first,
            started(image, work, *options, command=["worker"]) as second,
            running(image, {**environment, "GATEWAY_ONLY": "true"}, *mounts) as gateway,
        ):
            for worker in (first, second):
                wait_until(functools.partial(worker.events, "self_test_finished"), PATIENCE_S)
            yield Fleet(gateway, [first, second], puppet, url, store, receiver)


def test_the_queue_is_as_it_is_set(fleet: Fleet, new_part: NewPart) -> None:
    """GATEWAY_ONLY, REDIS_URL, RESULT_TTL_SECS, QUEUE_MAX_JOBS, PRICE_MODEL, the hour's rate."""
    assert fleet.gateway.post(order(new_part())).status_code == 404
    with fleet.puppet.holding():
        jobs = [fleet.hand_in(new_part(), material="petg") for _ in range(2)]
        assert [job.status_code for job in jobs] == [202, 202]
        full = fleet.hand_in(new_part())
        assert (full.status_code, full.json()["code"]) == (503, "queue_full")
        assert full.headers["retry-after"]
    for job in jobs:
        ended = fleet.end_of(job.json()["job_id"])
        assert ended["status"] == "completed", ended
        quote = ended["data"]["quote"]
        assert quote["material_cost_usd"] == quote["base_fee_usd"] == 0
        assert quote["machine_cost_usd"] == pytest.approx(quote["print_time_hours"] * 500, rel=1e-3)
        assert ended["data"]["summary"]["material"] == "PETG"
    with redis.Redis.from_url(fleet.redis_url) as client:
        lives = [client.ttl(key) for key in client.keys("*")]
    assert lives
    assert all(seconds > 0 for seconds in lives if seconds != -2)


def test_an_upload_goes_through_the_store_that_is_set(fleet: Fleet) -> None:
    """OBJECT_STORE_URL: gateway and workers share a folder; the page is served beside it."""
    answer = httpx.post(
        f"{fleet.gateway.base_url}/upload",
        files={"file": ("part.stl", binary_stl(box(20, 21, 22)))},
        data={"material": "pla"},
        **PLAIN,
    )
    assert answer.status_code == 202, answer.text
    assert [path for path in fleet.store.rglob("*") if path.is_file()]
    assert fleet.end_of(answer.json()["job_id"])["status"] == "completed"
    assert "<html" in fleet.gateway.get("/").text


def test_a_slow_upload_is_not_waited_for(fleet: Fleet) -> None:
    """UPLOAD_TIMEOUT_SECS=1: it is refused, and nothing of it is kept."""
    before = len(list(fleet.store.rglob("*")))
    begun = b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.stl"\r\n\r\nsolid'
    connection = http.client.HTTPConnection("127.0.0.1", fleet.gateway.port, timeout=60)
    with contextlib.closing(connection):
        connection.putrequest("POST", "/upload")
        connection.putheader("Content-Type", "multipart/form-data; boundary=x")
        connection.putheader("Content-Length", "100000")
        connection.endheaders(begun)
        answer = connection.getresponse()
        assert (answer.status, b"within 1 s" in answer.read()) == (400, True)
    assert len(list(fleet.store.rglob("*"))) == before


def test_uploads_are_bounded_as_it_is_set(fleet: Fleet) -> None:
    """UPLOAD_STORE_MB=1, UPLOAD_PLACES=1: one is too large; of three at once two are refused."""

    def upload(content: bytes) -> httpx.Response:
        files = {"file": ("part.stl", content)}
        return httpx.post(f"{fleet.gateway.base_url}/upload", files=files, **PLAIN)

    large = upload(bytes(1024**2))
    assert (large.status_code, large.json()["code"]) == (503, "store_full")
    connections = [
        http.client.HTTPConnection("127.0.0.1", fleet.gateway.port, timeout=60) for _ in range(3)
    ]
    with contextlib.ExitStack() as stack:
        for connection in connections:
            stack.enter_context(contextlib.closing(connection))
            connection.putrequest("POST", "/upload")
            connection.putheader("Content-Type", "multipart/form-data; boundary=x")
            connection.putheader("Content-Length", "1000")
            connection.endheaders(b"--x\r\n")
        codes = sorted(json.load(each.getresponse())["code"] for each in connections)
    assert codes == ["invalid_request", "uploads_full", "uploads_full"]


def test_event_streams_are_bounded_as_it_is_set(fleet: Fleet, new_part: NewPart) -> None:
    """EVENT_STREAM_PLACES=1: a second one is refused, and `/status` answers all the same."""
    with fleet.puppet.holding():
        job_id = fleet.hand_in(new_part()).json()["job_id"]
        address = f"{fleet.gateway.base_url}/status/{job_id}/events"
        with httpx.stream("GET", address, **PLAIN) as first:
            assert first.status_code == 200
            second = httpx.get(address, **PLAIN)
            assert (second.status_code, second.json()["code"]) == (503, "streams_full")
            assert fleet.status(job_id)["status"] in {"queued", "processing"}
    assert fleet.end_of(job_id)["status"] == "completed"


def test_a_callback_is_signed_and_made_again(fleet: Fleet, new_part: NewPart) -> None:
    """CALLBACK_SECRET, CALLBACK_RETRY_SECS: the first try is refused, the second comes soon."""
    begun = time.time()
    job_id = fleet.hand_in(new_part(), callback_url=fleet.receiver.url).json()["job_id"]
    assert fleet.end_of(job_id)["status"] == "completed"
    wait_until(lambda: len(fleet.receiver.received) == 2, PATIENCE_S)
    headers, body = fleet.receiver.received[-1]
    assert json.loads(body)["job_id"] == job_id
    stamp, _, signed = headers["X-Pricing-FDM-Signature"].removeprefix("t=").partition(",v1=")
    expected = hmac.new(CALLBACK_SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    assert hmac.compare_digest(signed, expected.hexdigest())
    assert begun - 1 <= int(stamp) <= time.time()


def test_a_passing_failure_is_tried_again(fleet: Fleet, origin: Origin) -> None:
    """JOB_RETRY_SECS=0.2: an origin that failed once is asked again, and the job is priced."""
    content, asked = binary_stl(box(19, 19, 19)), []

    def failing_once(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        if len(asked) == 1:
            status(500)(handler)
            return
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    origin.behaviours["/fails-once.stl"] = failing_once
    job_id = fleet.hand_in(origin.url("fails-once.stl")).json()["job_id"]
    assert fleet.end_of(job_id)["status"] == "completed"
    assert len(asked) == 2
    del origin.behaviours["/fails-once.stl"]


def test_a_killed_workers_job_is_done_by_another_j1(fleet: Fleet, new_part: NewPart) -> None:
    """J1, WORKER_LOST_SECS: kill -9 of a container mid-slice; the job has exactly one result."""
    fleet.puppet.hold()
    job_id = fleet.hand_in(new_part()).json()["job_id"]
    wait_until(lambda: fleet.status(job_id).get("stage") == "slice", PATIENCE_S)
    [busy] = [one for one in fleet.workers if _slices(one)]
    busy.signal("KILL")
    assert busy.exit_code() == 128 + 9
    fleet.puppet.stop()
    assert fleet.end_of(job_id)["status"] == "completed"
    [other] = [one for one in fleet.workers if one is not busy]
    assert [one for one in other.events("job_finished") if one["job_id"] == job_id]


def _slices(worker: Container) -> bool:
    return any("slicer" in word for one in worker.processes() for word in one["command"][:8])


def test_sigterm_lets_a_worker_finish_its_job(fleet: Fleet, new_part: NewPart) -> None:
    """A worker drains as the service does: the job in hand is done, exit code 0."""
    [worker] = [one for one in fleet.workers if one.runs()]
    fleet.puppet.hold()
    job_id = fleet.hand_in(new_part()).json()["job_id"]
    wait_until(lambda: fleet.status(job_id).get("stage") == "slice", PATIENCE_S)
    worker.signal("TERM")
    wait_until(lambda: worker.events("worker_draining"), PATIENCE_S)
    fleet.puppet.stop()
    assert worker.exit_code() == 0
    assert fleet.status(job_id)["status"] == "completed"
