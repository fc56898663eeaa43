"""What becomes of a job: done, tried again, or a dead letter, and recorded once."""

from __future__ import annotations

import asyncio
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.record import Idempotency, Job, JobSource, JobState, SourceKind
from tests.harness.origin import Behaviour, Origin, running_origin, status
from tests.harness.puppet import install_fake_prusa
from tests.harness.redis_server import running_redis
from tests.harness.service import RunningService, order
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.jobs.desk import Desk, at_desk
from tests.jobs.stage import CUBE, SERVED, Stage, serve_cube
from tests.jobs.workers import RunningWorker, running_worker


def unstable(failures: int) -> Behaviour:
    """Answers 503 so often and then serves the cube."""
    refuse, left = status(503), [failures]

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if left[0]:
            left[0] -= 1
            refuse(handler)
        else:
            serve_cube(handler)

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
    assert len(worker.events("job_finished", job_id=job_id)) == 1
    assert (line["outcome"], line["request_id"], line["attempt"]) == ("completed", "req-1", 1)
    assert set(line["timing_ms"]) == {
        "download", "inspect", "queue", "slice", "extract", "total",
    }  # fmt: skip
    assert line["total_usd"]
    assert "canary" not in worker.log_path.read_text()


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
