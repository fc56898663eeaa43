"""A queue, an origin and a puppet for the slicer, for tests with real workers."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import redis

from pricing_fdm.jobs.record import Job, JobSource, SourceKind
from tests.harness.origin import Origin
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.jobs.desk import at_desk
from tests.jobs.workers import RunningWorker, running_worker

CUBE = binary_stl(box(20, 20, 20))
SERVED = "/cube.stl"


class Stage:
    """A queue, an origin with a cube, and a puppet for the slicer."""

    def __init__(self, url: str, origin: Origin, slicer: Path) -> None:
        self.url = url
        self.origin = origin
        self.environment = {**origin.environment, "PRUSA_BINARY": str(slicer)}
        self.link = origin.serve("cube.stl", CUBE)

    def submit(self, **changes: Any) -> str:
        """Submits a job for the cube."""
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
            serve_cube(handler)

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


def serve_cube(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CUBE)))
    handler.end_headers()
    handler.wfile.write(CUBE)
