"""A bounded queue answers at once; an unlimited one makes every caller wait until he gives up."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from pricing_fdm.errors import Draining, QueueFull, QueueTimeout
from pricing_fdm.quoting.admission import Admission, SlotDeadline


def test_request_after_the_last_place_is_refused_at_once_with_a_time_to_come_back_d2() -> None:
    """D2: 503 with Retry-After, before anything was downloaded."""
    admission = Admission(slots=1, places=2, wait_s=1)
    with contextlib.ExitStack() as inside:
        for _ in range(3):
            inside.enter_context(admission.place())
        with pytest.raises(QueueFull) as refused, admission.place():
            pass
        assert refused.value.retry_after_s >= 1
    with admission.place():
        assert admission.admitted == 1


def test_never_more_than_the_slots_slice_and_all_counters_return_d1() -> None:
    """D1: 200 requests against 2 slots and 4 places, with failures and cancellations among them."""

    async def run() -> tuple[int, int, Admission]:
        admission = Admission(slots=2, places=4, wait_s=30)
        most_slicing = most_admitted = 0

        async def request(number: int) -> None:
            nonlocal most_slicing, most_admitted
            with contextlib.suppress(QueueFull, ZeroDivisionError), admission.place():
                most_admitted = max(most_admitted, admission.admitted)
                with await admission.take_slot():
                    most_slicing = max(most_slicing, admission.slicing)
                    await asyncio.sleep(0.001 * (number % 3))
                    if number % 5 == 0:
                        raise ZeroDivisionError

        tasks = []
        for number in range(200):
            tasks.append(asyncio.create_task(request(number)))
            await asyncio.sleep(0)
            if number % 7 == 0:
                tasks[-1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return most_slicing, most_admitted, admission

    most_slicing, most_admitted, admission = asyncio.run(run())
    assert most_slicing == 2
    assert most_admitted <= 6
    assert (admission.slicing, admission.admitted) == (0, 0)


def test_first_come_is_first_served_d4() -> None:
    """D4: 100 requests get the slot in the order in which they asked for it."""

    async def run() -> list[int]:
        admission = Admission(slots=1, places=200, wait_s=30)
        served: list[int] = []

        async def request(number: int) -> None:
            with await admission.take_slot():
                served.append(number)
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            for number in range(100):
                group.create_task(request(number))
        return served

    assert asyncio.run(run()) == list(range(100))


def test_waiting_for_a_slot_is_bounded_and_the_leaver_leaves_nothing_d3() -> None:
    """D3: the one who waited too long is told so, and the slot goes to the next."""

    async def run() -> Admission:
        admission = Admission(slots=1, places=2, wait_s=0.02)
        with await admission.take_slot() as slot:
            assert slot.number == 0
            with pytest.raises(QueueTimeout) as late:
                await admission.take_slot()
            assert late.value.retry_after_s >= 1
        with await admission.take_slot():
            assert admission.slicing == 1
        return admission

    assert asyncio.run(run()).slicing == 0


def test_a_request_that_has_had_a_slot_waits_for_the_next_as_long_as_it_takes() -> None:
    """Half of the prices that somebody asked for are of no use to him."""

    async def run() -> None:
        admission = Admission(slots=2, places=2, wait_s=0.05)
        deadline = admission.slot_deadline()
        with await admission.take_slot():
            first = await admission.take_slot(deadline)
            second = asyncio.create_task(admission.take_slot(deadline))
            await asyncio.sleep(0.2)
            assert not second.done()
            with first:
                pass
            with await second:
                assert admission.slicing == 2

    asyncio.run(run())


def test_whoever_already_waits_for_the_same_request_goes_on_waiting() -> None:
    """His limit was set before the other one of the request was served."""

    async def run() -> None:
        admission = Admission(slots=2, places=2, wait_s=0.2)
        deadline = admission.slot_deadline()
        one, another = await admission.take_slot(), await admission.take_slot()
        waiting = [asyncio.create_task(admission.take_slot(deadline)) for _ in range(2)]
        await asyncio.sleep(0)
        with one:
            pass
        await asyncio.sleep(0.4)
        assert [task.done() for task in waiting] == [True, False]
        with another:
            pass
        for task in waiting:
            with await task:
                pass

    asyncio.run(run())


def test_a_request_that_was_served_nothing_waits_once_and_not_for_each_slot() -> None:
    """Its limit is one: fifty slots would otherwise be waited for one after another."""

    async def run() -> float:
        admission = Admission(slots=1, places=2, wait_s=0.2)
        deadline, began = admission.slot_deadline(), asyncio.get_running_loop().time()
        with await admission.take_slot():
            for _ in range(50):
                with pytest.raises(QueueTimeout):
                    await admission.take_slot(deadline)
        with await admission.take_slot(deadline):  # one that is free is never refused
            return asyncio.get_running_loop().time() - began

    assert 0.2 <= asyncio.run(run()) < 8


def test_a_slot_that_comes_with_the_end_of_the_deadline_does_not_fail_its_siblings() -> None:
    """Both happen in the same turn of the loop; the limit has struck already."""

    async def run() -> None:
        deadline = SlotDeadline(0)

        async def sibling() -> None:
            async with deadline.limit():
                asyncio.get_running_loop().call_soon(deadline.lift)  # after the limit has struck
                await asyncio.Event().wait()

        with pytest.raises(TimeoutError):
            await sibling()
        async with deadline.limit():
            await asyncio.sleep(0.01)

    asyncio.run(run())


def test_slots_have_numbers_so_that_each_can_have_its_own_core() -> None:
    """Two one-core slices on the same core would take twice as long."""

    async def run() -> list[int]:
        admission = Admission(slots=2, places=2, wait_s=1)
        with await admission.take_slot() as first, await admission.take_slot() as second:
            numbers = [first.number, second.number]
        with await admission.take_slot() as again:
            return [*numbers, again.number]

    assert asyncio.run(run()) == [0, 1, 0]


def test_a_leaving_service_admits_nobody() -> None:
    """A balancer sends the request to another instance."""
    admission = Admission(slots=1, places=1, wait_s=1)
    with admission.place():
        admission.drain()
        assert admission.draining
        with pytest.raises(Draining), admission.place():
            pass


def test_closing_wakes_those_who_still_wait() -> None:
    """At the end of the grace, running quotes are answered instead of cut."""

    async def run() -> bool:
        admission = Admission(slots=1, places=1, wait_s=1)
        waiting = asyncio.create_task(admission.until_closed())
        await asyncio.sleep(0)
        assert not waiting.done()
        admission.close()
        await asyncio.wait_for(waiting, 5)
        return admission.draining

    assert asyncio.run(run())


def test_time_to_come_back_grows_with_the_queue_and_stays_within_a_minute() -> None:
    """Requests inside x median slice time / slots, between 1 and 60 s."""
    admission = Admission(slots=2, places=400, wait_s=1)
    assert admission.retry_after_s() == 1
    with contextlib.ExitStack() as inside:
        for _ in range(8):
            inside.enter_context(admission.place())
        assert admission.retry_after_s() == 20  # 8 x the first guess of 5 s / 2
        for _ in range(200):
            inside.enter_context(admission.place())
        assert admission.retry_after_s() == 60


def test_time_to_come_back_follows_the_slices_that_were_made() -> None:
    """After fast slices the guess of 5 s no longer counts."""

    async def run() -> int:
        admission = Admission(slots=1, places=100, wait_s=1)
        for _ in range(3):
            with await admission.take_slot():
                pass
        with contextlib.ExitStack() as inside:
            for _ in range(50):
                inside.enter_context(admission.place())
            return admission.retry_after_s()

    assert asyncio.run(run()) == 1
