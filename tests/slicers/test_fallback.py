"""A crash of the first slicer is not the end, if the operator wants it so; a refusal is."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from pricing_fdm.errors import (
    InternalError,
    ModelUnsliceable,
    PricingError,
    SlicerCrashed,
    SlicingTimeout,
)
from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.model import Slice
from pricing_fdm.sandbox.process import Limits
from pricing_fdm.slicers.engine import Engine, SlicerUnavailable
from pricing_fdm.slicers.fallback import FallbackEngine
from pricing_fdm.slicers.registry import AUTO, find_engine
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_orca, install_fake_prusa, read_records
from tests.harness.service import RunningService, order, running_service, started_service
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.slicers.engines import LIMITS, bundled_presets, find, misbehaving, setup, slice_part

CUBE = box(20, 20, 20)
SMALL = dataclasses.replace(LIMITS, memory_bytes=1024**3)
SHORT = dataclasses.replace(LIMITS, wall_s=3)


def stopwatch(*readings_s: float) -> Callable[[], float]:
    """A clock that shows these times, one after the other."""
    return iter(readings_s).__next__


@pytest.fixture
def pair(tmp_path: Path) -> Callable[..., FallbackEngine]:
    """Builds a fallback engine of an OrcaSlicer and a PrusaSlicer that behave as wanted."""

    def build(
        first: dict[str, Any],
        second: dict[str, Any] | None = None,
        *,
        first_limits: Limits = LIMITS,
        **options: Any,
    ) -> FallbackEngine:
        orca = misbehaving("orca", tmp_path / "first", limits=first_limits, **first)
        prusa = misbehaving("prusa", tmp_path / "second", **(second or {}))
        return FallbackEngine(orca, prusa, **{"total_s": LIMITS.wall_s, **options})

    return build


def sliced_by(engine: Engine, folder: Path) -> Slice:
    """The slice of a cube."""
    sliced, _ = slice_part(engine, folder, CUBE)
    return sliced


@pytest.mark.parametrize(
    "failure",
    [
        {"crash_signal": "SIGSEGV", "stage": "slicing"},
        {"crash_signal": "SIGABRT", "stage": "end"},
        {"exit_code": 3, "stderr": "something new\n"},
        {"exit_code": 0},
    ],
    ids=["crash", "crash after it has written", "unknown end", "no result"],
)
def test_where_the_first_crashes_the_other_gives_the_figures_and_says_so(
    pair: Callable[..., FallbackEngine], tmp_path: Path, failure: dict[str, Any]
) -> None:
    """A part that crashes one slicer is sold all the same, and nobody is deceived about how."""
    engine = pair(failure)
    sliced = sliced_by(engine, tmp_path / "run")
    assert extract_metrics(sliced.gcode, sliced.member, sliced.expected).layers == 100
    assert (engine.name, sliced.engine.name) == ("orca", "prusa")
    warning = sliced.warnings[0]
    assert warning.code == "slicer_fallback"
    assert "OrcaSlicer 2.3.1" in warning.message
    assert "PrusaSlicer 2.5.0" in warning.message
    assert engine.fallbacks == 1


def test_the_real_slicer_helps_out(tmp_path: Path) -> None:
    """Its figures are the ones that it gives alone."""
    prusa = find("prusa", tmp_path)
    orca = misbehaving("orca", tmp_path / "first", crash_signal="SIGSEGV")
    engine = FallbackEngine(orca, prusa, total_s=LIMITS.wall_s)
    alone, helping = (
        extract_metrics(sliced.gcode, sliced.member, sliced.expected)
        for sliced in (sliced_by(prusa, tmp_path / "a"), sliced_by(engine, tmp_path / "b"))
    )
    assert alone == helping


def test_a_good_first_slicer_is_left_alone(
    pair: Callable[..., FallbackEngine], tmp_path: Path
) -> None:
    """The other is not even started."""
    engine = pair({}, {"record_to": tmp_path / "seen"})
    started = len(read_records(tmp_path / "seen"))  # it was asked for its version
    sliced = sliced_by(engine, tmp_path / "run")
    assert sliced.engine == engine.info(bundled_presets())
    assert sliced.warnings == ()
    assert engine.fallbacks == 0
    assert len(read_records(tmp_path / "seen")) == started


@pytest.mark.parametrize(
    ("failure", "limits", "expected"),
    [
        ({"exit_code": 206}, LIMITS, PricingError),
        ({"exit_code": 255}, LIMITS, InternalError),
        ({"eat_memory_mb": 8000}, SMALL, ModelUnsliceable),
        ({"hang": True, "stage": "slicing"}, SHORT, SlicingTimeout),
    ],
    ids=["refusal", "our settings", "memory limit", "time limit"],
)
def test_a_refusal_and_a_limit_are_answers(
    pair: Callable[..., FallbackEngine],
    tmp_path: Path,
    failure: dict[str, Any],
    limits: Limits,
    expected: type[PricingError],
) -> None:
    """Asking the next slicer until one says yes would sell parts that cannot be printed."""
    engine = pair(failure, first_limits=limits)
    with pytest.raises(expected):
        sliced_by(engine, tmp_path / "run")
    assert engine.fallbacks == 0


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ({"crash_signal": "SIGABRT"}, SlicerCrashed),
        ({"exit_code": 0}, SlicerCrashed),
        ({"exit_code": 1, "stderr": "No layers were detected.\n"}, ModelUnsliceable),
    ],
    ids=["crashes too", "leaves no result", "refuses the model"],
)
def test_when_both_fail_a_refusal_is_raised_else_the_first_crash(
    pair: Callable[..., FallbackEngine],
    tmp_path: Path,
    failure: dict[str, Any],
    expected: type[PricingError],
) -> None:
    """The caller gets the sentence that helps, the operator both ends."""
    engine = pair({"crash_signal": "SIGSEGV"}, failure)
    with pytest.raises(expected) as raised:
        sliced_by(engine, tmp_path / "run")
    log = str(raised.value.log_detail)
    assert log.startswith("orca: signal SIGSEGV")
    assert "; then prusa: " in log
    assert engine.fallbacks == 1


def test_both_share_one_time_limit(
    pair: Callable[..., FallbackEngine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A caller waits for SLICE_TIMEOUT_SECS and no longer; two seconds of it are left here."""
    engine = pair({"crash_signal": "SIGSEGV"}, {"hang": True, "stage": "slicing"}, total_s=100)
    monkeypatch.setattr("pricing_fdm.slicers.fallback.monotonic", stopwatch(0, 98))
    with pytest.raises(SlicerCrashed) as raised:
        sliced_by(engine, tmp_path / "run")
    assert "then prusa: wall limit" in str(raised.value.log_detail)


