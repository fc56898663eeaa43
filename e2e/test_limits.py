"""Memory, disk and processes run out: a coded error, and the service lives on without a restart."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from e2e.conftest import ROOM_MIB, NewPart
from e2e.containers import Container
from e2e.puppet import Puppet
from tests.harness.origin import Origin
from tests.harness.service import order
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until

LEAST_FREE_MIB = 64
FILLER = "/tmp/filler"


@pytest.fixture(autouse=True)
def _rig_is_well_again(rig: Container, puppet: Puppet, new_part: NewPart) -> Iterator[None]:
    """The same process as before takes the next quote."""
    first = rig.events("service_started")
    yield
    puppet.stop()
    wait_until(lambda: rig.get("/ready").status_code == 200)
    assert rig.post(order(new_part())).status_code == 200
    assert rig.events("service_started") == first
    assert [name for name in rig.leftovers() if name.startswith("pricing-fdm")] == []


def last_words(container: Container) -> str:
    """What the log knows of the last failure."""
    detail: str = container.events("quote_failed")[-1]["detail"]
    return detail


def finding(container: Container) -> dict[str, Any]:
    """What the puppet told in its last words."""
    told: dict[str, Any] = json.loads(
        last_words(container).partition("PUPPET ")[2].partition(" TEPPUP")[0]
    )
    return told


def test_a_slice_over_its_own_memory_is_refused_c6(
    rig: Container, puppet: Puppet, new_part: NewPart
) -> None:
    """C6: SLICE_MEMORY_MB; the model's fault, told in words."""
    with puppet.doing(eat_memory_mb=2048):
        answer = rig.post(order(new_part()))
    assert (answer.status_code, answer.json()["code"]) == (422, "model_unsliceable")
    assert "memory" in answer.json()["detail"]
    assert "memory limit" in last_words(rig)


def test_slices_over_the_containers_memory_leave_the_service_alone_g1(
    rig: Container, puppet: Puppet, new_part: NewPart
) -> None:
    """G1: --memory=2g; the kernel ends something of the slicer's, and never the service."""
    with puppet.doing(eat_memory_mb=900, eaters=4), _Alive(rig):
        answer = rig.post(order(new_part()))
    assert (answer.status_code, answer.json()["code"]) == (500, "slicer_crashed")
    assert "SIGKILL" in last_words(rig) or '"child_ended_with": -9' in last_words(rig)


def test_a_toolpath_that_is_too_long_is_refused_c6(
    rig: Container, puppet: Puppet, new_part: NewPart
) -> None:
    """C6: SLICE_OUTPUT_MB."""
    with puppet.doing(write_file_mb=80):
        answer = rig.post(order(new_part()))
    assert (answer.status_code, answer.json()["code"]) == (422, "model_unsliceable")
    assert "file size limit" in last_words(rig)


def test_a_full_disk_is_told_before_the_work_begins_e9(
    rig: Container, origin: Origin, new_part: NewPart
) -> None:
    """E9, E6: not ready and 503 with Retry-After; well again as soon as there is room."""
    with _Filled(rig, ROOM_MIB - LEAST_FREE_MIB // 2):
        asked = len(origin.requests)
        answer = rig.post(order(new_part()))
        assert (answer.status_code, answer.json()["code"]) == (503, "workspace_full")
        assert int(answer.headers["retry-after"]) >= 1
        assert origin.requests[asked:] == []
        ready = rig.get("/ready")
        assert ready.status_code == 503
        assert ready.json()["checks"]["temp_dir"]["ok"] is False
        assert rig.get("/health").status_code == 200


def test_a_disk_that_fills_up_during_a_quote_is_told_e9(rig: Container, origin: Origin) -> None:
    """E9: the model itself takes what is left, while it is downloaded or rewritten."""
    large = binary_stl(box(20, 20, 20)) + bytes(40 * 2**20)
    with _Filled(rig, ROOM_MIB - LEAST_FREE_MIB - 2):
        url = origin.serve("large.stl", large + large)
        answer = rig.post(order(url))
    assert (answer.status_code, answer.json()["code"]) == (503, "workspace_full"), answer.text


def test_a_disk_that_fills_up_during_a_slice_is_told_e9(
    rig: Container, puppet: Puppet, new_part: NewPart
) -> None:
    """E9: the slicer finds no room for its G-code; that is not the model's fault."""
    with ThreadPoolExecutor(1) as callers, puppet.holding():
        quote = callers.submit(rig.post, order(new_part()))
        wait_until(lambda: rig.metric("pricing_fdm_slices_in_progress") == 1)
        with _Filled(rig, ROOM_MIB):
            puppet.stop()
            answer = quote.result()
    assert (answer.status_code, answer.json()["code"]) == (503, "workspace_full"), answer.text


def test_a_slicer_that_multiplies_meets_the_limit_and_is_gone_g1(
    rig: Container, puppet: Puppet, new_part: NewPart
) -> None:
    """G1, C2: --pids-limit=256; the service answers all the while, and no process is left."""
    with puppet.doing(fork_until_refused=True), _Alive(rig):
        answer = rig.post(order(new_part()))
    assert (answer.status_code, answer.json()["code"]) == (500, "slicer_crashed")
    assert 100 < finding(rig)["forked"] < 256
    wait_until(lambda: len(rig.processes()) < 10)


class _Alive:
    """Asks for the service's health again and again; all must be well."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._done = threading.Event()
        self._answers: list[str] = []
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        assert self._answers
        assert set(self._answers) == {"OK"}

    def _ask(self) -> None:
        while not self._done.is_set():
            self._answers.append(self._container.get("/health").text)
            self._done.wait(0.05)


class _Filled:
    """Fills the work folder, and empties it again."""

    def __init__(self, container: Container, mib: int) -> None:
        self._container = container
        self._mib = mib

    def __enter__(self) -> None:
        self._container.python(
            "import contextlib\n"
            f"with contextlib.suppress(OSError), open({FILLER!r}, 'wb', buffering=0) as file:\n"
            f"    for _ in range({self._mib} * 256): file.write(bytes(4096))"
        )

    def __exit__(self, *_: object) -> None:
        self._container.python(f"import os; os.remove({FILLER!r})")
