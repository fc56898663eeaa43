"""Equal work at the same time is done once, and belongs to nobody who may leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.quoting.single_flight import Broadcast, SingleFlight
from pricing_fdm.quoting.timing import ProgressListener, Stage, StageTimer


class Work:
    """Something slow that ends when it is told to.

    Attributes:
        begun: How often it was begun.
        stopped: How often it was cancelled and had cleaned up.
    """

    def __init__(self, error: Exception | None = None) -> None:
        self.begun = self.stopped = 0
        self.may_end = asyncio.Event()
        self._error = error

    async def __call__(self, listener: ProgressListener) -> int:
        self.begun += 1
        number = self.begun
        listener.enter(Stage.SLICE)
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)  # cleaning up takes a while
            self.stopped += 1
            raise
        if self._error is not None:
            raise self._error
        return number


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_those_who_ask_at_the_same_time_share_one_work() -> None:
    """Five equal requests cost one slice."""

    async def test() -> None:
        flights, work = SingleFlight[int](), Work()
        clocks = [StageTimer() for _ in range(5)]
        tasks = [asyncio.create_task(flights.run("a", clock, work)) for clock in clocks]
        await turns()
        assert "a" in flights
        work.may_end.set()
        assert await asyncio.gather(*tasks) == [1] * 5
        assert all([lap.name for lap in clock.stage_timings()] == ["slice"] for clock in clocks)
        await turns()
        assert "a" not in flights

    run(test)


def test_other_keys_and_later_callers_have_work_of_their_own() -> None:
    """Nothing is remembered here: that is the memory's."""

    async def test() -> None:
        flights, work = SingleFlight[int](), Work()
        work.may_end.set()
        both = [flights.run(key, StageTimer(), work) for key in ("a", "b")]
        assert sorted(await asyncio.gather(*both)) == [1, 2]
        assert await flights.run("a", StageTimer(), work) == 3

    run(test)


@pytest.mark.parametrize("who", [0, 1], ids=["the one who began it", "one who joined"])
def test_one_who_leaves_does_not_fail_the_others(who: int) -> None:
    """He hung up; they did not."""

    async def test() -> None:
        flights, work = SingleFlight[int](), Work()
        tasks = [asyncio.create_task(flights.run("a", StageTimer(), work)) for _ in range(2)]
        await turns()
        tasks[who].cancel()
        await turns()
        assert tasks[who].cancelled()
        work.may_end.set()
        assert await tasks[1 - who] == 1
        assert (work.begun, work.stopped) == (1, 0)

    run(test)


def test_when_the_last_one_leaves_the_work_is_stopped_and_has_cleaned_up() -> None:
    """Nothing stays behind that nobody waits for."""

    async def test() -> None:
        flights, work = SingleFlight[int](), Work()
        tasks = [asyncio.create_task(flights.run("a", StageTimer(), work)) for _ in range(2)]
        await turns()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert work.stopped == 1
        assert "a" not in flights

    run(test)


def test_who_comes_while_it_is_being_stopped_begins_anew() -> None:
    """He must not be handed somebody else's cancellation."""

    async def test() -> None:
        flights, work = SingleFlight[int](), Work()
        leaver = asyncio.create_task(flights.run("a", StageTimer(), work))
        await turns()
        leaver.cancel()
        await turns(2)
        work.may_end.set()
        assert await flights.run("a", StageTimer(), work) == 2
        await asyncio.wait([leaver])
        assert work.stopped == 1

    run(test)


def test_a_failure_is_told_to_everybody_and_not_kept() -> None:
    """The next one may have more luck."""

    async def test() -> None:
        flights, work = SingleFlight[int](), Work(ModelInvalid("It is open."))
        work.may_end.set()
        tasks = [flights.run("a", StageTimer(), work) for _ in range(3)]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [ModelInvalid] * 3
        with pytest.raises(ModelInvalid):
            await flights.run("a", StageTimer(), work)
        assert work.begun == 2

    run(test)


def test_a_late_listener_hears_which_stage_has_begun() -> None:
    """And one that was taken away hears nothing more."""
    percents: list[int] = []
    early, late = StageTimer(), StageTimer(on_progress=percents.append)
    broadcast = Broadcast()
    assert broadcast.is_empty
    broadcast.add(early)
    broadcast.enter(Stage.INSPECT)
    broadcast.enter(Stage.SLICE)
    broadcast.add(late)
    broadcast.progress(40)
    broadcast.remove(early)
    broadcast.enter(Stage.EXTRACT)
    assert [lap.name for lap in early.stage_timings()] == ["inspect", "slice"]
    assert [lap.name for lap in late.stage_timings()] == ["slice", "extract"]
    assert percents == [40]
