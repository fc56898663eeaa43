"""Chaos: 200 jobs while workers are killed and frozen and Redis dies, and whether any is lost.

A gateway, three workers and a Redis that keeps what it is told; customers who submit good parts and
bad ones; every few seconds `kill -9` for a random worker and a new one in its place. When an eighth
of the jobs has ended, Redis is killed and started again; near the end one worker is stopped in the
middle of a slice until others have done its job, and then goes on as if nothing had happened.
Prints a table; exit code 1 when a job was lost, ended twice or ended wrongly, or when anything is
left behind.

The slicer is the puppet of the tests unless `--engine real` is given: the queue is on trial here.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import redis

from pricing_fdm.sandbox.process import adopt_orphans
from pricing_fdm.sandbox.process_table import family
from scripts.chaos_evidence import left_in_redis, read_ledger
from scripts.chaos_jobs import GOOD, Wish, how_it_ended, submit, wishes
from scripts.trial import table, verdict
from tests.harness.origin import running_origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.redis_server import RedisServer, running_redis
from tests.harness.service import RunningService, programs_of, running_service
from tests.harness.waiting import wait_until
from tests.jobs.workers import RunningWorker, started_worker

_LOST_S = 3
"""Seconds of silence after which a worker counts as lost."""

_KILL_EVERY_S = (2.0, 5.0)
_CUSTOMERS, _MOST_ATTEMPTS = 4, 3
_SLICE_S = 0.4


@dataclass
class Stage:
    """Everything that plays; `workers` are those that nobody has killed."""

    options: argparse.Namespace
    server: RedisServer
    client: redis.Redis
    gateway: RunningService
    environment: dict[str, str]
    stack: contextlib.ExitStack
    submitted: dict[Future[str | None], Wish]
    workers: list[RunningWorker] = field(default_factory=list)
    killed: int = 0
    redis_killed: int = 0
    frozen: int = 0

    def start_worker(self) -> RunningWorker:
        """Starts a worker; it takes jobs a few seconds later."""
        worker = self.stack.enter_context(
            started_worker(self.environment["REDIS_URL"], self.environment)
        )
        self.workers.append(worker)
        return worker

    def unfinished(self) -> int:
        """Jobs that have not ended."""
        return int(self.client.zcard("pricing-fdm:active"))

    def submitting(self) -> bool:
        """Whether there are jobs that are not submitted yet."""
        return not all(future.done() for future in self.submitted)


def main() -> int:
    """Runs the chaos."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=int, default=10_000, help="kill at most so many workers")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--patience", type=float, default=600, help="seconds until it is judged")
    parser.add_argument("--engine", choices=["puppet", "real"], default="puppet")
    options = parser.parse_args()
    adopt_orphans()  # nothing that a worker leaves escapes `left_running`
    chance = random.Random(options.seed)
    with staged(options, chance) as stage:
        disturb(stage, chance)
        return judge(stage)


@contextlib.contextmanager
def staged(options: argparse.Namespace, chance: random.Random) -> Iterator[Stage]:
    """Puts everything up, with the customers already submitting, and takes it down."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        origin = stack.enter_context(running_origin())
        server = stack.enter_context(running_redis(keeps=True))
        (folder / "temp").mkdir()
        environment = {
            **origin.environment,
            "REDIS_URL": server.new_url(),
            "OBJECT_STORE_URL": (folder / "uploads").as_uri(),
            "QUEUE_MAX_JOBS": str(options.jobs),
            "WORKER_LOST_SECS": str(_LOST_S),
        }
        if options.engine == "puppet":
            binary = install_fake_prusa(folder / "bin", sleep_s=_SLICE_S)
            environment |= {"PRUSA_BINARY": str(binary), "SLICER": "prusa"}
        gateway = stack.enter_context(running_service({**environment, "GATEWAY_ONLY": "true"}))
        client = redis.Redis.from_url(environment["REDIS_URL"])
        environment["TEMP_DIR"] = str(folder / "temp")
        stage = Stage(options, server, client, gateway, environment, stack, {})
        for _ in range(options.workers):
            stage.start_worker()
        for worker in stage.workers:
            worker.wait_until_ready()
        customers = stack.enter_context(ThreadPoolExecutor(_CUSTOMERS))
        for wish in wishes(origin, options.jobs, chance):
            stage.submitted[customers.submit(submit, gateway.base_url, wish)] = wish
        yield stage


def disturb(stage: Stage, chance: random.Random) -> None:
    """Plays all the mischief until every job has ended."""
    jobs, next_kill_s = stage.options.jobs, time.monotonic() + _KILL_EVERY_S[0]
    end_s = time.monotonic() + stage.options.patience
    while (stage.submitting() or stage.unfinished()) and time.monotonic() < end_s:
        done = sum(future.done() for future in stage.submitted) - stage.unfinished()
        if not stage.redis_killed and done >= jobs / 8:
            kill_redis(stage)
        if not stage.frozen and not stage.submitting() and jobs - done <= jobs / 10:
            freeze(stage)
        if time.monotonic() > next_kill_s and may_kill(stage):
            kill_worker(stage, chance.choice(stage.workers))
            next_kill_s = time.monotonic() + chance.uniform(*_KILL_EVERY_S)
        time.sleep(0.05)
    # What the last dead left is brought back after a while, and found to be done with.
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not any(left_in_redis(stage.client).values()), 10 * _LOST_S)


def may_kill(stage: Stage) -> bool:
    """Whether the last one's successor works, and there are kills left."""
    ready = all(worker.events("self_test_finished") for worker in stage.workers)
    return ready and stage.killed < stage.options.kills


