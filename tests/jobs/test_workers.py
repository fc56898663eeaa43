"""Real workers, killed, frozen, cut off and told to go: every job ends, and ends once."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import redis

from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.record import Idempotency, Job, JobSource, JobState, SourceKind
from tests.harness.origin import Behaviour, Origin, running_origin, status
from tests.harness.puppet import install_fake_prusa
from tests.harness.redis_server import RedisServer, running_redis
from tests.harness.service import RunningService, order
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.jobs.desk import Desk, at_desk
from tests.jobs.workers import RunningWorker, running_worker, running_workers, started_worker

CUBE = binary_stl(box(20, 20, 20))
SERVED = "/cube.stl"


class Stage:
    """A queue, an origin with a cube, and a stand-in for the slicer."""

    def __init__(self, url: str, origin: Origin, slicer: Path) -> None:
        self.url = url
        self.origin = origin
        self.environment = {**origin.environment, "PRUSA_BINARY": str(slicer)}
        self.link = origin.serve("cube.stl", CUBE)

    def submit(self, **changes: Any) -> str:
        """Hands in a job for the cube."""
        changes.setdefault("source", JobSource(SourceKind.URL, self.link))
        return at_desk(self.url, lambda desk: desk.submit(**changes))

    def job(self, job_id: str) -> Job:
        """The job as of now."""
        return at_desk(self.url, lambda desk: desk.job(job_id))

    def end_of(self, job_id: str) -> Job:
        """The job when it has ended."""
        wait_until(lambda: self.job(job_id).state.ended, 60)
        return self.job(job_id)

    def began(self, times: int = 1) -> None:
        """Returns when the cube was asked for so often."""
        wait_until(lambda: len(self.origin.requests) >= times)

    def hold(self) -> Callable[[], None]:
        """Lets the origin keep the cube back until the returned function is called."""
        until = threading.Event()

        def answer(handler: BaseHTTPRequestHandler) -> None:
            until.wait(60)
            _serve_cube(handler)

        self.origin.behaviours[SERVED] = answer

        def release() -> None:
            self.origin.behaviours.pop(SERVED, None)
            until.set()

        return release

    def worker(self, **changes: str) -> contextlib.AbstractContextManager[RunningWorker]:
        """Starts a worker and waits until it takes jobs."""
        return running_worker(self.url, self.environment | changes)

    def redis(self, command: Callable[[redis.Redis], Any]) -> Any:
        """Looks into Redis."""
        with redis.Redis.from_url(self.url, decode_responses=True) as client:
            return command(client)

    def dead(self) -> int:
        """How many dead letters there are."""
        return int(self.redis(lambda client: client.zcard("pricing-fdm:queue:standard.XQ")))


@pytest.fixture
def stage(redis_url: str, tmp_path: Path) -> Iterator[Stage]:
    with running_origin() as origin:
        yield Stage(redis_url, origin, install_fake_prusa(tmp_path))


@pytest.fixture(scope="module")
def busy_stage(
    redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stage, RunningWorker]]:
    """A stage with a worker that nobody harms, shared by several tests."""
    with running_origin() as origin:
        slicer = install_fake_prusa(tmp_path_factory.mktemp("slicer"))
        stage = Stage(redis_server.new_url(), origin, slicer)
        with stage.worker() as worker:
            yield stage, worker


@pytest.fixture
def peace(busy_stage: tuple[Stage, RunningWorker]) -> Iterator[Stage]:
    stage, _ = busy_stage
    stage.origin.requests.clear()
    yield stage
    stage.origin.behaviours.clear()


def unstable(failures: int) -> Behaviour:
    """Answers 503 so often and then serves the cube."""
    refuse, left = status(503), [failures]

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if left[0]:
            left[0] -= 1
            refuse(handler)
        else:
            _serve_cube(handler)

    return answer


@pytest.mark.slow
def test_a_job_has_the_body_of_the_synchronous_answer(
    redis_url: str, service: RunningService, origin: Origin
) -> None:
    """One schema for both modes; the real slicer, and one slice for a request sent twice (J3)."""
    # Of this test alone: what another has asked for, the service remembers and says so.
    link = origin.serve("queued-box.stl", binary_stl(box(9, 8, 7)))

    async def story(desk: Desk) -> Job:
        source, key = JobSource(SourceKind.URL, link), Idempotency("key", "same")
        ids = await asyncio.gather(*(desk.submit(key, source=source) for _ in range(2)))
        return await desk.end_of(ids[0])

    with running_worker(redis_url, origin.environment):
        job = at_desk(redis_url, story)
    assert job.state is JobState.COMPLETED, job.problem
    assert origin.requests.count("/queued-box.stl") == 1
    queued = dict(job.result or {})
    answered = service.post(order(link)).json()
    for body in (queued, answered):
        del body["quote_id"], body["timing_ms"]
    assert queued == answered


def test_a_passing_failure_is_tried_again(peace: Stage) -> None:
    """An origin that answers 503 twice has cost the customer seconds and not the quote."""
    peace.origin.behaviours[SERVED] = unstable(2)
    job = peace.end_of(peace.submit())
    assert (job.state, job.attempt, len(peace.origin.requests)) == (JobState.COMPLETED, 3, 3)


def test_a_failure_that_does_not_pass_is_a_dead_letter_j2(peace: Stage) -> None:
    """J2: after three tries, with the reason, and the next job is done."""
    before = peace.dead()
    peace.origin.behaviours[SERVED] = status(500)
    job = peace.end_of(peace.submit())
    assert (job.state, len(peace.origin.requests)) == (JobState.FAILED, 3)
    assert job.problem is not None
    assert (job.problem["code"], job.problem["status"]) == ("source_failed", 502)
    assert job.problem["request_id"] == "req-1"
    wait_until(lambda: peace.dead() == before + 1)
    del peace.origin.behaviours[SERVED]
    assert peace.end_of(peace.submit()).state is JobState.COMPLETED


def test_what_would_fail_again_is_not_tried_again(peace: Stage) -> None:
    """A 404 stays one; the customer should hear of it now."""
    before = peace.dead()
    peace.origin.behaviours[SERVED] = status(404)
    job = peace.end_of(peace.submit())
    assert (job.state, job.attempt, len(peace.origin.requests)) == (JobState.FAILED, 1, 1)
    assert job.problem is not None
    assert job.problem["code"] == "download_failed"
    assert peace.dead() == before


def test_a_job_whose_link_expired_in_the_queue_says_so(peace: Stage) -> None:
    """It fails without a request to anybody, and the customer knows what to do."""
    release = peace.hold()
    first = peace.submit()
    peace.began()
    expired = JobSource(SourceKind.URL, f"{peace.link}?Expires=1000000000&Signature=x")
    job_id = peace.submit(source=expired)
    wait_until(lambda: not peace.redis(lambda it: it.exists(f"pricing-fdm:source:{job_id}")))
    release()
    assert peace.end_of(first).state is JobState.COMPLETED
    job = peace.end_of(job_id)
    assert job.problem is not None
    assert job.problem["code"] == "download_failed"
    assert "expired" in job.problem["detail"]
    assert len(peace.origin.requests) == 1


def test_a_job_whose_upload_is_gone_says_so_j6(peace: Stage) -> None:
    """It ends with a reason, and no key of the upload's stays (J6)."""
    job_id = peace.submit(source=JobSource(SourceKind.UPLOAD, "0123456789abcdef"))
    job = peace.end_of(job_id)
    assert job.problem is not None
    assert job.problem["code"] == "download_failed"
    assert peace.redis(lambda client: client.keys("pricing-fdm:source:*")) == []


