"""Scaling: what a quote costs in the queue mode, with 1, 2, 3 workers: processors, Redis, gateway.

Puts up a gateway, a Redis that keeps what it is told and workers with the real slicer, and prints
the measured tables of docs/scaling.md. Seconds of processor time are told by the kernel, for each
process and the children that it has waited for; unlike the clock on the wall they hardly depend on
what else the machine does.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import redis

from benchmarks.usage import resident
from pricing_fdm.sandbox.process_table import process
from scripts.trial import table
from tests.harness import shapes
from tests.harness.origin import running_origin
from tests.harness.redis_server import running_redis
from tests.harness.service import PLAIN, RunningService, running_service
from tests.harness.shapes import binary_stl
from tests.jobs.workers import running_workers

_IDLE_S = 10.0
_POSTS, _LOOKS, _UPLOADS = 500, 1000, 20
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Place:
    """Everything that runs but the workers."""

    client: redis.Redis
    gateway: RunningService
    caller: httpx.Client
    environment: dict[str, str]
    urls: list[str]

    def submit(self, number: int = 0) -> str:
        """Submits a job with one of the parts and returns its id."""
        body = {"download_url": self.urls[number % len(self.urls)]}
        return str(self.caller.post("/quote", json=body).raise_for_status().json()["job_id"])


@dataclass(frozen=True)
class Run:
    """How some workers did some jobs; `use` is what one job asked of Redis."""

    workers: int
    wall_s: float
    worker_cpu_s: float
    use: dict[str, float]
    job_ids: list[str]

    def row(self, jobs: int) -> tuple[object, ...]:
        """Of the table."""
        figures = (self.wall_s, 60 * jobs / self.wall_s, self.worker_cpu_s / jobs)
        shown = (f"{figure:.2f}" for figure in (*figures, self.worker_cpu_s / self.wall_s))
        return self.workers, *shown


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=18, help="for each number of workers")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--parts", type=Path, nargs="+", default=[])
    options = parser.parse_args()
    with opened(options.parts) as place:
        print(f"{os.cpu_count()} cores; load before: {os.getloadavg()[0]:.1f}\n")
        runs = [work(place, count, options.jobs) for count in options.workers]
        table(
            ("Workers", "seconds for all", "quotes/min", "CPU s/quote", "cores busy"),
            *(run.row(options.jobs) for run in runs),
        )
        with running_workers(place.environment["REDIS_URL"], place.environment, 1):
            idle = used(place.client, lambda: time.sleep(_IDLE_S), _IDLE_S)
        ask_gateway(place, runs[0], idle)
    return 0


@contextlib.contextmanager
def opened(parts: list[Path]) -> Iterator[Place]:
    """Puts everything up but the workers."""
    with (
        tempfile.TemporaryDirectory(prefix="scaling-") as folder,
        running_origin() as origin,
        running_redis(keeps=True) as server,
    ):
        environment = {
            **origin.environment,
            "REDIS_URL": server.new_url(),
            "OBJECT_STORE_URL": (Path(folder) / "uploads").as_uri(),
            "QUEUE_MAX_JOBS": "100000",
            "WORKER_LOST_SECS": "45",
            "CACHE_TTL_SECS": "0",
        }
        contents = [path.read_bytes() for path in parts] or [
            binary_stl(shape) for shape in (shapes.box(20, 20, 20), shapes.tee(), shapes.table())
        ]
        urls = [origin.serve(f"{n}.stl", content) for n, content in enumerate(contents)]
        with (
            redis.Redis.from_url(environment["REDIS_URL"]) as client,
            running_service({**environment, "GATEWAY_ONLY": "true"}) as gateway,
            httpx.Client(base_url=gateway.base_url, **PLAIN) as caller,
        ):
            yield Place(client, gateway, caller, environment, urls)


def work(place: Place, count: int, jobs: int) -> Run:
    """Lets some workers do the jobs."""
    job_ids: list[str] = []

    def all_jobs() -> None:
        job_ids.extend(place.submit(number) for number in range(jobs))
        while place.client.zcard("pricing-fdm:active"):
            time.sleep(1)  # seldom, since every look counts as use of Redis

    with running_workers(place.environment["REDIS_URL"], place.environment, count) as workers:
        pids = [worker.process.pid for worker in workers]
        spent_s, began_s = cpu_s(*pids), time.time()
        use = used(place.client, all_jobs, jobs)
        spent_s = cpu_s(*pids) - spent_s
    told = [place.client.hgetall(f"pricing-fdm:job:{job_id}") for job_id in job_ids]
    assert all(job[b"state"] == b"completed" for job in told), told
    wall_s = max(float(job[b"ended"]) for job in told) - began_s
    return Run(count, wall_s, spent_s, use, job_ids)


def ask_gateway(place: Place, run: Run, idle: Mapping[str, float]) -> None:
    """Requests to the gateway, without workers; the jobs stay in the queue. Prints the tables."""
    pid, done = place.gateway.process.pid, run.job_ids[0]
    upload = {"file": ("part.stl", binary_stl(shapes.box(10, 10, 10)).ljust(_MIB, b"\0"))}
    asked: dict[str, tuple[int, Callable[[], object]]] = {
        "`POST /quote`": (_POSTS, place.submit),
        "`GET /status` of a job with a result": (
            _LOOKS, lambda: place.caller.get(f"/status/{done}").raise_for_status()
        ),
        "`POST /upload` of 1 MiB": (
            _UPLOADS, lambda: place.caller.post("/upload", files=upload).raise_for_status()
        ),
    }  # fmt: skip
    a_post = used(place.client, place.submit)
    waiting = place.submit()
    rows = []
    for name, (times, ask) in asked.items():
        before_s = cpu_s(pid)
        for _ in range(times):
            ask()
        each_s = (cpu_s(pid) - before_s) / times
        rows.append((name, f"{1000 * each_s:.2f}", f"{1 / each_s:.0f}"))
    uses = {
        "a job, from request to result, and its worker meanwhile": run.use,
        "of that, its request": a_post,
        "a worker without work, each second": idle,
    }
    print()
    table(
        ("Redis", *idle),
        *((name, *(f"{figure:.2f}" for figure in use.values())) for name, use in uses.items()),
    )
    sizes = [memory_of(place.client, job_id) for job_id in (waiting, done)]
    print(f"\nmemory of a job: {sizes[0]} bytes waiting, {sizes[1]} with its result\n")
    table(("Gateway", "CPU ms", "requests/s of one core"), *rows)
    print(f"\nmemory of the gateway after all that: {resident(pid).rss_mib:.0f} MiB")


def redis_use(client: redis.Redis) -> dict[str, float]:
    """What a Redis has done since it began; commands are counted with those inside scripts."""
    about: dict[str, Any] = client.info("everything")
    calls = {name: about[name]["calls"] for name in about if name.startswith("cmdstat_")}
    return {
        "scripts": calls.get("cmdstat_evalsha", 0) + calls.get("cmdstat_eval", 0),
        "commands": sum(calls.values()),
        "in, bytes": about["total_net_input_bytes"],
        "out, bytes": about["total_net_output_bytes"],
        "disk, bytes": about["aof_current_size"],
        "CPU ms": 1000 * (about["used_cpu_user"] + about["used_cpu_sys"]),
    }


def used(client: redis.Redis, do: Callable[[], object], times: float = 1) -> dict[str, float]:
    """What Redis does meanwhile, by the number of times that something is done."""
    before = redis_use(client)
    do()
    return {what: (now - before[what]) / times for what, now in redis_use(client).items()}


def memory_of(client: redis.Redis, job_id: str) -> int:
    """Bytes of all keys that bear the job's id."""
    names = client.scan_iter(f"pricing-fdm:*:{job_id}")
    return sum(int(client.memory_usage(name, samples=0) or 0) for name in names)


def cpu_s(*pids: int) -> float:
    """Processor time of these processes and the children that they have waited for."""
    return sum(found.cpu_s for found in map(process, pids) if found is not None)


if __name__ == "__main__":
    sys.exit(main())
