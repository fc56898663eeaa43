"""How soon a new process answers and is ready."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from benchmarks.place import Place
from benchmarks.section import Claim, Section, Table, at_most
from benchmarks.spread import Spread
from benchmarks.usage import own_cpu_s
from tests.harness.service import RunningService, started_service, wait_until_ready

NAME = "start"
READY_S_AIM = 1.5

_STARTS = 5
_POLL_S = 0.005
_PATIENCE_S = 60.0

_HOW = """\
`pricing-fdm serve` as a new process, several times. From the start of the process: until everything
is built (`service_started` in its log, by the log's own time; only the self-test is missing then),
until the port takes a connection, until `/health` answers, until `/ready` does, which waits for the
self-test, a real slice. The self-test runs beside the first answers and takes its share of the
machine from them. Its processor time until `/health` answers stands beside, without children, since
wall times depend on who else is at the machine."""


@dataclass(frozen=True, slots=True)
class _Start:
    built_s: float
    listening_s: float
    health_s: float
    cpu_s: float
    ready_s: float


def measure(place: Place) -> Section:
    """Starts the service some times."""
    starts = [_start(place) for _ in range(_STARTS)]
    built = Spread.of(start.built_s for start in starts)
    cpu = Spread.of(start.cpu_s for start in starts)
    return Section(
        name=NAME,
        title="Start",
        how=_HOW,
        claims=[
            at_most(
                f"From the start to ready but for the self-test, median of {_STARTS}, wall",
                built.median,
                READY_S_AIM,
                figure=f"{built.text()} s",
                unit=" s",
                floor="Imports, and the tries of the cages and of the slicer's version.",
            ),
            Claim("The service's own CPU time until then", f"{cpu.text()} s"),
        ],
        tables=[
            Table(
                f"Seconds from the start of the process, {_STARTS} starts.",
                ("Until", "seconds"),
                [
                    ("all is built, but the self-test", built.text()),
                    ("it listens", Spread.of(s.listening_s for s in starts).text()),
                    ("`/health` answers", Spread.of(s.health_s for s in starts).text()),
                    (
                        "`/ready` answers, self-test done",
                        Spread.of(s.ready_s for s in starts).text(),
                    ),
                    ("CPU of the process until `/health` answers", cpu.text()),
                ],
            )
        ],
        samples={
            "built_s": [round(s.built_s, 3) for s in starts],
            "health_s": [round(s.health_s, 3) for s in starts],
            "cpu_s": [round(s.cpu_s, 3) for s in starts],
            "ready_s": [round(s.ready_s, 3) for s in starts],
        },
    )


def _start(place: Place) -> _Start:
    began_s, began_epoch_s = time.perf_counter(), time.time()
    with started_service(place.origin.environment) as service:
        _poll(lambda: _takes_connection(service))
        listening_s = time.perf_counter() - began_s
        _poll(lambda: _answers(service))
        health_s = time.perf_counter() - began_s
        cpu_s = own_cpu_s(service.process.pid)
        wait_until_ready(service)
        ready_s = time.perf_counter() - began_s
        return _Start(_built_s(service) - began_epoch_s, listening_s, health_s, cpu_s, ready_s)


def _poll(happened: Callable[[], bool]) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while not happened():
        if time.monotonic() > end_s:
            raise TimeoutError("the service does not start")
        time.sleep(_POLL_S)


def _takes_connection(service: RunningService) -> bool:
    address = urlsplit(service.base_url)
    with contextlib.suppress(OSError):
        socket.create_connection((address.hostname, address.port)).close()
        return True
    return False


def _answers(service: RunningService) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return service.get("/health").status_code == httpx.codes.OK
    return False


def _built_s(service: RunningService) -> float:
    """Seconds since 1970, as the log has them."""
    [event] = service.events("service_started")
    return dt.datetime.fromisoformat(event["timestamp"]).timestamp()