def test_every_attempt_has_one_line_without_the_link(
    busy_stage: tuple[Stage, RunningWorker], peace: Stage
) -> None:
    """F4, H2: with the ids to find it by, and without the password that the link is."""
    _, worker = busy_stage
    url = peace.origin.serve("told.stl", b"a part of its own".ljust(80) + CUBE[80:])
    link = f"{url}?X-Amz-Signature=canary"
    job_id = peace.submit(source=JobSource(SourceKind.URL, link))
    peace.end_of(job_id)
    line = worker.event("job_finished", job_id=job_id)
    assert len(_lines(worker, job_id)) == 1
    assert (line["outcome"], line["request_id"], line["attempt"]) == ("completed", "req-1", 1)
    assert set(line["timing_ms"]) == {
        "download", "inspect", "queue", "slice", "extract", "total",
    }  # fmt: skip
    assert line["total_usd"]
    assert "canary" not in worker.log_path.read_text()


@pytest.mark.slow
def test_the_job_of_a_killed_worker_is_done_by_another_j1(stage: Stage, tmp_path: Path) -> None:
    """J1: kill -9 while the slicer runs; nothing of it, and nothing of the killed, is left."""
    go_on = tmp_path / "go-on"
    slicer = install_fake_prusa(tmp_path / "slow")
    slow = {**stage.environment, "PRUSA_BINARY": str(slicer)}
    with running_workers(stage.url, slow, 2) as workers:
        install_fake_prusa(tmp_path / "slow", stage="slicing", hang_until=go_on)
        job_id = stage.submit()
        wait_until(lambda: stage.job(job_id).stage == "slice")
        [killed] = [worker for worker in workers if worker.leftovers()]
        [other] = [worker for worker in workers if worker is not killed]
        killed.kill()
        go_on.touch()
        job = stage.end_of(job_id)
        assert (job.state, job.attempt) == (JobState.COMPLETED, 2)
        wait_until(lambda: _lines(other, job_id))
        assert [line["outcome"] for line in _lines(other, job_id)] == ["completed"]
        assert _lines(killed, job_id) == []
        wait_until(lambda: not other.leftovers())
    assert _processes_of(slicer) == []


