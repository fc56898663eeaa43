"""Scaling: what a quote costs in the queue mode, and how far that goes (docs/scaling.md).

A gateway, a Redis that confirms only what is on the disk, one to three workers with the real
slicer. Prints throughput, use of Redis and use of the gateway as tables, and then the arithmetic to
a million quotes a day. Give `--parts` files of yours to have figures for your parts.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import redis

from scripts.chaos_fleet import Fleet, fleet
from scripts.scaling_figures import (
    Caller,
    RedisUse,
    bytes_of_job,
    cpu_s,
    last_end_s,
    redis_use,
    rss_mib,
)
from scripts.scaling_sums import Measured, print_sums
from tests.harness.origin import Origin, running_origin
from tests.harness.redis_server import running_redis
from tests.harness.service import RunningService, running_service
from tests.harness.shapes import binary_stl, box, table, tee

_IDLE_S = 10.0
_POSTS, _LOOKS, _UPLOADS = 500, 1000, 20
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Place:
    """Everything that runs."""

    client: redis.Redis
    gateway: RunningService
    caller: Caller
    workers: Fleet
    origin: Origin
    urls: list[str]


@dataclass(frozen=True)
class Throughput:
    """How some workers did some jobs."""

    workers: int
    wall_s: float
    worker_cpu_s: float
    use: RedisUse
    job_ids: list[str]


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=18, help="for each number of workers")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--parts", type=Path, nargs="+", default=[])
    options = parser.parse_args()
    with opened(options.parts) as place:
        load = " ".join(f"{load:.1f}" for load in os.getloadavg())
        print(f"{os.cpu_count()} cores; load before: {load}\n")
        runs = [work(place, count, options.jobs) for count in options.workers]
        print_throughput(runs, options.jobs)
        idle = idle_second(place)
        measured = ask_gateway(place, runs[0], idle, options.jobs)
    print_sums(measured)
    return 0


@contextlib.contextmanager
def opened(parts: list[Path]) -> Iterator[Place]:
    """Puts everything up but the workers."""
    with (
        tempfile.TemporaryDirectory(prefix="scaling-") as folder,
        running_origin() as origin,
        running_redis(keeps=True) as server,
    ):
        temp_dir, url = Path(folder) / "temp", server.new_url()
        temp_dir.mkdir()
        environment = {
            **origin.environment,
            "REDIS_URL": url,
            "OBJECT_STORE_URL": (Path(folder) / "uploads").as_uri(),
            "QUEUE_MAX_JOBS": "100000",
            "WORKER_LOST_SECS": "45",
        }
        with (
            redis.Redis.from_url(url) as client,
            running_service({**environment, "GATEWAY_ONLY": "true"}) as gateway,
            fleet(url, {**environment, "TEMP_DIR": str(temp_dir)}) as workers,
        ):
            client.config_set("appendfsync", "always")
            contents = [path.read_bytes() for path in parts] or [
                binary_stl(shape) for shape in (box(20, 20, 20), tee(), table())
            ]
            urls = [origin.serve(f"{n}.stl", content) for n, content in enumerate(contents)]
            yield Place(client, gateway, Caller(gateway.base_url), workers, origin, urls)


def work(place: Place, count: int, jobs: int) -> Throughput:
    """Lets some workers do the jobs, from the first request to the last result."""
    started = [place.workers.start() for _ in range(count)]
    for worker in started:
        worker.wait_until_ready()
    pids = [worker.process.pid for worker in started]
    use, cpu, began_s = redis_use(place.client), cpu_s(pids), time.time()
    job_ids = [place.caller.hand_in(place.urls[n % len(place.urls)]) for n in range(jobs)]
    # Seldom, since every look counts as use of Redis.
    while place.client.zcard("pricing-fdm:active"):
        time.sleep(1)
    wall_s = last_end_s(place.client, job_ids) - began_s
    used, spent_s = redis_use(place.client).minus(use), cpu_s(pids) - cpu
    place.caller.wait_for(job_ids)
    place.workers.stop_all()
    return Throughput(count, wall_s, spent_s, used, job_ids)


def print_throughput(runs: list[Throughput], jobs: int) -> None:
    """How much more workers do."""
    print("| Workers | seconds for all | quotes/min | x one worker | CPU s/quote | cores busy |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for run in runs:
        print(
            f"| {run.workers} | {run.wall_s:.1f} | {60 * jobs / run.wall_s:.1f} | "
            f"{runs[0].wall_s / run.wall_s:.2f} | {run.worker_cpu_s / jobs:.2f} | "
            f"{run.worker_cpu_s / run.wall_s:.2f} |"
        )


def idle_second(place: Place) -> RedisUse:
    """What one worker without work asks of Redis in a second."""
    place.workers.start().wait_until_ready()
    before, began_s = redis_use(place.client), time.monotonic()
    time.sleep(_IDLE_S)
    used = redis_use(place.client).minus(before).times(1 / (time.monotonic() - began_s))
    place.workers.stop_all()
    return used


def ask_gateway(place: Place, run: Throughput, idle: RedisUse, jobs: int) -> Measured:
    """Requests to the gateway, without workers; the jobs stay in the queue."""
    pid = place.gateway.process.pid
    done, model = run.job_ids[0], binary_stl(box(10, 10, 10)).ljust(_MIB, b"\0")
    waiting: list[str] = []
    before = redis_use(place.client)
    post_s = _spent(pid, lambda: waiting.append(place.caller.hand_in(place.urls[0])), _POSTS)
    posted = redis_use(place.client).minus(before).times(1 / _POSTS)
    status_s = _spent(pid, lambda: place.caller.status(done), _LOOKS)
    upload_s = _spent(pid, lambda: place.caller.upload(model), _UPLOADS)
    return Measured(
        quote_cpu_s=run.worker_cpu_s / jobs,
        post_cpu_s=post_s,
        status_cpu_s=status_s,
        upload_mib_cpu_s=upload_s,
        gateway_mib=rss_mib(pid),
        job=run.use.times(1 / jobs),
        post=posted,
        idle=idle,
        done_bytes=bytes_of_job(place.client, done),
        waiting_bytes=bytes_of_job(place.client, waiting[0]),
    )


def _spent(pid: int, ask: Callable[[], object], times: int) -> float:
    """Processor seconds of a process for one request."""
    before = cpu_s([pid])
    for _ in range(times):
        ask()
    return (cpu_s([pid]) - before) / times


if __name__ == "__main__":
    sys.exit(main())
