"""How a job stands, asked once or listened to, and told to whoever wanted to be called."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from pricing_fdm.jobs.record import QueueCounts
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa, read_records
from tests.harness.redis_server import RedisServer, running_redis
from tests.harness.service import PLAIN
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.jobs.desk import Desk, at_desk
from tests.jobs.workers import RunningWorker, running_worker
from tests.web.accounts import gauge
from tests.web.jobs.conftest import running_gateway
from tests.web.jobs.gateway import SECRET, Gateway

CUBE = binary_stl(box(20, 20, 20))


@pytest.mark.parametrize(
    "job_id", ["unknown", "7b0c36a2-8a1f-4a0c-9f5e-000000000000", "..%2f..", "%00", "x" * 1000]
)
@pytest.mark.parametrize("path", ["/status/{}", "/status/{}/events"])
def test_an_unknown_job_is_not_found(idle: Gateway, path: str, job_id: str) -> None:
    """Whatever is asked for: expired and never there look alike."""
    answer = idle.service.get(path.format(job_id))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_job_that_nobody_has_begun_is_queued(idle: Gateway) -> None:
    """No progress is told before there is any."""
    job_id = idle.quote({"download_url": idle.origin.url("x.stl")}).json()["job_id"]
    assert idle.status(job_id) == {"status": "queued", "workers": 0}


def test_events_tell_every_step_until_the_end(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """Progress is the slicer's own; it never falls, and the last event is the whole status."""
    uploads, url = tmp_path / "uploads", queue_redis.new_url()
    go_on = tmp_path / "go-on"
    environment = {
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path)),
        "OBJECT_STORE_URL": uploads.as_uri(),
    }
    with (
        running_gateway(origin, url, uploads) as gateway,
        running_worker(url, environment),
    ):
        install_fake_prusa(tmp_path, stage="slicing", hang_until=go_on)
        job_id = gateway.upload(CUBE).json()["job_id"]
        told = []
        for event in gateway.events(job_id):
            told.append(event)
            if event.get("stage") == "slice":
                go_on.touch()
        assert told[-1] == gateway.status(job_id)
    assert told[-1]["status"] == "completed"
    progress = [event["progress"] for event in told if event["status"] == "processing"]
    assert len(set(progress)) > 1
    assert progress == sorted(progress)
    assert all(0 <= percent <= 100 for percent in progress)


def test_events_of_a_job_that_has_ended_are_one(busy: Gateway) -> None:
    """Who connects again after the end learns it at once."""
    job_id = busy.upload(CUBE).json()["job_id"]
    ended = busy.end_of(job_id)
    assert list(busy.events(job_id)) == [ended]