@pytest.mark.slow
def test_a_job_that_kills_its_workers_is_a_dead_letter_j2(stage: Stage) -> None:
    """J2: three workers die of it; the fourth lives and does what comes after."""
    release = stage.hold()
    with running_workers(stage.url, {**stage.environment, "WORKER_LOST_SECS": "1"}, 4) as workers:
        job_id = stage.submit()
        for attempt in (1, 2, 3):
            stage.began(attempt)
            [killed] = [each for each in workers if each.leftovers() and each.lives]
            killed.kill()
            killed.process.wait()
        job = stage.end_of(job_id)
        assert (job.state, len(stage.origin.requests)) == (JobState.FAILED, 3)
        assert job.problem is not None
        assert job.problem["code"] == "slicer_crashed"
        wait_until(lambda: stage.dead() == 1)
        release()
        assert stage.end_of(stage.submit()).state is JobState.COMPLETED


@pytest.mark.slow
def test_a_frozen_worker_s_late_result_is_dropped_j1(stage: Stage) -> None:
    """J1: it thinks that it is alone; exactly one result stands."""
    release = stage.hold()
    with running_workers(stage.url, stage.environment, 2) as workers:
        job_id = stage.submit()
        stage.began()
        wait_until(lambda: any(each.leftovers() for each in workers))
        [frozen] = [each for each in workers if each.leftovers()]
        frozen.kill(signal.SIGSTOP)
        stage.origin.behaviours.clear()
        first = stage.end_of(job_id)
        assert (first.state, first.attempt) == (JobState.COMPLETED, 2)
        release()
        frozen.kill(signal.SIGCONT)
        wait_until(lambda: _lines(frozen, job_id))
        assert [line["outcome"] for line in _lines(frozen, job_id)] == ["dropped"]
        assert stage.job(job_id) == first
        assert frozen.leftovers() == []


@pytest.mark.slow
def test_a_worker_told_to_go_finishes_what_it_does(stage: Stage) -> None:
    """SIGTERM: nothing new, the job in hand to its end, exit code 0."""
    release = stage.hold()
    with stage.worker() as worker:
        job_id = stage.submit()
        stage.began()
        worker.kill(signal.SIGTERM)
        wait_until(lambda: worker.events("worker_draining"))
        waiting = stage.submit()
        release()
        assert worker.process.wait(30) == 0
        assert worker.events("worker_stopped")
    job = stage.job(job_id)
    assert (job.state, job.attempt) == (JobState.COMPLETED, 1)
    assert stage.job(waiting).state is JobState.QUEUED


