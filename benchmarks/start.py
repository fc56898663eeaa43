"""How soon a new process answers and is ready."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import asdict, dataclass

import httpx

from benchmarks.place import Place
from benchmarks.report import Claim, Section, at_most
from benchmarks.spread import Spread
from benchmarks.usage import own_cpu_s
from tests.harness.service import RunningService, started_service, wait_until_ready
from tests.harness.waiting import wait_until

NAME = "start"
READY_S_AIM = 1.5

_STARTS = 5

_HOW = """\
`pricing-fdm serve` as a new process, several times. From the start of the process: until
everything is built (`service_started` in its log; only the self-test is missing then), until
`/health` answers, until `/ready` does, which waits for the self-test, a real slice. Its own
processor time until `/health` answers stands beside, without children, since wall times depend on
who else is at the machine."""


@dataclass(frozen=True, slots=True)
class _Start:
    built_s: float
    health_s: float
    cpu_s: float
    ready_s: float


def measure(place: Place) -> Section:
    """Starts the service some times."""
    starts = [_start(place) for _ in range(_STARTS)]
    built, health, cpu, ready = (
        Spread.of(getattr(start, name) for start in starts) for name in _Start.__slots__
    )
    return Section(
        name=NAME,
        title="Start",
        how=_HOW,
        claims=[
            at_most(
                "From the start to ready but for the self-test, wall", built, READY_S_AIM, " s"
            ),
            Claim("Until `/health` answers, wall", f"{health.text()} s"),
            Claim("Until `/ready` answers, self-test done, wall", f"{ready.text()} s"),
            Claim("The service's own CPU time until `/health` answers", f"{cpu.text()} s"),
        ],
        samples={"starts": [asdict(start) for start in starts]},
    )


def _start(place: Place) -> _Start:
    began_s, began_epoch_s = time.perf_counter(), time.time()
    with started_service(place.origin.environment) as service:
        wait_until(lambda: _answers(service))
        health_s, cpu_s = time.perf_counter() - began_s, own_cpu_s(service.process.pid)
        wait_until_ready(service)
        ready_s = time.perf_counter() - began_s
        built = dt.datetime.fromisoformat(service.event("service_started")["timestamp"])
    return _Start(built.timestamp() - began_epoch_s, health_s, cpu_s, ready_s)


def _answers(service: RunningService) -> bool:
    try:
        return service.get("/health").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
