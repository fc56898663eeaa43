"""A file that brings the slicer down again and again is refused; nobody else is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricing_fdm.errors import (
    ModelExceedsBuildVolume,
    ModelUnsliceable,
    PricingError,
    ResultIncomplete,
    SlicerCrashed,
    SlicingTimeout,
)
from pricing_fdm.quoting.quarantine import Quarantine
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa, read_records
from tests.harness.service import RunningService, order, running_service
from tests.harness.shapes import binary_stl, box

CRASH = SlicerCrashed("The slicer crashed.")


class Clock:
    """Time that passes when a test says so."""

    now_s = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now_s


def fail(
    quarantine: Quarantine, sha256: str, failure: BaseException = CRASH, *, times: int = 1
) -> None:
    """Slices that end by `failure`."""
    for _ in range(times):
        with contextlib.suppress(type(failure)), quarantine.watch(sha256):
            raise failure


def is_refused(quarantine: Quarantine, sha256: str) -> bool:
    """Whether the file may not be tried."""
    try:
        quarantine.raise_if_held(sha256)
    except ModelUnsliceable:
        return True
    return False


@pytest.mark.parametrize(
    "failure",
    [CRASH, SlicingTimeout("Too slow."), ResultIncomplete("Nothing there.")],
    ids=["crash", "timeout", "no result"],
)
def test_a_file_that_failed_twice_is_refused_and_others_are_not_c11(
    failure: PricingError,
) -> None:
    """C11: once may be bad luck."""
    quarantine = Quarantine(remember_s=600)
    fail(quarantine, "bad", failure)
    assert not is_refused(quarantine, "bad")
    fail(quarantine, "bad", failure)
    assert is_refused(quarantine, "bad")
    assert not is_refused(quarantine, "good")
    assert quarantine.refusals == 1


def test_the_refusal_says_why_for_how_long_and_what_to_do() -> None:
    """The caller would otherwise send the same file with other settings."""
    clock = Clock()
    quarantine = Quarantine(remember_s=600, clock=clock)
    fail(quarantine, "bad", times=2)
    clock.now_s += 130
    with pytest.raises(ModelUnsliceable) as refusal:
        quarantine.raise_if_held("bad")
    for text in ("twice", "any settings", "8 min", "send the new file"):
        assert text in refusal.value.detail
    assert "bad" in str(refusal.value.log_detail)


@pytest.mark.parametrize(
    "failure",
    [
        ModelUnsliceable("Too thin."),
        ModelExceedsBuildVolume("Too large."),
        asyncio.CancelledError(),
        KeyboardInterrupt(),
        OSError("disk"),
    ],
    ids=["refusal", "too large", "caller left or shutdown", "Ctrl-C", "our disk"],
)
def test_what_is_not_the_slicer_s_failure_is_not_held_against_the_file(
    failure: BaseException,
) -> None:
    """A deployment that restarts twice must not lock its customers out."""
    quarantine = Quarantine(remember_s=600)
    fail(quarantine, "file", failure, times=5)
    assert not is_refused(quarantine, "file")


def test_a_success_clears_what_was_held_against_the_file() -> None:
    """Its crash was bad luck then, and the next one is the first again."""
    quarantine = Quarantine(remember_s=600)
    fail(quarantine, "file")
    with quarantine.watch("file"):
        pass
    fail(quarantine, "file")
    assert not is_refused(quarantine, "file")


def test_after_the_time_the_file_gets_two_new_tries() -> None:
    """A slicer may have been mended meanwhile; refusals do not prolong the time."""
    clock = Clock()
    quarantine = Quarantine(remember_s=600, clock=clock)
    fail(quarantine, "bad", times=2)
    clock.now_s += 599
    assert is_refused(quarantine, "bad")
    clock.now_s += 1
    assert not is_refused(quarantine, "bad")
    fail(quarantine, "bad")
    assert not is_refused(quarantine, "bad")


def test_two_failures_far_apart_are_not_two_in_a_row() -> None:
    """A model of every day that met two bad moments in a year."""
    clock = Clock()
    quarantine = Quarantine(remember_s=600, clock=clock)
    for _ in range(3):
        fail(quarantine, "file")
        clock.now_s += 600
    assert not is_refused(quarantine, "file")


def test_a_request_that_waited_is_refused_when_others_have_failed_meanwhile() -> None:
    """Twenty copies of a bad file that wait for a slot cost two slices and not twenty."""
    quarantine = Quarantine(remember_s=600)
    fail(quarantine, "bad", times=2)
    with pytest.raises(ModelUnsliceable), quarantine.watch("bad"):
        pytest.fail("it was sliced")


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    """A million different bad files must not fill the service."""
    quarantine = Quarantine(remember_s=600, most_files=3)
    for sha256 in ("a", "b", "c", "a", "b", "d"):
        fail(quarantine, sha256)
    fail(quarantine, "c")
    assert [is_refused(quarantine, sha256) for sha256 in ("a", "b", "c")] == [False, True, False]


def test_zero_seconds_turns_it_off() -> None:
    """An operator who debugs a crash repeats it."""
    quarantine = Quarantine(remember_s=0)
    fail(quarantine, "bad", times=9)
    assert not is_refused(quarantine, "bad")


def test_all_is_forgotten_when_the_slicer_was_at_fault() -> None:
    """A slicer that fails at a plain cube says nothing about the files it failed at."""
    quarantine = Quarantine(remember_s=600)
    fail(quarantine, "bad", times=2)
    quarantine.forget_all()
    assert not is_refused(quarantine, "bad")


@pytest.fixture
def crashing(origin: Origin, tmp_path: Path) -> Iterator[RunningService]:
    """A service whose slicer crashes at all but its first run, which is the self-test."""
    binary = install_fake_prusa(tmp_path / "bin")
    environment = {**origin.environment, "PRUSA_BINARY": str(binary), "SELF_TEST_RETRY_SECS": "60"}
    with running_service(environment) as service:
        install_fake_prusa(
            tmp_path / "bin", crash_signal="SIGSEGV", record_to=tmp_path / "seen", stage="slicing"
        )
        yield service


def test_the_third_request_is_refused_without_a_slice_c11(
    crashing: RunningService, origin: Origin, tmp_path: Path
) -> None:
    """C11 end to end: other settings and another URL do not help, other bytes do."""
    content = binary_stl(box(20, 20, 20))
    urls = [origin.serve(f"quarantine-{number}.stl", content) for number in range(3)]
    answers = [
        crashing.post(order(url, infill=infill))
        for url, infill in zip(urls, (20, 30, 40), strict=True)
    ]
    assert [answer.status_code for answer in answers] == [500, 500, 422]
    assert answers[2].json()["code"] == "model_unsliceable"
    assert "twice" in answers[2].json()["detail"]
    assert len(read_records(tmp_path / "seen")) == 2
    assert "pricing_fdm_poison_refusals_total 1.0" in crashing.get("/metrics").text
    install_fake_prusa(tmp_path / "bin")
    other = origin.serve("quarantine-other.stl", binary_stl(box(20, 20, 21)))
    assert crashing.post(order(other)).status_code == 200


def test_a_broken_slicer_does_not_lock_good_files_out(
    crashing: RunningService, origin: Origin, tmp_path: Path
) -> None:
    """The third crash raises doubt, the self-test fails, and so the files were not at fault."""
    bad = origin.serve("innocent.stl", binary_stl(box(20, 20, 22)))
    another = origin.serve("innocent-too.stl", binary_stl(box(20, 20, 23)))
    for url in (bad, bad, another):
        assert crashing.post(order(url)).status_code == 500
    crashing.event("self_test_finished", ready=False)
    install_fake_prusa(tmp_path / "bin")
    assert crashing.post(order(bad)).status_code == 200