class Listener:
    """Reads the events of a job, one by one."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def next(self) -> tuple[str, Any]:
        """Name and data of the next one."""
        name = next(line for line in self._lines if line.startswith("event: "))
        data = next(line for line in self._lines if line.startswith("data: "))
        return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))

    def has_ended(self) -> bool:
        """Whether nothing comes any more but the rest of a frame; waits for the end."""
        return not any(line.startswith(("event: ", "data: ")) for line in self._lines)


@contextlib.contextmanager
def listening(gateway: Gateway, job_id: str) -> Iterator[Listener]:
    """Follows a job; a stream that is cut fails."""
    address = f"{gateway.service.base_url}/status/{job_id}/events"
    with httpx.stream("GET", address, **PLAIN) as answer:
        yield Listener(answer.iter_lines())


async def give_up(desk: Desk, job_id: str) -> None:
    """Plays a worker that fails."""
    await desk.attempts.fail(await desk.begin(job_id), {"code": "x"}, dead=False)


def show_life(alive_s: float) -> Callable[[Desk], Awaitable[QueueCounts]]:
    """Plays a worker that takes jobs for some seconds."""
    return lambda desk: desk.attempts.keep("worker", alive_s=alive_s)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_events_go_on_after_an_outage_of_redis_j4(
    origin: Origin, tmp_path: Path, ending: signal.Signals
) -> None:
    """J4: the stream says so once and stays open; once it was cut, and the log had a traceback."""
    with running_redis(keeps=True) as server:
        url = server.new_url()
        with running_gateway(origin, url, tmp_path) as gateway:
            job_id = gateway.upload(CUBE).json()["job_id"]
            with listening(gateway, job_id) as events:
                assert events.next() == ("status", {"status": "queued", "workers": 0})
                server.stop(ending)
                name, problem = events.next()
                assert (name, problem["code"]) == ("unavailable", "queue_unavailable")
                server.start()
                assert events.next()[1]["status"] == "queued"
                at_desk(url, lambda desk: give_up(desk, job_id))
                while (event := events.next()[1])["status"] in {"queued", "processing"}:
                    pass
                assert event == {"status": "failed", "data": {"error": {"code": "x"}}}
                assert events.has_ended()
            assert "Traceback" not in gateway.service.log_path.read_text()


def test_who_waits_hears_whether_a_worker_is_there(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """With the first event, and soon after one has come or gone: nothing else tells him."""
    url = queue_redis.new_url()
    with running_gateway(origin, url, tmp_path) as gateway:
        job_id = gateway.upload(CUBE).json()["job_id"]
        with listening(gateway, job_id) as events:
            for alive_s in (0, 600, 0):
                at_desk(url, show_life(alive_s))
                workers = int(alive_s > 0)
                assert events.next() == ("status", {"status": "queued", "workers": workers})
                assert gateway.status(job_id) == {"status": "queued", "workers": workers}
                assert gauge(gateway.service, "workers") == workers
                answer = gateway.service.get("/ready")
                assert (answer.status_code, answer.json()["ready"]) == (200, True)
                check = answer.json()["checks"]["workers"]
                assert (check["ok"], check["needed"]) == (workers == 1, False)


def test_events_end_with_the_service_also_during_an_outage(origin: Origin, tmp_path: Path) -> None:
    """In an orderly way: the caller connects to another gateway."""
    with running_redis() as server, running_gateway(origin, server.new_url(), tmp_path) as gateway:
        with listening(gateway, gateway.upload(CUBE).json()["job_id"]) as events:
            events.next()
            server.stop()
            assert events.next()[0] == "unavailable"
            gateway.service.process.send_signal(signal.SIGTERM)
            assert events.has_ended()
        assert gateway.service.process.wait(60) == 0
        assert "Traceback" not in gateway.service.log_path.read_text()


@dataclass
class Receiver:
    """A caller's own server."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    posts: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """Answers each post with the next status, the last one for ever."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.posts.append((self.headers["X-Pricing-FDM-Signature"], content))
            several = len(receiver.answers) > 1
            self.send_response(receiver.answers.pop(0) if several else receiver.answers[0])
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def is_signed(signature: str, content: bytes) -> bool:
    """As a receiver would check it."""
    at, mac = (part.split("=")[1] for part in signature.split(","))
    expected = hmac.new(SECRET.encode(), f"{at}.".encode() + content, hashlib.sha256)
    return hmac.compare_digest(mac, expected.hexdigest())


Called = tuple[Gateway, RunningWorker, Receiver]


@pytest.fixture(scope="module")
def called(
    origin: Origin, queue_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Called]:
    """A worker that may tell a receiver of what it has done."""
    uploads, url = tmp_path_factory.mktemp("uploads"), queue_redis.new_url()
    slicer = install_fake_prusa(tmp_path_factory.mktemp("slicer"))
    with receiving() as receiver:
        hosts = {**origin.environment, "FETCH_ALLOWED_HOSTS": f"{origin.host},{receiver.host}"}
        environment = {
            **hosts,
            "PRUSA_BINARY": str(slicer),
            "OBJECT_STORE_URL": uploads.as_uri(),
            "CALLBACK_SECRET": SECRET,
            "CALLBACK_RETRY_SECS": "0.1",
        }
        with (
            running_gateway(origin, url, uploads, **hosts) as gateway,
            running_worker(url, environment) as worker,
        ):
            yield gateway, worker, receiver


