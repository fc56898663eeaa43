"""Work that must not be abandoned is seen through, however often its caller is cancelled."""

from __future__ import annotations

import asyncio
import threading

import pytest

from pricing_fdm.concurrency.completion import complete, complete_in_thread


def test_result_and_error_pass_through() -> None:
    """Without cancellation nothing is different from a plain await."""

    async def good() -> int:
        return 7

    async def bad() -> int:
        raise ValueError("no")

    async def run() -> None:
        assert await complete(good()) == 7
        with pytest.raises(ValueError, match="no"):
            await complete(bad())

    asyncio.run(run())


@pytest.mark.parametrize("fails", [False, True], ids=["work succeeds", "work fails"])
def test_cancellation_is_raised_only_after_the_work_has_ended(fails: bool) -> None:
    """A folder is deleted as soon as the caller goes on; the work must be over by then."""
    events: list[str] = []

    async def work(may_end: asyncio.Event) -> None:
        await may_end.wait()
        events.append("work ended")
        if fails:
            raise ValueError

    async def run() -> None:
        may_end = asyncio.Event()
        task = asyncio.create_task(complete(work(may_end)))
        for _ in range(3):  # more than once
            await asyncio.sleep(0)
            task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        events.append("caller goes on")

    asyncio.run(run())
    assert events == ["work ended", "caller goes on"]


def test_a_thread_is_waited_for_too() -> None:
    """A thread cannot be cancelled; it would go on writing into a deleted folder."""
    started, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work(number: int) -> int:
        started.set()
        may_end.wait(30)
        ended.set()
        return number

    async def run() -> None:
        task = asyncio.create_task(complete_in_thread(work, 5))
        await asyncio.to_thread(started.wait, 30)
        task.cancel()
        await asyncio.sleep(0)
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()
        assert await complete_in_thread(work, 5) == 5

    asyncio.run(run())
