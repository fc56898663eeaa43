"""Real workers that are killed, frozen or stopped: every job ends, and ends once."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path

import pytest

from pricing_fdm.jobs.record import JobState
from tests.harness.puppet import install_fake_prusa
from tests.harness.waiting import wait_until
from tests.jobs.desk import at_desk
from tests.jobs.stage import Stage
from tests.jobs.workers import running_worker, running_workers, started_worker


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
        wait_until(lambda: other.events("job_finished", job_id=job_id))
        [line] = other.events("job_finished", job_id=job_id)
        assert line["outcome"] == "completed"
        assert killed.events("job_finished", job_id=job_id) == []
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
        wait_until(lambda: frozen.events("job_finished", job_id=job_id))
        [line] = frozen.events("job_finished", job_id=job_id)
        assert line["outcome"] == "dropped"
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


def _processes_of(program: Path) -> list[str]:
    """Processes that were started from this file."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(program).encode() in path.read_bytes():
                found.append(path.parent.name)
    return found
