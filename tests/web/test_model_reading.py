"""A service whose models do as they like with the children that read them (break-in 1)."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pricing_fdm.sandbox import process_table
from tests.harness.origin import Origin
from tests.harness.service import RunningService, order, started_service, wait_until_ready
from tests.harness.waiting import wait_until
from tests.mesh.child.reading import PUPPET, children, zygotes

PROGRAM = f"""
import sys
from pathlib import Path
from pricing_fdm.cli import main
from pricing_fdm.mesh.child import zygote_process
zygote_process._SCRIPT = Path({str(PUPPET)!r})
sys.exit(main())
"""


@pytest.fixture
def service(origin: Origin, request: pytest.FixtureRequest) -> Iterator[RunningService]:
    """A ready service; a parameter is its deadline for reading a model."""
    environment = {
        **origin.environment,
        "MODEL_READ_TIMEOUT_SECS": getattr(request, "param", "600"),
        "DRAIN_GRACE_SECS": "1",
    }
    with started_service(environment, python=("-c", PROGRAM)) as running:
        wait_until_ready(running)
        yield running


@contextlib.contextmanager
def asking(service: RunningService, url: str) -> Iterator[list[httpx.Response]]:
    """Asks for a quote beside the test; at the end of the context the answer is there, if any."""
    answers: list[httpx.Response] = []

    def ask() -> None:
        with contextlib.suppress(httpx.TransportError):
            answers.append(service.post(order(url)))

    caller = threading.Thread(target=ask)
    caller.start()
    yield answers
    caller.join()


def child_of(service: RunningService) -> int:
    """The child that works for a service, when there is one."""
    wait_until(lambda: [each for each in zygotes(service.process.pid) if children(each)])
    (zygote,) = zygotes(service.process.pid)
    (child,) = children(zygote)
    return child


def used(pid: int) -> tuple[float, int]:
    """CPU seconds of a process, and its resident bytes."""
    process = process_table.process(pid)
    assert process is not None
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return process.cpu_s, pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(("service", "does"), [("2", "loop"), ("600", "hog")], indirect=["service"])
def test_break_in_1_no_model_costs_the_service_more_than_a_refusal(
    does: str, service: RunningService, origin: Origin
) -> None:
    """The child spends its limits; the service answers others meanwhile."""
    cpu_s, memory_bytes = used(service.process.pid)
    with asking(service, origin.serve("model.stl", does.encode())) as answers:
        child_of(service)
        assert service.get("/health").status_code == 200
    assert (answers[0].status_code, answers[0].json()["code"]) == (422, "model_invalid")
    words = {"loop": "takes too long to read", "hog": "more memory than the service allows"}
    assert words[does] in answers[0].json()["detail"]
    more_cpu_s, more_bytes = used(service.process.pid)
    assert more_cpu_s - cpu_s < 1
    assert more_bytes - memory_bytes < 100 * 1024**2
    assert service.leftovers() == []


def test_break_in_1_a_caller_who_leaves_takes_the_child_along(
    service: RunningService, origin: Origin
) -> None:
    """It is stopped, so that it could not even end by itself."""
    with service.leaving(order(origin.serve("model.stl", b"loop")), "who-leaves"):
        child = child_of(service)
        os.kill(child, signal.SIGSTOP)
    wait_until(lambda: process_table.process(child) is None)
    wait_until(lambda: service.leftovers() == [])
    assert service.get("/ready").status_code == 200


def test_break_in_1_a_service_that_reads_a_model_ends_in_its_grace(
    service: RunningService, origin: Origin
) -> None:
    """With the child, the zygote and the folder."""
    with asking(service, origin.serve("model.stl", b"loop")) as answers:
        child = child_of(service)
        (zygote,) = zygotes(service.process.pid)
        service.process.terminate()
        service.process.wait(60)
    assert (answers[0].status_code, answers[0].json()["code"]) == (503, "draining")
    wait_until(lambda: process_table.process(child) is None)
    wait_until(lambda: process_table.process(zygote) is None)
    assert service.leftovers() == []


def test_a_service_that_is_killed_takes_the_child_along(
    service: RunningService, origin: Origin
) -> None:
    """The kernel ends both."""
    with asking(service, origin.serve("model.stl", b"loop")) as answers:
        child = child_of(service)
        (zygote,) = zygotes(service.process.pid)
        service.process.kill()
        service.process.wait(60)
    wait_until(lambda: process_table.process(child) is None)
    wait_until(lambda: process_table.process(zygote) is None)
    assert answers == []
