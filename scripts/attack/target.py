"""The services under attack, and what an attack is."""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.harness.origin import Origin, running_origin
from tests.harness.puppet import install_fake_orca, install_fake_prusa
from tests.harness.redis_server import running_redis
from tests.harness.service import RunningService, free_port, running_service

WAIT_S = 8.0
"""How long a caller waits; an attack that takes longer has got through."""

SERVER_FAULT = 500
BUSY = 503


@dataclass(frozen=True)
class Target:
    """A service under attack.

    Attributes:
        slicer: The folder of its puppet; None where the slicer is real.
        metrics_port: Where it serves its metrics.
    """

    service: RunningService
    origin: Origin
    slicer: Path | None
    metrics_port: int

    def connect(self) -> socket.socket:
        """A bare connection."""
        return connect(int(self.service.base_url.rpartition(":")[2]))


@dataclass(frozen=True)
class Case:
    """One attack.

    Attributes:
        kind: The service that it needs.
        sent: The size of what is sent.
        most_cpu_s: That the service itself may spend; its children have limits of their own.
        most_mib: That the service itself may grow by.
    """

    name: str
    kind: str
    sent: str
    attack: Callable[[Target], str]
    most_cpu_s: float = 1.0
    most_mib: float = 100.0


def connect(port: int) -> socket.socket:
    """A bare connection to a port of this machine."""
    return socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)


@contextlib.contextmanager
def many(target: Target, number: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """So many callers, each of whom has sent something."""
    with contextlib.ExitStack() as stack:
        callers = [stack.enter_context(target.connect()) for _ in range(number)]
        for caller in callers:
            with contextlib.suppress(ConnectionError):  # one may have been closed for another
                caller.sendall(sent)
        yield callers


def is_open(caller: socket.socket) -> bool:
    """Whether the other side has not closed; reads what it sent."""
    caller.settimeout(0)
    try:
        while caller.recv(65536):
            pass
    except BlockingIOError:
        return True
    except ConnectionError:
        pass
    return False


def targets(cases: Sequence[Case]) -> Iterator[tuple[Target, list[Case]]]:
    """A service for each kind of attack, and the attacks on it."""
    for kind, same in groupby(sorted(cases, key=lambda case: case.kind), lambda case: case.kind):
        with _running(kind) as target:
            yield target, list(same)


@contextlib.contextmanager
def _running(kind: str) -> Iterator[Target]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="attack-")))
        origin = stack.enter_context(running_origin())
        port = free_port()
        environment = {**origin.environment, "METRICS_PORT": str(port), "CACHE_TTL_SECS": "0"}
        slicer: Path | None = None
        if kind == "gateway":
            redis = stack.enter_context(running_redis())
            environment |= {
                "REDIS_URL": redis.new_url(),
                "GATEWAY_ONLY": "true",
                "OBJECT_STORE_URL": (folder / "uploads").as_uri(),
            }
        elif kind != "real":
            slicer = folder / "slicer"
            install = install_fake_orca if kind == "orca" else install_fake_prusa
            environment |= {
                "SLICER": kind,
                f"{kind.upper()}_BINARY": str(install(slicer)),
                "SANDBOX": "none",
            }
        service = stack.enter_context(running_service(environment))
        yield Target(service, origin, slicer, port)
