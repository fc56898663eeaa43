"""A self-test judges the slicer and nothing else: not the disk, not how busy the service is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pricing_fdm.assembly import Assembly, assemble
from pricing_fdm.health.readiness import SELF_TEST
from pricing_fdm.health.self_test import Proof
from pricing_fdm.settings import load_settings
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa
from tests.harness.service import started_service, wait_until_ready
from tests.harness.waiting import wait_until

PLACES = 2


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Runs a test with what prices: one slot, one place beside it."""
    environment = {
        "TEMP_DIR": tmp_path,
        "SLICER": "prusa",
        "PRUSA_BINARY": install_fake_prusa(tmp_path / "bin"),
        "SANDBOX": "none",
        "SLICE_CONCURRENCY": "1",
        "QUEUE_PLACES": str(PLACES - 1),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, str(value))
    # This process is the tests' own: whoever is orphaned here is none of its business.
    monkeypatch.setattr("pricing_fdm.assembly.adopt_orphans", lambda: None)

    async def with_assembly(test: Callable[[Assembly], Awaitable[None]]) -> None:
        async with assemble(load_settings()) as assembly:
            await test(assembly)

    return lambda test: asyncio.run(with_assembly(test))


def said(assembly: Assembly) -> tuple[bool, str]:
    """What readiness says of the self-test."""
    [check] = [check for check in assembly.readiness.checks() if check.name == SELF_TEST]
    return check.ok, check.detail


def test_a_full_queue_says_nothing_of_the_slicer(run: Callable[..., None]) -> None:
    """Neither before the first good self-test nor after it."""

    async def story(assembly: Assembly) -> None:
        with contextlib.ExitStack() as quotes:
            for _ in range(PLACES):
                quotes.enter_context(assembly.admission.place())
            assert (await assembly.prove()).proof is Proof.UNDECIDED
            ok, detail = said(assembly)
            assert not ok
            assert "queue_full" in detail
        assert (await assembly.prove()).proof is Proof.GOOD
        proved = said(assembly)
        assert proved[0]
        with contextlib.ExitStack() as quotes:
            for _ in range(PLACES):
                quotes.enter_context(assembly.admission.place())
            assert (await assembly.prove()).proof is Proof.UNDECIDED
        assert said(assembly) == proved

    run(story)


def test_a_slicer_that_fails_at_the_cube_has_failed(
    run: Callable[..., None], tmp_path: Path
) -> None:
    """By a crash, by a refusal, and by figures that cannot be."""

    async def story(assembly: Assembly) -> None:
        for behaviour in (
            {"crash_signal": "SIGSEGV"},
            {"exit_code": 1, "stderr": "No layers were detected."},
            {"gcode_says": {"estimated printing time (normal mode)": "3s"}},
        ):
            install_fake_prusa(tmp_path / "bin", **behaviour)
            assert (await assembly.prove()).proof is Proof.FAILED
            assert not said(assembly)[0]

    run(story)


def test_a_fault_of_our_own_is_told_and_does_not_count(
    run: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the disk says besides `full`: the slicer has not been asked."""

    async def story(assembly: Assembly) -> None:
        assert (await assembly.prove()).proof is Proof.GOOD
        monkeypatch.setattr("pricing_fdm.health.self_test._cube", _unreadable)
        assert (await assembly.prove()).proof is Proof.UNDECIDED
        ok, detail = said(assembly)
        assert not ok
        assert "Input/output error" in detail

    run(story)


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