def test_with_no_time_left_the_crash_is_raised_at_once(
    pair: Callable[..., FallbackEngine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No slicer finishes anything in half a second."""
    engine = pair({"crash_signal": "SIGSEGV"}, total_s=100)
    monkeypatch.setattr("pricing_fdm.slicers.fallback.monotonic", stopwatch(0, 99.5))
    with pytest.raises(SlicerCrashed):
        sliced_by(engine, tmp_path / "run")
    assert engine.fallbacks == 0


def test_the_other_works_in_a_clean_folder_of_its_own(
    pair: Callable[..., FallbackEngine], tmp_path: Path
) -> None:
    """Nothing that the crash has left can be taken for its result."""
    engine = pair({"crash_signal": "SIGSEGV", "stage": "end"}, {"record_to": tmp_path / "seen"})
    sliced = sliced_by(engine, tmp_path / "run")
    own = tmp_path / "run-fallback"
    assert sliced.gcode.parent == own
    assert {path.name for path in own.iterdir()} == {"model.stl", "profile.ini", "out.gcode"}
    assert read_records(tmp_path / "seen")[-1]["cwd"] == str(own)


def test_break_in_3_the_other_slices_the_model_whatever_the_first_left_in_its_place(
    pair: Callable[..., FallbackEngine], tmp_path: Path
) -> None:
    """Break-in 3: a link, or a folder by the name of the other's, would have led it elsewhere."""
    leave = "import os; os.unlink('model.stl'); os.symlink('/etc/passwd', 'model.stl')"
    engine = pair({"trap": leave, "crash_signal": "SIGSEGV", "stage": "end"})
    sliced = sliced_by(engine, tmp_path / "run")
    expected = sliced_by(pair({"crash_signal": "SIGSEGV"}), tmp_path / "clean")
    assert (tmp_path / "run" / "model.stl").is_symlink()
    assert sliced.gcode.read_bytes() == expected.gcode.read_bytes()


def found(tmp_path: Path, choice: str, *, orca: bool, prusa: bool) -> Engine:
    """What is found with `SLICER_FALLBACK=prusa` where these are installed."""
    missing = str(tmp_path / "missing")
    binaries = {
        "orca": str(install_fake_orca(tmp_path)) if orca else missing,
        "prusa": str(install_fake_prusa(tmp_path)) if prusa else missing,
    }
    return asyncio.run(find_engine(choice, setup(), binaries=binaries, fallback="prusa"))


@pytest.mark.parametrize("choice", [AUTO, "orca"])
def test_it_is_built_of_the_two_that_are_found(tmp_path: Path, choice: str) -> None:
    """It goes by the first one's name and version."""
    engine = found(tmp_path, choice, orca=True, prusa=True)
    assert isinstance(engine, FallbackEngine)
    assert (engine.name, engine.version, engine.second.name) == ("orca", "2.3.1", "prusa")


def test_where_auto_takes_prusaslicer_there_is_no_fallback(tmp_path: Path) -> None:
    """It is the first already; a second try would crash as well."""
    engine = found(tmp_path, AUTO, orca=False, prusa=True)
    assert (type(engine).__name__, engine.name) == ("PrusaEngine", "prusa")


def test_a_fallback_that_is_not_there_is_named(tmp_path: Path) -> None:
    """It would be missed for the first time on the day of need."""
    with pytest.raises(SlicerUnavailable, match=r"SLICER_FALLBACK.*missing.*Install"):
        found(tmp_path, AUTO, orca=True, prusa=False)


@pytest.fixture
def environment(origin: Origin, tmp_path: Path) -> dict[str, str]:
    """A service with an OrcaSlicer that is good until the test says otherwise."""
    return {
        **origin.environment,
        "SLICER": "orca",
        "ORCA_BINARY": str(install_fake_orca(tmp_path / "bin")),
        "SLICER_FALLBACK": "prusa",
        "SANDBOX": "none",  # the puppet's interpreter is outside of every sandbox
    }


def test_a_quote_by_the_other_slicer_says_so_in_engine_and_warnings(
    environment: dict[str, str], origin: Origin, tmp_path: Path
) -> None:
    """End to end, with the real PrusaSlicer: body, metric and readiness."""
    url = origin.serve("fallback.stl", binary_stl(CUBE))
    with running_service(environment) as service:
        ready = service.get("/ready").text
        assert "orca 2.3.1, where it crashes prusa " in ready
        install_fake_orca(tmp_path / "bin", crash_signal="SIGSEGV")
        answer = service.post(order(url))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["engine"]["name"] == "prusa"
        assert [warning["code"] for warning in body["warnings"]] == ["slicer_fallback"]
        assert "pricing_fdm_slicer_fallbacks_total 1.0" in service.get("/metrics").text
        assert service.leftovers() == []


def test_without_its_fallback_the_service_is_not_ready_and_says_why(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """An operator who asked for it relies on it."""
    environment["PRUSA_BINARY"] = str(tmp_path / "missing")
    with started_service(environment) as service:
        wait_until(lambda: _readiness(service))
        answer = service.get("/ready")
    assert answer.status_code == 503
    assert "SLICER_FALLBACK asks for PrusaSlicer" in answer.text


def test_a_first_slicer_that_is_broken_is_not_hidden(
    environment: dict[str, str], origin: Origin, tmp_path: Path
) -> None:
    """A fallback is for models: after three in a row the first must price the cube by itself."""
    with running_service({**environment, "SELF_TEST_RETRY_SECS": "60"}) as service:
        install_fake_orca(tmp_path / "bin", crash_signal="SIGSEGV")
        url = origin.serve("fallback-thrice.stl", binary_stl(CUBE))
        for _ in range(3):
            assert service.post(order(url)).json()["engine"]["name"] == "prusa"
        wait_until(lambda: "slicer_crashed" in service.get("/ready").text)


def test_a_fallback_that_cannot_slice_is_reported_at_start(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """It says its version and fails at the cube; without a test that is seen on the day of need."""
    fake = install_fake_prusa(tmp_path / "bin", crash_signal="SIGSEGV")
    environment |= {"PRUSA_BINARY": str(fake), "SELF_TEST_RETRY_SECS": "60"}
    with started_service(environment) as service:
        said = re.compile("the test cube was not priced on [^:]+: slicer_crashed")
        wait_until(lambda: said.search(_readiness(service)))


def _readiness(service: RunningService) -> str:
    """What `/ready` says; nothing before the service listens."""
    try:
        return service.get("/ready").text
    except httpx.TransportError:
        return ""
