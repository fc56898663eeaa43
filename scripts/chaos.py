"""Chaos: 200 jobs while workers are killed and frozen and Redis dies, and whether any is lost.

A gateway, three workers and a Redis that keeps what it is told; customers who hand in good parts
and bad ones; every few seconds `kill -9` for a random worker and a new one in its place. When an
eighth of the jobs has ended, Redis is killed and started again; near the end one worker is stopped
in the middle of a slice until others have done its job, and then goes on as if nothing had
happened. Prints a table; exit code 1 when a job was lost, ended twice or ended wrongly, or when
anything is left behind.

The slicer is the stand-in of the tests unless `--engine real` is given: the queue is on trial here.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis

from scripts.chaos_evidence import look_at_keys
from scripts.chaos_fleet import fleet
from scripts.chaos_jobs import Customers, wishes
from scripts.chaos_verdict import LOST_S, Stage, judge
from tests.harness.origin import running_origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.redis_server import running_redis
from tests.harness.service import running_service
from tests.harness.waiting import wait_until

_KILL_EVERY_S = (2.0, 5.0)
_PAUSE_S = 0.6
_SLICE_S = 0.4


def main() -> int:
    """Runs the chaos."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=int, default=10_000, help="kill at most so many workers")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--patience", type=float, default=600, help="seconds until it is judged")
    parser.add_argument("--engine", choices=["stand-in", "real"], default="stand-in")
    options = parser.parse_args()
    with staged(options) as stage:
        began_s = time.monotonic()
        disturb(stage)
        elapsed_s = time.monotonic() - began_s
        findings = judge(stage)
    print("| What | Figure |\n| --- | --- |")
    for what, figure in findings.rows:
        print(f"| {what} | {figure} |")
    print(f"\nseed {options.seed}, {elapsed_s:.0f} s, ends: {dict(sorted(findings.ends.items()))}")
    print("nothing was lost" if not findings.faults else "; ".join(findings.faults))
    return 1 if findings.faults else 0


@contextmanager
def staged(options: argparse.Namespace) -> Iterator[Stage]:
    """Puts everything up, with the customers already handing in, and takes it down."""
    chance = random.Random(options.seed)
    with (
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        running_origin() as origin,
        running_redis(keeps=True) as server,
    ):
        temp_dir = Path(folder) / "temp"
        temp_dir.mkdir()
        url = server.new_url()
        environment = {
            **origin.environment,
            "REDIS_URL": url,
            "OBJECT_STORE_URL": (Path(folder) / "uploads").as_uri(),
            "QUEUE_MAX_JOBS": str(options.jobs),
            "WORKER_LOST_SECS": str(LOST_S),
        }
        if options.engine == "stand-in":
            binary = install_fake_prusa(Path(folder), sleep_s=_SLICE_S)
            environment |= {"PRUSA_BINARY": str(binary), "SLICER": "prusa"}
        with (
            redis.Redis.from_url(url) as client,
            running_service({**environment, "GATEWAY_ONLY": "true"}) as gateway,
            fleet(url, {**environment, "TEMP_DIR": str(temp_dir)}) as workers,
        ):
            promise_to_keep(client)
            for worker in [workers.start() for _ in range(options.workers)]:
                worker.wait_until_ready()
            wanted = wishes(origin, options.jobs, chance, _PAUSE_S)
            customers = Customers(gateway.base_url, wanted)
            yield Stage(options, chance, server, client, gateway, workers, customers, temp_dir)


def promise_to_keep(client: redis.Redis) -> None:
    """What Redis has confirmed it must know after a `kill -9`; as in `compose.yaml`."""
    client.config_set("appendfsync", "always")


def disturb(stage: Stage) -> None:
    """Plays all the mischief until every job has ended."""
    jobs, next_kill_s = stage.options.jobs, time.monotonic() + _KILL_EVERY_S[0]
    end_s = time.monotonic() + stage.options.patience
    while (stage.customers.busy or unfinished(stage)) and time.monotonic() < end_s:
        ended = len(stage.customers.accepted) - unfinished(stage)
        if not stage.redis_killed and ended >= jobs / 8:
            kill_redis(stage)
        if not (stage.frozen or stage.customers.busy) and jobs - ended <= jobs / 10:
            freeze(stage)
        if time.monotonic() > next_kill_s and may_kill(stage):
            stage.workers.kill(stage.workers.pick(stage.chance))
            next_kill_s = time.monotonic() + stage.chance.uniform(*_KILL_EVERY_S)
        time.sleep(0.05)
    # What the last dead left is brought back after a while, and found to be done with.
    with suppress(AssertionError):
        wait_until(lambda: not look_at_keys(stage.client).waiting, 10 * LOST_S)


def may_kill(stage: Stage) -> bool:
    """Whether the last one's successor works, and there are kills left."""
    return stage.workers.killed < stage.options.kills and stage.workers.complete()


def unfinished(stage: Stage) -> int:
    """Jobs that have not ended."""
    return int(stage.client.zcard("pricing-fdm:active"))


def kill_redis(stage: Stage) -> None:
    """`kill -9` for Redis in the middle of it all; what it had confirmed it reads at its start."""
    stage.server.stop(signal.SIGKILL)
    time.sleep(1)
    stage.server.start()
    promise_to_keep(stage.client)
    stage.redis_killed += 1


def freeze(stage: Stage) -> None:
    """One worker stands still until others have done its job, and then goes on with it."""
    worker = stage.workers.pick_slicing(stage.chance)
    worker.kill(signal.SIGSTOP)
    time.sleep(LOST_S)
    with suppress(AssertionError):
        wait_until(lambda: not unfinished(stage), 20 * LOST_S)
    worker.kill(signal.SIGCONT)
    stage.frozen += 1


if __name__ == "__main__":
    sys.exit(main())
