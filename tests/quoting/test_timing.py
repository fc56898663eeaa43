"""Where the time of a quote went must be the whole time, and told to everybody who waits."""

from __future__ import annotations

import time

import pytest

from pricing_fdm.quoting.timing import Stage, StageTimer


def went_through(*stages: Stage) -> StageTimer:
    clock = StageTimer()
    for stage in stages:
        clock.enter(stage)
        time.sleep(0.001)
    return clock


def test_the_stages_add_up_to_the_total() -> None:
    """An operator who looks for the time must not find a hole."""
    clock = went_through(*Stage)
    clock.stop()
    timing_ms = clock.timing_ms()
    total_ms = timing_ms.pop("total")
    assert list(timing_ms) == [stage.value for stage in Stage]
    assert sum(timing_ms.values()) == pytest.approx(total_ms)
    assert min(timing_ms.values()) >= 1


def test_the_first_stage_begins_with_the_clock() -> None:
    """Reading the request is part of getting the model."""
    clock = StageTimer()
    time.sleep(0.002)
    clock.enter(Stage.DOWNLOAD)
    assert clock.timing_ms()["download"] >= 2
    assert clock.stage_timings()[0].start_ns == clock.total().start_ns


def test_a_stopped_clock_stands_still() -> None:
    """Body, log and metric of one quote tell the same times."""
    clock = went_through(Stage.DOWNLOAD, Stage.INSPECT)
    clock.stop()
    before = clock.timing_ms()
    time.sleep(0.002)
    clock.stop(failed=True)
    assert clock.timing_ms() == before
    assert not clock.stage_timings()[-1].failed


def test_only_the_last_stage_can_have_failed() -> None:
    """The others were left in order."""
    clock = went_through(Stage.DOWNLOAD, Stage.INSPECT, Stage.SLICE)
    clock.stop(failed=True)
    assert [lap.failed for lap in clock.stage_timings()] == [False, False, True]


def test_a_clock_that_entered_nothing_has_a_total_only() -> None:
    """A request that is refused before its model is asked for."""
    clock = StageTimer()
    clock.stop(failed=True)
    assert clock.stage_timings() == ()
    assert list(clock.timing_ms()) == ["total"]


def test_a_stage_that_is_entered_twice_is_one() -> None:
    """Whoever joins a slice in its first stage has just entered that himself."""
    told: list[Stage] = []
    clock = StageTimer(told.append)
    for stage in (Stage.DOWNLOAD, Stage.INSPECT, Stage.INSPECT, Stage.SLICE):
        clock.enter(stage)
    assert told == [Stage.DOWNLOAD, Stage.INSPECT, Stage.SLICE]
    assert len(clock.stage_timings()) == 3


def test_forks_go_on_where_the_first_one_stands_and_share_what_was_before() -> None:
    """Several works on one model: one download, and then each has its own times."""
    clock = went_through(Stage.DOWNLOAD, Stage.INSPECT)
    one, other = clock.fork(), clock.fork()
    assert clock.forks == (one, other)
    one.enter(Stage.SLICE)
    one.stop()
    clock.stop(failed=True)
    assert [lap.name for lap in clock.stage_timings()] == ["download"]
    assert list(clock.timing_ms()) == ["download", "total"]
    assert [lap.name for lap in one.stage_timings()] == ["download", "inspect", "slice"]
    assert [lap.name for lap in one.own_stage_timings()] == ["inspect", "slice"]
    assert [(lap.name, lap.failed) for lap in other.own_stage_timings()] == [("inspect", True)]
    assert one.total().start_ns == clock.total().start_ns
    assert one.total().end_ns < other.total().end_ns <= clock.total().end_ns


def test_a_stage_that_was_entered_again_counts_with_both_its_laps() -> None:
    """One of several works waits for its turn before it begins, and for a slot afterwards."""
    clock = went_through(Stage.DOWNLOAD, Stage.QUEUE, Stage.INSPECT, Stage.QUEUE, Stage.SLICE)
    clock.stop()
    timing_ms = clock.timing_ms()
    assert timing_ms["queue"] >= 2
    assert timing_ms.pop("total") == pytest.approx(sum(timing_ms.values()))