def kill_worker(stage: Stage, worker: RunningWorker) -> None:
    """Ends one without a last word, and starts another."""
    worker.kill(signal.SIGKILL)
    worker.process.wait()
    stage.workers.remove(worker)
    stage.killed += 1
    stage.start_worker()


def kill_redis(stage: Stage) -> None:
    """`kill -9` for Redis in the middle of it all; what it had confirmed it reads at its start."""
    stage.server.stop(signal.SIGKILL)
    time.sleep(1)
    stage.server.start()
    stage.redis_killed += 1


def freeze(stage: Stage) -> None:
    """A worker that slices stands still until others have done its job, and then goes on."""
    busy = [worker for worker in stage.workers if programs_of(worker.process.pid)]
    if not busy and stage.unfinished():
        return
    worker = (busy or stage.workers)[0]
    worker.kill(signal.SIGSTOP)
    time.sleep(_LOST_S)
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not stage.unfinished(), 20 * _LOST_S)
    worker.kill(signal.SIGCONT)
    stage.frozen += 1


def judge(stage: Stage) -> int:
    """Counts what must be there and what must not, and prints both."""
    died = sum(worker.process.poll() is not None for worker in stage.workers)
    stop_workers(stage)
    jobs = {future.result(): wish for future, wish in stage.submitted.items()}
    refused = jobs.pop(None, None)
    ledger = read_ledger(stage.client)
    ends = {job_id: how_it_ended(stage.gateway.base_url, str(job_id)) for job_id in jobs}
    attempts = [ledger.attempts[str(job_id)] for job_id in jobs]
    # Three workers were killed under it: that is `slicer_crashed`, since it may be what kills them.
    given_up = {
        job_id
        for job_id, end in ends.items()
        if end == "slicer_crashed" and ledger.attempts[str(job_id)] > _MOST_ATTEMPTS
    }
    right = {job_id for job_id, end in ends.items() if end == jobs[job_id].must_end}
    uploads = sum(wish.model is not None for wish in jobs.values())
    rush = sum(wish.rush for wish in jobs.values())
    figures = {
        "jobs submitted": f"{len(jobs)} ({uploads} uploads, {rush} rush)",
        "workers killed (`kill -9`)": stage.killed,
        "Redis killed (`kill -9`) and started again": stage.redis_killed,
        "workers frozen until others had done their job": stage.frozen,
        "jobs priced": sum(end == GOOD for end in ends.values()),
        "bad models, failed with their own code": sum(ends[job_id] != GOOD for job_id in right),
        "jobs given up because three workers died under them": len(given_up),
        "attempts, in all and at most for one job": f"{sum(attempts)}, {max(attempts)}",
    }
    none = {
        "jobs that could not be submitted": int(refused is not None),
        "workers that ended by themselves": died,
        "jobs lost": sum(end == "none" for end in ends.values()),
        "jobs whose end was written twice": sum(
            max(ledger.ends[job_id], ledger.bodies[job_id]) > 1 for job_id in ledger.ends
        ),
        "jobs whose end was never written": sum(
            min(ledger.ends[str(job_id)], ledger.bodies[str(job_id)]) < 1 for job_id in jobs
        ),
        "jobs that ended otherwise than they must": len(jobs) - len(right | given_up),
        "processes left": left_running(stage),
        "temp folders left after the next start of a worker": folders_after_a_start(stage),
        **left_in_redis(stage.client),
    }
    table(("What", "Figure"), *figures.items(), *none.items())
    return verdict(f"{what}: {count}" for what, count in none.items() if count)


def stop_workers(stage: Stage) -> None:
    """Ends all in order."""
    for worker in stage.workers:
        worker.kill(signal.SIGTERM)
    while stage.workers:
        stage.workers.pop().process.wait()


def left_running(stage: Stage) -> int:
    """Processes below this one that nobody knows, after a moment to end."""
    known = (stage.server.process.pid, stage.gateway.process.pid)

    def unknown() -> int:
        theirs = {os.getpid(), *(each.pid for pid in known for each in family(pid))}
        return sum(each.pid not in theirs and not each.ended for each in family(os.getpid()))

    with contextlib.suppress(AssertionError):
        wait_until(lambda: not unknown(), 5)
    return unknown()


def folders_after_a_start(stage: Stage) -> int:
    """What those that were killed have left, when a worker has come and swept."""
    stage.start_worker().wait_until_ready()
    stop_workers(stage)
    return len(list(Path(stage.environment["TEMP_DIR"]).iterdir()))


if __name__ == "__main__":
    sys.exit(main())
