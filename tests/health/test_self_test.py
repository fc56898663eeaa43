"""A self-test judges the slicer and nothing else: not the disk, not how busy the service is."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pricing_fdm.assembly import Assembly
from pricing_fdm.errors import ModelUnsliceable, SlicerCrashed
from pricing_fdm.health.readiness import SELF_TEST
from pricing_fdm.health.self_test import Proof, prove
from tests.harness.assembled import run_assembled
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_orca, install_fake_prusa
from tests.harness.service import started_service, wait_until_ready
from tests.harness.waiting import wait_until
from tests.health.idle import idle_readiness

PLACES = 2

Run = Callable[[Callable[[Assembly], Awaitable[None]]], None]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a test with what prices."""
    return functools.partial(run_assembled, monkeypatch, tmp_path)


async def proof_of(assembly: Assembly) -> Proof:
    """How a self-test ends."""
    return (await prove(assembly.pipeline, assembly.readiness)).proof


def said(assembly: Assembly) -> tuple[bool, str]:
    """What readiness says of the self-test."""
    [check] = [check for check in assembly.readiness.checks() if check.name == SELF_TEST]
    return check.ok, check.detail


def test_a_full_queue_says_nothing_of_the_slicer(run: Run) -> None:
    """Neither before the first good self-test nor after it."""

    async def story(assembly: Assembly) -> None:
        with contextlib.ExitStack() as quotes:
            for _ in range(PLACES):
                quotes.enter_context(assembly.admission.place())
            assert await proof_of(assembly) is Proof.UNDECIDED
            ok, detail = said(assembly)
            assert not ok
            assert "queue_full" in detail
        assert await proof_of(assembly) is Proof.GOOD
        proved = said(assembly)
        assert proved[0]
        with contextlib.ExitStack() as quotes:
            for _ in range(PLACES):
                quotes.enter_context(assembly.admission.place())
            assert await proof_of(assembly) is Proof.UNDECIDED
        assert said(assembly) == proved

    run(story)


def test_a_slicer_that_fails_at_the_cube_has_failed(run: Run, tmp_path: Path) -> None:
    """By a crash, by a refusal, and by figures that cannot be."""

    async def story(assembly: Assembly) -> None:
        for behaviour in (
            {"crash_signal": "SIGSEGV"},
            {"exit_code": 1, "stderr": "No layers were detected."},
            {"gcode_says": {"estimated printing time (normal mode)": "3s"}},
        ):
            install_fake_prusa(tmp_path / "bin", **behaviour)
            assert await proof_of(assembly) is Proof.FAILED
            assert not said(assembly)[0]

    run(story)


def test_a_fault_of_our_own_is_told_and_does_not_count(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the disk says besides `full`: the slicer has not been asked."""

    async def story(assembly: Assembly) -> None:
        assert await proof_of(assembly) is Proof.GOOD
        monkeypatch.setattr("pricing_fdm.health.self_test._cube", _unreadable)
        assert await proof_of(assembly) is Proof.UNDECIDED
        ok, detail = said(assembly)
        assert not ok
        assert "Input/output error" in detail

    run(story)


def test_files_are_not_blamed_for_a_broken_slicer(run: Run, tmp_path: Path) -> None:
    """What was held in quarantine meanwhile may be sent again."""

    async def story(assembly: Assembly) -> None:
        assert assembly.pipeline is not None
        quarantine = assembly.pipeline.quarantine
        for _ in range(2):
            with pytest.raises(SlicerCrashed), quarantine.watch("a file"):
                raise SlicerCrashed("The slicer crashed.")
        assert await proof_of(assembly) is Proof.GOOD
        with pytest.raises(ModelUnsliceable):
            quarantine.raise_if_held("a file")
        install_fake_prusa(tmp_path / "bin", crash_signal="SIGSEGV")
        assert await proof_of(assembly) is Proof.FAILED
        quarantine.raise_if_held("a file")

    run(story)


def test_the_same_cube_is_really_sliced_each_time(run: Run, tmp_path: Path) -> None:
    """Neither cache nor quarantine answers for the slicer, and callers do not see the cube."""

    async def story(assembly: Assembly) -> None:
        assert assembly.pipeline is not None
        for _ in range(3):
            assert await proof_of(assembly) is Proof.GOOD
            install_fake_prusa(tmp_path / "bin", crash_signal="SIGSEGV")
            assert await proof_of(assembly) is Proof.FAILED
            install_fake_prusa(tmp_path / "bin")
        assert set(assembly.pipeline.results.totals().values()) == {0}
        assert assembly.pipeline.quarantine.refusals == 0

    run(story)


def test_a_self_test_that_is_broken_off_leaves_nothing_running(run: Run, tmp_path: Path) -> None:
    """A service that is told to go while it tests: its slicer once outlived the watchdog."""

    async def story(assembly: Assembly) -> None:
        began = tmp_path / "began"
        install_fake_prusa(tmp_path / "bin", record_to=str(began), hang=True)
        before = asyncio.all_tasks()
        test = asyncio.create_task(proof_of(assembly))
        async with asyncio.timeout(30):
            while not began.exists():  # noqa: ASYNC110 - the slicer makes it
                await asyncio.sleep(0.01)
        test.cancel()
        with pytest.raises(asyncio.CancelledError):
            await test
        assert asyncio.all_tasks() <= before
        assert assembly.admission.admitted == 0

    run(story)


@pytest.mark.parametrize("broken", ["orca", "prusa"])
def test_each_of_two_slicers_is_tested_by_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, broken: str
) -> None:
    """A fallback is for models; it must not hide that a slicer never works."""

    async def story(assembly: Assembly) -> None:
        assert await proof_of(assembly) is Proof.GOOD
        install = install_fake_orca if broken == "orca" else install_fake_prusa
        install(tmp_path / "bin", crash_signal="SIGSEGV")
        assert await proof_of(assembly) is Proof.FAILED

    orca = str(install_fake_orca(tmp_path / "bin"))
    run_assembled(
        monkeypatch, tmp_path, story, SLICER="orca", SLICER_FALLBACK="prusa", ORCA_BINARY=orca
    )


def test_where_nothing_is_sliced_there_is_nothing_to_test(tmp_path: Path) -> None:
    """A gateway; a second try would mend nothing."""
    readiness = idle_readiness(tmp_path)
    assert asyncio.run(prove(None, readiness)).proof is Proof.GOOD
    assert SELF_TEST not in {check.name for check in readiness.checks()}


async def _unreadable(*_: object) -> None:
    raise OSError(5, "Input/output error")


def test_a_healthy_service_waits_for_room_and_does_not_end(origin: Origin, tmp_path: Path) -> None:
    """No room on the disk at start, for longer than three self-tests."""
    temp_dir = tmp_path / "mounted-late"
    environment = {
        **origin.environment,
        "PRUSA_BINARY": str(install_fake_prusa(tmp_path / "bin")),
        "TEMP_DIR": str(temp_dir),
        "SELF_TEST_RETRY_SECS": "0.05",
    }
    with started_service(environment) as service:
        wait_until(lambda: len(service.events("self_test_put_off")) > 6)
        assert service.process.poll() is None
        answer = service.get("/ready").json()
        assert "workspace_full" in answer["checks"]["self_test"]["detail"]
        temp_dir.mkdir()
        wait_until_ready(service)