@pytest.mark.parametrize(
    ("answers", "posts"), [((204,), 1), ((500, 503, 200), 3), ((500,), 3), ((302,), 3)]
)
def test_j8_a_callback_is_signed_and_tried_three_times_at_most(
    called: Called, answers: tuple[int, ...], posts: int
) -> None:
    """J8: only a status of 2xx is an end; each post can be verified by the shared secret."""
    gateway, worker, receiver = called
    receiver.posts, receiver.answers = [], list(answers)
    hook = f"http://{receiver.host}/hook?secret=canary-of-the-hook"
    job_id = gateway.upload(CUBE, callback_url=hook).json()["job_id"]
    ended = gateway.end_of(job_id)
    wait_until(lambda: len(receiver.posts) == posts, 60)
    worker.event("job_finished", job_id=job_id)
    outcomes = ("callback_delivered", "callback_failed")
    wait_until(lambda: sum(len(worker.events(name, job_id=job_id)) for name in outcomes) == posts)
    logs = worker.log_path.read_text() + gateway.service.log_path.read_text()
    assert "canary-of-the-hook" not in logs
    for signature, content in receiver.posts:
        assert is_signed(signature, content)
        assert json.loads(content) == {"job_id": job_id, **ended}


def test_a_callback_without_a_secret_is_refused(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """An unsigned one would teach receivers to trust anybody."""
    with running_gateway(origin, queue_redis.new_url(), tmp_path, CALLBACK_SECRET="") as gateway:
        link = origin.url("x.stl")
        answer = gateway.quote({"download_url": link, "callback_url": link})
    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["errors"]] == ["callback_url"]


def cancel(gateway: Gateway, job_id: str) -> httpx.Response:
    return httpx.delete(f"{gateway.service.base_url}/status/{job_id}", **PLAIN)


def test_a_job_that_waits_is_cancelled_and_so_again(idle: Gateway) -> None:
    """It reads as failed from then on; a repeated request changes nothing."""
    job_id = idle.quote({"download_url": idle.origin.url("x.stl")}).json()["job_id"]
    answers = [cancel(idle, job_id) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json() == idle.status(job_id)
    assert idle.status(job_id)["status"] == "failed"
    assert idle.status(job_id)["data"]["error"]["code"] == "job_cancelled"


def test_a_job_that_has_ended_stays_as_it_is(busy: Gateway) -> None:
    """It may have ended while the request was on its way; the answer says how."""
    job_id = busy.upload(CUBE).json()["job_id"]
    ended = busy.end_of(job_id)
    answer = cancel(busy, job_id)
    assert (answer.status_code, answer.json()) == (200, ended)
    assert busy.status(job_id) == ended


def test_an_unknown_job_cannot_be_cancelled(idle: Gateway) -> None:
    """404, as when it is asked for; and other methods are told which there are."""
    assert cancel(idle, "7b0c36a2-8a1f-4a0c-9f5e-000000000000").status_code == 404
    answer = httpx.put(f"{idle.service.base_url}/status/x", **PLAIN)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "DELETE"}


def test_the_slice_of_a_cancelled_job_is_killed_on_its_worker(
    origin: Origin, queue_redis: RedisServer, tmp_path: Path
) -> None:
    """Though the slicer reports no progress; and the worker does the next job."""
    uploads, url, records = tmp_path / "uploads", queue_redis.new_url(), tmp_path / "records"
    environment = {
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path)),
        "OBJECT_STORE_URL": uploads.as_uri(),
    }
    with (
        running_gateway(origin, url, uploads) as gateway,
        running_worker(url, environment),
    ):
        install_fake_prusa(tmp_path, stage="slicing", hang=True, record_to=str(records))
        job_id = gateway.upload(CUBE).json()["job_id"]
        wait_until(lambda: read_records(records))
        assert cancel(gateway, job_id).json()["status"] == "failed"
        [process] = {record["pid"] for record in read_records(records)}
        wait_until(lambda: not Path(f"/proc/{process}").exists())
        install_fake_prusa(tmp_path)
        assert gateway.end_of(gateway.upload(CUBE).json()["job_id"])["status"] == "completed"
