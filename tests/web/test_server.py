"""Starting and leaving: nothing is cut off, nothing runs on."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import (
    RunningService,
    order,
    running_service,
    started_service,
)
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until


class Posted:
    """A quote request that runs beside the test."""

    def __init__(self, service: RunningService, url: str) -> None:
        self._service, self._url = service, url
        self.response: httpx.Response | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.response = self._service.post(order(self._url))

    def result(self) -> httpx.Response:
        """The answer; fails if the connection was cut."""
        self._thread.join()
        assert self.response is not None, "the connection was cut"
        return self.response


@pytest.fixture
def cube(origin: Origin) -> str:
    """A cube at the origin."""
    return origin.serve("server-cube.stl", binary_stl(box(20, 20, 20)))


def slicing(service: RunningService) -> bool:
    """Whether a slice runs now."""
    return "pricing_fdm_slices_in_progress 1.0" in service.get("/metrics").text


def test_sigterm_lets_the_running_quote_finish_and_refuses_new_ones_e1(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """E1: readiness goes first, then the listener; nobody is cut off; exit code 0."""
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path / "bin")),
        "DRAIN_PAUSE_SECS": "5",
    }
    with running_service(environment) as service:
        go_on = tmp_path / "go-on"
        install_fake_prusa(tmp_path / "bin", hang_until=go_on, stage="slicing")
        running = Posted(service, cube)
        wait_until(lambda: slicing(service))
        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: service.get("/ready").status_code == 503)
        assert "draining" in service.get("/ready").json()["checks"]
        assert service.get("/health").status_code == 200
        refused = service.post(order(cube))
        assert (refused.status_code, refused.json()["code"]) == (503, "draining")
        assert refused.headers["retry-after"]
        assert refused.headers["connection"] == "close"
        go_on.touch()
        assert running.result().status_code == 200
        assert service.process.wait(30) == 0
        assert service.leftovers() == []


def test_a_quote_that_outlasts_the_grace_is_answered_not_cut_e2(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """E2: 503 problem+json instead of a reset; the slicer is gone."""
    binary = install_fake_prusa(tmp_path / "bin", sleep_s=1, stage="slicing")
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(binary),
        "DRAIN_GRACE_SECS": "1",
    }
    with running_service(environment) as service:
        install_fake_prusa(tmp_path / "bin", hang=True, stage="slicing")
        running = Posted(service, cube)
        wait_until(lambda: slicing(service))
        pids = service.programs()
        service.process.send_signal(signal.SIGTERM)
        answer = running.result()
        assert (answer.status_code, answer.json()["code"]) == (503, "draining")
        assert service.process.wait(30) == 0
        assert pids
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
        assert service.leftovers() == []


def test_a_second_signal_ends_everything_at_once_e3(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """E3: an operator who presses Ctrl-C twice means it."""
    binary = install_fake_prusa(tmp_path / "bin")
    environment = {**origin.environment, "PRUSA_BINARY": str(binary)}
    with running_service(environment) as service:
        install_fake_prusa(tmp_path / "bin", hang=True, stage="slicing")
        running = Posted(service, cube)
        wait_until(lambda: slicing(service))
        pids = service.programs()
        service.process.send_signal(signal.SIGINT)
        wait_until(lambda: service.process.poll() is not None or not _listening(service))
        service.process.send_signal(signal.SIGINT)
        service.process.wait(30)
        assert running.result().status_code == 503
        wait_until(lambda: not [pid for pid in pids if Path(f"/proc/{pid}").exists()])


def _listening(service: RunningService) -> bool:
    try:
        service.get("/health")
    except httpx.TransportError:
        return False
    return True


def test_ctrl_c_with_nothing_to_do_ends_quietly(origin: Origin) -> None:
    """No traceback, exit code 0, no pause meant for load balancers."""
    with running_service({**origin.environment, "DRAIN_PAUSE_SECS": "60"}) as service:
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(30) == 0
        assert "Traceback" not in service.log_path.read_text()


def lives(pid: int) -> bool:
    """Whether a process runs; a dead one may wait for whoever adopted it to take note."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_a_killed_service_leaves_no_slicer_and_the_next_start_removes_its_folder_c4(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """C4: kill -9 in the middle of a slice."""
    binary = install_fake_prusa(tmp_path / "bin")
    environment = {**origin.environment, "PRUSA_BINARY": str(binary)}
    with running_service(environment) as service:
        install_fake_prusa(tmp_path / "bin", hang=True, stage="slicing")
        threading.Thread(target=_ignore_cut, args=(service, cube)).start()
        wait_until(lambda: slicing(service))
        pids = service.programs()
        service.process.kill()
        service.process.wait()
        wait_until(lambda: not any(lives(pid) for pid in pids))
        assert len(service.leftovers()) == 2  # the folder and its lock
        install_fake_prusa(tmp_path / "bin")
        with running_service({**environment, "TEMP_DIR": str(service.temp_dir)}) as successor:
            assert service.leftovers() == []
            assert successor.event("service_started")["swept"] == 1


def _ignore_cut(service: RunningService, url: str) -> None:
    try:
        service.post(order(url))
    except httpx.TransportError:
        return


def test_bad_settings_stop_the_start_with_one_message_e4() -> None:
    """E4: every faulty variable is named, exit code 2, no traceback, no secret."""
    result = subprocess.run(
        [sys.executable, "-m", "pricing_fdm", "serve"],
        env={"API_TOKEN": "too-short-secret", "PRICING_FDM_PORT": "x", "SLICER": "cura"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 2
    assert result.stdout == ""
    for variable in ("API_TOKEN", "PRICING_FDM_PORT", "SLICER"):
        assert variable in result.stderr
    assert "Traceback" not in result.stderr
    assert "too-short-secret" not in result.stderr


@pytest.mark.parametrize(
    ("environment", "check"),
    [
        ({"PRUSA_BINARY": "/nonexistent/prusa-slicer"}, "slicer"),
        ({"PRUSA_BINARY": "/bin/true"}, "slicer"),
        ({"TEMP_DIR": "/nonexistent"}, "temp_dir"),
    ],
    ids=["no slicer", "not a slicer", "no room"],
)
def test_what_is_missing_makes_the_service_unready_with_its_reason_e6(
    origin: Origin, environment: dict[str, str], check: str
) -> None:
    """E6: it lives, so that somebody can read why it does not work."""
    with started_service({**origin.environment, **environment}) as service:
        wait_until(lambda: _listening(service))
        wait_until(lambda: service.get("/ready").json()["checks"]["self_test"]["detail"] != "")
        response = service.get("/ready")
        assert response.status_code == 503
        assert response.json()["checks"][check]["ok"] is False
        assert response.json()["checks"][check]["detail"]
        assert service.get("/health").status_code == 200
        answer = service.post(order("https://models.example.com/part.stl"))
        assert answer.status_code in {500, 503}
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_slicer_whose_figures_are_nonsense_makes_the_service_unready_e6(
    origin: Origin, tmp_path: Path
) -> None:
    """E6: a slicer that starts and answers is not yet one that works."""
    binary = install_fake_prusa(
        tmp_path / "bin", gcode_says={"estimated printing time (normal mode)": "3s"}
    )
    with started_service({**origin.environment, "PRUSA_BINARY": str(binary)}) as service:
        wait_until(lambda: _listening(service))
        service.event("self_test_finished")
        body = service.get("/ready").json()
        assert body["ready"] is False
        assert "implausible" in body["checks"]["self_test"]["detail"]


def test_a_service_whose_slicer_never_works_ends_with_its_own_exit_code_e5(
    origin: Origin, tmp_path: Path
) -> None:
    """E5: three failed self-tests; a restart policy that looks at exits only must see one."""
    binary = install_fake_prusa(tmp_path / "bin", crash_signal="SIGSEGV")
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(binary),
        "SELF_TEST_RETRY_SECS": "0.2",
        "DRAIN_PAUSE_SECS": "60",
    }
    with started_service(environment) as service:
        assert service.process.wait(30) == 70
        assert len(service.events("self_test_finished")) == 3


def test_three_crashes_in_a_row_put_readiness_to_the_test_e5(
    origin: Origin, tmp_path: Path
) -> None:
    """E5: the slicer broke while the service ran; it is noticed without a restart."""
    binary = install_fake_prusa(tmp_path / "bin")
    with running_service({**origin.environment, "PRUSA_BINARY": str(binary)}) as service:
        install_fake_prusa(tmp_path / "bin", crash_signal="SIGSEGV")
        for size_mm in (10, 11, 12):
            url = origin.serve(f"crash-{size_mm}.stl", binary_stl(box(size_mm, 10, 10)))
            assert service.post(order(url)).json()["code"] == "slicer_crashed"
        wait_until(lambda: service.get("/ready").status_code == 503)


def test_a_start_that_fails_is_told_by_the_exit_code(origin: Origin) -> None:
    """The port is taken; a supervisor must not take this for a good end."""
    port = origin.port
    environment = {**origin.environment, "PRICING_FDM_PORT": str(port)}
    with started_service(environment) as service:
        assert service.process.wait(30) in {1, 3}  # 3 is uvicorn's own
