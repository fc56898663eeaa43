"""What `scripts/scaling.py` measures: the use of Redis, of processors, of memory.

Seconds of processor time are told by the kernel, for each process and the children that it has
waited for; unlike the clock on the wall they hardly depend on what else the machine does.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import redis

from pricing_fdm.sandbox.process_table import process
from tests.harness.service import PLAIN

_POLL_S = 0.05
_PATIENCE_S = 1800.0


@dataclasses.dataclass(frozen=True)
class RedisUse:
    """What a Redis has done since it began.

    Attributes:
        scripts: Scripts that were run; nearly every request to it is one.
        commands: All commands, with those inside the scripts.
        disk_bytes: Size of its file of changes.
    """

    scripts: float
    commands: float
    in_bytes: float
    out_bytes: float
    disk_bytes: float
    cpu_s: float

    def minus(self, other: RedisUse) -> RedisUse:
        """What came after `other`."""
        mine, theirs = dataclasses.astuple(self), dataclasses.astuple(other)
        return RedisUse(*(here - there for here, there in zip(mine, theirs, strict=True)))

    def times(self, factor: float) -> RedisUse:
        """So many times as much."""
        return RedisUse(*(figure * factor for figure in dataclasses.astuple(self)))


def redis_use(client: redis.Redis) -> RedisUse:
    """What it has done until now."""
    about: dict[str, Any] = client.info("everything")
    calls = {name: about[name]["calls"] for name in about if name.startswith("cmdstat_")}
    return RedisUse(
        scripts=calls.get("cmdstat_evalsha", 0) + calls.get("cmdstat_eval", 0),
        commands=sum(calls.values()),
        in_bytes=about["total_net_input_bytes"],
        out_bytes=about["total_net_output_bytes"],
        disk_bytes=about["aof_current_size"],
        cpu_s=about["used_cpu_user"] + about["used_cpu_sys"],
    )


def bytes_of_job(client: redis.Redis, job_id: str) -> int:
    """Memory of all keys that bear the job's id."""
    names = client.scan_iter(f"pricing-fdm:*:{job_id}")
    return sum(int(client.memory_usage(name, samples=0) or 0) for name in names)


def last_end_s(client: redis.Redis, job_ids: Iterable[str]) -> float:
    """When the last of these jobs ended, in seconds since 1970."""
    ends = (client.hget(f"pricing-fdm:job:{job_id}", "ended") for job_id in job_ids)
    return max(float(end or 0) for end in ends)


def cpu_s(pids: Iterable[int]) -> float:
    """Processor time of these processes and the children that they have waited for."""
    return sum(found.cpu_s for found in map(process, pids) if found is not None)


def rss_mib(pid: int) -> float:
    """Memory that a process has in use now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


class Caller:
    """A client of the gateway with one connection."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.Client(base_url=base_url, **PLAIN)

    def hand_in(self, url: str) -> str:
        """Posts a job and returns its id."""
        return self._id(self._client.post("/quote", json={"download_url": url}))

    def upload(self, content: bytes) -> str:
        """Posts a job with its model."""
        return self._id(self._client.post("/upload", files={"file": ("part.stl", content)}))

    def status(self, job_id: str) -> dict[str, Any]:
        """How a job stands."""
        body: dict[str, Any] = self._client.get(f"/status/{job_id}").json()
        return body

    def wait_for(self, job_ids: Iterable[str]) -> None:
        """Returns when all of them are completed."""
        end = time.monotonic() + _PATIENCE_S
        for job_id in job_ids:
            while (found := self.status(job_id))["status"] != "completed":
                assert found["status"] != "failed", found
                assert time.monotonic() < end, "the jobs take too long"
                time.sleep(_POLL_S)

    def _id(self, answer: httpx.Response) -> str:
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return str(answer.json()["job_id"])
