"""More work than it can take: it says so at once, and stays healthy."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.harness.origin import Origin
from tests.harness.program import NEW_PYTHON
from tests.harness.puppet import install_fake_prusa, read_records
from tests.harness.service import (
    RunningService,
    order,
    running_service,
    started_service,
    wait_until_ready,
)
from tests.harness.shapes import binary_stl, box, tee
from tests.harness.waiting import wait_until


@pytest.fixture
def cube(origin: Origin) -> str:
    """A cube at the origin."""
    return origin.serve("load-cube.stl", binary_stl(box(20, 20, 20)))


def different(url: str, count: int) -> list[dict[str, Any]]:
    """Requests for one part of which no two can share a slice."""
    return [
        order(url, infill=10 + number % 90, layer_thickness=(100, 200, 300)[number // 90])
        for number in range(count)
    ]


def gauge(service: RunningService, name: str) -> float:
    """The value of a metric without labels."""
    for line in service.get("/metrics").text.splitlines():
        if line.startswith(f"{name} "):
            return float(line.split()[1])
    raise AssertionError(f"no metric {name}")


def test_200_requests_at_once_never_exceed_slots_and_places_d1_d5_d7(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """D1: 2 slots, 4 places: never more than 2 slicers, and every counter returns to zero.

    D5: `/health` answers all the while. D7: the next request is taken as if nothing had been.
    Their times are measured by `make load`.
    """
    binary = install_fake_prusa(tmp_path / "bin", sleep_s=0.1, stage="slicing")
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(binary),
        "SLICE_CONCURRENCY": "2",
        "QUEUE_PLACES": "4",
    }
    with running_service(environment) as service:
        most, health, done = 0, Counter[int](), threading.Event()

        def sample() -> None:
            nonlocal most
            while not done.is_set():
                most = max(most, len(service.programs()))
                health[service.get("/health").status_code] += 1
                time.sleep(0.02)

        sampler = threading.Thread(target=sample)
        sampler.start()
        with ThreadPoolExecutor(50) as callers:
            answers = list(callers.map(service.post, different(cube, 200)))
        done.set()
        sampler.join()
        assert Counter(answer.status_code for answer in answers).keys() == {200, 503}
        refused = [answer for answer in answers if answer.status_code == 503]
        assert {answer.json()["code"] for answer in refused} == {"queue_full"}
        assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in refused)
        assert 1 <= most <= 2
        assert health.keys() == {200}
        wait_until(lambda: gauge(service, "pricing_fdm_slices_in_progress") == 0)
        assert gauge(service, "pricing_fdm_queue_depth") == 0
        assert service.leftovers() == []
        assert service.post(order(cube)).status_code == 200


def test_a_full_service_refuses_before_any_download_and_is_still_ready_d2_e7(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """D2: refused before it costs anything. E7: saturation is not unreadiness."""
    binary = install_fake_prusa(tmp_path / "bin")
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(binary),
        "SLICE_CONCURRENCY": "1",
        "QUEUE_PLACES": "1",
    }
    with running_service(environment) as service:
        install_fake_prusa(tmp_path / "bin", hang_until=tmp_path / "go-on", stage="slicing")
        with ThreadPoolExecutor(2) as callers:
            inside = [callers.submit(service.post, body) for body in different(cube, 2)]
            wait_until(lambda: gauge(service, "pricing_fdm_queue_depth") == 1)
            asked = len(origin.requests)
            refused = service.post(order(origin.url("load-cube.stl?third")))
            assert (refused.status_code, refused.json()["code"]) == (503, "queue_full")
            assert not [path for path in origin.requests[asked:] if path.endswith("?third")]
            assert service.get("/ready").status_code == 200
            assert service.get("/health").status_code == 200
            (tmp_path / "go-on").touch()
            assert [future.result().status_code for future in inside] == [200, 200]


def test_who_waits_too_long_is_told_d3(origin: Origin, cube: str, tmp_path: Path) -> None:
    """D3: no slot within QUEUE_WAIT_SECS; the place is free again at once."""
    binary = install_fake_prusa(tmp_path / "bin")
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(binary),
        "SLICE_CONCURRENCY": "1",
        "QUEUE_WAIT_SECS": "0.5",
    }
    with running_service(environment) as service:
        install_fake_prusa(tmp_path / "bin", hang_until=tmp_path / "go-on", stage="slicing")
        with ThreadPoolExecutor(1) as callers:
            one, another = different(cube, 2)
            first = callers.submit(service.post, one)
            wait_until(lambda: gauge(service, "pricing_fdm_slices_in_progress") == 1)
            late = service.post(another)
            assert (late.status_code, late.json()["code"]) == (503, "queue_timeout")
            assert late.headers["retry-after"]
            assert gauge(service, "pricing_fdm_queue_depth") == 0
            (tmp_path / "go-on").touch()
            assert first.result().status_code == 200


def test_a_caller_who_leaves_in_the_middle_of_a_slice_frees_the_slot_c3(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """C3: no slicer runs for nobody."""
    binary = install_fake_prusa(tmp_path / "bin")
    with running_service({**origin.environment, "PRUSA_BINARY": str(binary)}) as service:
        install_fake_prusa(tmp_path / "bin", hang=True, stage="slicing")
        with service.leaving(order(cube), "leaves"):
            wait_until(service.programs)
        wait_until(lambda: service.programs() == [] and service.leftovers() == [])
        install_fake_prusa(tmp_path / "bin")
        assert service.post(order(cube)).status_code == 200


def test_a_slicer_that_is_killed_is_a_crash_and_the_next_quote_succeeds_c5(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """C5: kill -9 from outside, as the kernel does when memory runs out."""
    binary = install_fake_prusa(tmp_path / "bin")
    with running_service({**origin.environment, "PRUSA_BINARY": str(binary)}) as service:
        seen = tmp_path / "seen"
        install_fake_prusa(tmp_path / "bin", hang=True, stage="slicing", record_to=seen)
        with ThreadPoolExecutor(1) as callers:
            quote = callers.submit(service.post, order(cube))
            wait_until(lambda: read_records(seen))
            os.kill(service.programs()[0], signal.SIGKILL)
            crashed = quote.result()
        assert (crashed.status_code, crashed.json()["code"]) == (500, "slicer_crashed")
        install_fake_prusa(tmp_path / "bin")
        assert service.post(order(cube)).status_code == 200


@pytest.mark.slow
def test_the_loop_goes_on_while_the_largest_model_is_inspected_d6(
    origin: Origin, tmp_path: Path
) -> None:
    """D6: two million triangles; a loop that is blocked would answer nothing meanwhile."""
    url = origin.serve("torus.stl", torus(1000, 1000))
    binary = install_fake_prusa(tmp_path / "bin")
    with running_service({**origin.environment, "PRUSA_BINARY": str(binary)}) as service:
        install_fake_prusa(tmp_path / "bin", exit_code=3)  # what matters comes before it
        gaps: list[float] = []
        with ThreadPoolExecutor(1) as callers, httpx.Client(trust_env=False) as client:
            quote = callers.submit(service.post, order(url))
            while not quote.done():
                asked = time.monotonic()
                assert client.get(f"{service.base_url}/health", timeout=10).status_code == 200
                gaps.append(time.monotonic() - asked)
        answer = quote.result()
        assert answer.json()["code"] == "slicer_crashed"
        line = service.line_of(answer.headers["x-request-id"])
        assert max(gaps) < 0.5 * line["timing_ms"]["inspect"] / 1000, "inspecting blocks the loop"


@pytest.mark.slow
def test_equal_input_gives_equal_bodies_in_every_locale_and_time_zone_k1(origin: Origin) -> None:
    """K1: a decimal comma or a date must not reach a price."""
    url = origin.serve("k1-tee.stl", binary_stl(tee()))
    bodies = []
    for locale, zone in (("C", "UTC"), ("de_DE.UTF-8", "Asia/Tokyo"), ("tr_TR", "America/Lima")):
        environment = {"LANG": locale, "LC_ALL": locale, "TZ": zone}
        own = {**origin.environment, **environment}
        with running_service(own, python=NEW_PYTHON) as service:  # which looks at its locale
            body = service.post(order(url)).json()
        bodies.append({k: v for k, v in body.items() if k not in {"quote_id", "timing_ms"}})
    assert bodies[0] == bodies[1] == bodies[2]


@pytest.mark.slow
def test_twenty_kills_in_a_row_are_survived_e8(origin: Origin, tmp_path: Path) -> None:
    """E8: whatever a killed service leaves, the next one starts."""
    binary = install_fake_prusa(tmp_path / "bin")
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(binary),
        "TEMP_DIR": str(tmp_path / "temp"),
    }
    (tmp_path / "temp").mkdir()
    for _ in range(20):
        with started_service(environment) as service:
            wait_until_ready(service)
            service.process.kill()
            service.process.wait()
    with running_service(environment) as service:
        assert service.get("/ready").json()["ready"] is True
    assert list((tmp_path / "temp").iterdir()) == []


def torus(around: int, across: int) -> bytes:
    """A closed binary STL of 2 x around x across triangles."""
    u, v = np.meshgrid(np.arange(around), np.arange(across), indexing="ij")
    quads = [(u, v), (u + 1, v), (u + 1, v + 1), (u, v + 1)]
    corners = []
    for i, j in quads:
        a, b = 2 * np.pi * (i % around) / around, 2 * np.pi * (j % across) / across
        ring = 60 + 20 * np.cos(b)
        corners.append(np.stack([ring * np.cos(a), ring * np.sin(a), 20 * np.sin(b)], axis=-1))
    p, q, r, s = (corner.reshape(-1, 3).astype("<f4") for corner in corners)
    records = np.zeros(
        2 * around * across, dtype=[("n", "<f4", 3), ("v", "<f4", (3, 3)), ("a", "<u2")]
    )
    records["v"][0::2] = np.stack([p, q, r], axis=1)
    records["v"][1::2] = np.stack([p, r, s], axis=1)
    return b"torus".ljust(80, b"\0") + np.uint32(len(records)).tobytes() + records.tobytes()
