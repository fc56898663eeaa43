"""More work than the container can take, callers who leave, a slicer that dies."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from e2e.conftest import NewPart
from e2e.containers import Container
from e2e.puppet import Puppet
from tests.harness.origin import Origin
from tests.harness.service import order
from tests.harness.waiting import wait_until

IN_PROGRESS = "pricing_fdm_slices_in_progress"
DEPTH = "pricing_fdm_queue_depth"


@pytest.fixture(autouse=True)
def _rig_is_well_again(rig: Container, puppet: Puppet, new_part: NewPart) -> Iterator[None]:
    """Whatever a test did to it, the next quote succeeds and nothing is left."""
    yield
    puppet.stop()
    assert rig.post(order(new_part())).status_code == 200
    wait_until(lambda: rig.metric(IN_PROGRESS) == rig.metric(DEPTH) == 0)
    assert [name for name in rig.leftovers() if name.startswith("pricing-fdm")] == []
    assert slicers(rig) == []


def slicers(container: Container) -> list[int]:
    """The puppets and slicers that run inside."""
    return [
        one["pid"]
        for one in container.processes()
        if any("slicer" in word for word in one["command"][:5]) and one["state"] != "Z"
    ]


def test_a_full_service_refuses_at_once_and_serves_those_inside_d2_e7(
    rig: Container, puppet: Puppet, origin: Origin, new_part: NewPart
) -> None:
    """D2, E7: the third hears 503 before any download; saturation is not unreadiness."""
    with ThreadPoolExecutor(2) as callers:
        with puppet.holding():
            inside = [callers.submit(rig.post, order(new_part())) for _ in range(2)]
            wait_until(lambda: (rig.metric(IN_PROGRESS), rig.metric(DEPTH)) == (1, 1))
            asked = len(origin.requests)
            refused = rig.post(order(f"{new_part()}?third"))
            assert (refused.status_code, refused.json()["code"]) == (503, "queue_full")
            assert "All 2 places" in refused.json()["detail"]
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert origin.requests[asked:] == []
            assert rig.get("/ready").status_code == 200
        assert [one.result().status_code for one in inside] == [200, 200]


def test_health_answers_while_everything_is_busy_d5(
    rig: Container, puppet: Puppet, new_part: NewPart
) -> None:
    """D5: a probe that waits for a slot would kill a service that only works hard."""
    with ThreadPoolExecutor(2) as callers, puppet.holding():
        inside = [callers.submit(rig.post, order(new_part())) for _ in range(2)]
        wait_until(lambda: rig.metric(DEPTH) == 1)
        times_s = sorted(_time_of_health(rig) for _ in range(50))
        puppet.stop()
        assert [one.result().status_code for one in inside] == [200, 200]
    assert times_s[len(times_s) // 2] < 1


def _time_of_health(container: Container) -> float:
    begun = time.monotonic()
    assert container.get("/health").text == "OK"
    return time.monotonic() - begun


def test_a_caller_who_leaves_takes_his_slice_along_c3(
    rig: Container, puppet: Puppet, new_part: NewPart
) -> None:
    """C3: no slicer runs for nobody; slot and folder are free again."""
    with puppet.holding():
        with ThreadPoolExecutor(1) as callers, httpx.Client(trust_env=False) as client:
            leaving = callers.submit(
                client.post,
                f"{rig.base_url}/internal/pricing/fdm/quote",
                json=order(new_part()),
                timeout=3,
            )
            wait_until(lambda: len(slicers(rig)) >= 1)
            assert isinstance(leaving.exception(), httpx.TimeoutException)
        wait_until(lambda: slicers(rig) == [])
        wait_until(lambda: rig.metric(IN_PROGRESS) == 0)


def test_a_killed_slicer_is_a_crash_and_no_more_c5(
    rig: Container, puppet: Puppet, new_part: NewPart
) -> None:
    """C5: kill -9 from outside, as the kernel does when memory runs out."""
    with ThreadPoolExecutor(1) as callers, puppet.holding():
        quote = callers.submit(rig.post, order(new_part()))
        wait_until(lambda: any(_is_puppet(rig, pid) for pid in slicers(rig)))
        for pid in slicers(rig):
            rig.python(
                f"import os; os.path.exists('/proc/{pid}') and os.kill({pid}, {signal.SIGKILL})"
            )
        answer = quote.result()
    assert (answer.status_code, answer.json()["code"]) == (500, "slicer_crashed")


def _is_puppet(container: Container, pid: int) -> bool:
    commands = [one["command"] for one in container.processes() if one["pid"] == pid]
    return any("python" in words[0] and "puppet" in " ".join(words) for words in commands)


def test_a_crash_has_its_code_and_its_reason_in_the_log_h2(
    rig: Container, puppet: Puppet, new_part: NewPart
) -> None:
    """H2, H7: the caller hears that the slicer crashed, the operator the signal."""
    before = rig.metric('pricing_fdm_errors_total{error_type="slicer_crashed"}')
    with puppet.doing(crash_signal="SIGSEGV"):
        answer = rig.post(order(new_part()))
    assert (answer.status_code, answer.json()["code"]) == (500, "slicer_crashed")
    assert rig.metric('pricing_fdm_errors_total{error_type="slicer_crashed"}') == before + 1
    assert "SIGSEGV" in rig.events("quote_failed")[-1]["detail"]
    assert "SIGSEGV" not in answer.text