@pytest.mark.slow
@pytest.mark.parametrize("signals", [1, 2])
def test_a_worker_that_must_go_hands_its_job_back(stage: Stage, signals: int) -> None:
    """At the end of the grace, or at once at a second signal: first in the queue, uncounted."""
    grace = {1: "0.2", 2: "300"}[signals]
    release = stage.hold()
    with stage.worker(DRAIN_GRACE_SECS=grace) as worker:
        job_id, other = stage.submit(), stage.submit()
        stage.began()
        worker.kill(signal.SIGTERM)
        if signals == 2:
            wait_until(lambda: worker.events("worker_draining"))
            worker.kill(signal.SIGTERM)
        code = worker.process.wait(20)
        assert code in ({0} if signals == 1 else {0, 128 + signal.SIGTERM})
        assert worker.leftovers() == []
    assert stage.job(job_id).state is JobState.QUEUED
    assert at_desk(stage.url, lambda desk: desk.lane()) == [job_id, other]
    release()
    assert at_desk(stage.url, lambda desk: desk.begin(job_id)).counted == 1


@pytest.mark.slow
def test_an_outage_of_redis_costs_no_result_j4(tmp_path: Path) -> None:
    """J4: the job goes on, its result is delivered when Redis is back, by the same attempt."""
    with running_redis(keeps=True) as server, running_origin() as origin:
        stage = Stage(server.new_url(), origin, install_fake_prusa(tmp_path))
        release = stage.hold()
        with stage.worker() as worker:
            job_id = stage.submit()
            stage.began()
            server.stop()
            with pytest.raises(QueueUnavailable):
                stage.submit()
            release()
            wait_until(lambda: not worker.leftovers())  # the quote is done, and nobody to take it
            assert worker.process.poll() is None
            server.start()
            job = stage.end_of(job_id)
            assert (job.state, job.attempt) == (JobState.COMPLETED, 1)
            assert stage.end_of(stage.submit()).state is JobState.COMPLETED


def _serve_cube(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CUBE)))
    handler.end_headers()
    handler.wfile.write(CUBE)


def _processes_of(program: Path) -> list[str]:
    """Processes that were started from this file."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(program).encode() in path.read_bytes():
                found.append(path.parent.name)
    return found


def _lines(worker: RunningWorker, job_id: str) -> list[dict[str, Any]]:
    """The canonical lines of a job."""
    return worker.events("job_finished", job_id=job_id)


def counted(redis_url: str) -> int:
    """How many workers count as such that take jobs."""
    return at_desk(redis_url, lambda desk: desk.store.counts()).workers


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_counts_until_it_leaves_dies_or_freezes(
    redis_url: str, tmp_path: Path, end: signal.Signals
) -> None:
    """A gateway that counted it for longer would promise what nobody does."""
    environment = {"PRUSA_BINARY": str(install_fake_prusa(tmp_path))}
    assert counted(redis_url) == 0
    with running_worker(redis_url, environment) as worker:
        wait_until(lambda: counted(redis_url) == 1)
        worker.kill(end)
        wait_until(lambda: counted(redis_url) == 0)


def test_a_worker_whose_slicer_is_broken_does_not_count(redis_url: str, tmp_path: Path) -> None:
    """It lives, asks for work at once when the slicer is mended, and until then takes none."""
    environment = {
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path, crash_signal="SIGSEGV")),
        "SELF_TEST_RETRY_SECS": "1",
    }
    with started_worker(redis_url, environment) as worker:
        wait_until(lambda: worker.events("self_test_finished"), 60)
        assert counted(redis_url) == 0
        install_fake_prusa(tmp_path)
        wait_until(lambda: counted(redis_url) == 1, 60)
