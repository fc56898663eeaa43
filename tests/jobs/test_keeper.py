from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.jobs.keeper import KEEPER_END_S, Keeper
from pricing_fdm.jobs.record import Job, QueueCounts
from tests.harness.redis_server import running_redis
from tests.jobs.desk import Desk, at_desk

HOOK = "https://caller.example/hook"


class Hook:
    """Receivers that take a callback or not; notes what they were sent."""

    def __init__(
        self, *, takes: bool = True, hangs: bool = False, fault: Exception | None = None
    ) -> None:
        self.got: list[tuple[str, Job]] = []
        self.go_on = asyncio.Event()
        if not hangs:
            self.go_on.set()
        self._takes = takes
        self._fault = fault

    async def deliver(self, url: str, job: Job) -> bool:
        self.got.append((url, job))
        await self.go_on.wait()
        if self._fault:
            fault, self._fault = self._fault, None
            raise fault
        return self._takes


async def keep_until(desk: Desk, hook: Hook | None, condition: Callable[[], object]) -> None:
    """Runs a keeper until something has happened."""
    ticks: list[QueueCounts | None] = []
    async with supervised(desk, hook, ticks), asyncio.timeout(60):
        while not (condition() and ticks):  # noqa: ASYNC110 - others change it
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def supervised(
    desk: Desk, hook: Hook | None, ticks: list[QueueCounts | None], *, deaths: int = 0
) -> AsyncIterator[None]:
    """Runs a keeper as a worker does; it must die so often."""
    died: list[BaseException] = []
    keeper = Keeper(
        attempts=desk.attempts,
        store=desk.store,
        worker_id="worker",
        alive_s=lambda: 60,
        deliver=hook.deliver if hook else None,
        on_tick=ticks.append,
    )
    supervisor = Supervisor(lambda _, error: died.append(error), pause_s=(0, 0))
    async with supervisor.running(BackgroundTask.QUEUE_KEEPER, keeper.keep, end_s=KEEPER_END_S):
        yield
    assert len(died) == deaths, died


def test_the_end_of_a_job_is_posted_once(redis_url: str) -> None:
    """With the job as it ended; then the address is deleted."""

    async def story(desk: Desk) -> None:
        job_id, hook = await desk.submit(callback_url=HOOK), Hook()
        await desk.attempts.complete(await desk.begin(job_id), {"total_usd": 1})
        await keep_until(desk, hook, lambda: hook.got)
        assert hook.got == [(HOOK, await desk.job(job_id))]
        assert await desk.redis.exists(f"pricing-fdm:callback:{job_id}", "pricing-fdm:calls") == 0

    at_desk(redis_url, story)


def test_a_receiver_that_refuses_is_asked_again_later(redis_url: str) -> None:
    """Ten seconds after the first try."""

    async def story(desk: Desk) -> None:
        job_id, hook = await desk.submit(callback_url=HOOK), Hook(takes=False)
        await desk.attempts.complete(await desk.begin(job_id), {})
        await keep_until(desk, hook, lambda: hook.got)
        due_s = await desk.redis.zscore("pricing-fdm:calls", job_id)
        assert due_s is not None
        assert 0 < due_s - (await desk.redis.time())[0] <= 11

    at_desk(redis_url, story)


def test_a_receiver_that_hangs_counts_as_one_that_refuses(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must not keep a worker from leaving."""
    monkeypatch.setattr("pricing_fdm.jobs.keeper._CALL_S", 0.1)

    async def story(desk: Desk) -> None:
        job_id, hook = await desk.submit(callback_url=HOOK), Hook(hangs=True)
        await desk.attempts.fail(await desk.begin(job_id), {}, dead=False)
        await keep_until(desk, hook, lambda: hook.got)
        assert await desk.redis.zscore("pricing-fdm:calls", job_id)

    at_desk(redis_url, story)


def test_a_callback_that_is_being_made_at_the_end_is_made(redis_url: str) -> None:
    """The worker leaves; its receiver has the message and is about to answer."""

    async def story(desk: Desk) -> None:
        job_id, hook = await desk.submit(callback_url=HOOK), Hook(hangs=True)
        await desk.attempts.complete(await desk.begin(job_id), {})
        loop = asyncio.get_running_loop()
        async with supervised(desk, hook, []), asyncio.timeout(60):
            while not hook.got:  # noqa: ASYNC110 - the keeper changes it
                await asyncio.sleep(0.01)
            loop.call_later(0.5, hook.go_on.set)
        assert hook.go_on.is_set()
        assert await desk.redis.exists(f"pricing-fdm:callback:{job_id}", "pricing-fdm:calls") == 0

    at_desk(redis_url, story)


def test_a_fault_in_a_callback_stops_no_other(redis_url: str) -> None:
    """It is reported, and the keeper keeps on."""

    async def story(desk: Desk) -> None:
        hook = Hook(fault=RuntimeError("a fault of ours"))
        async with supervised(desk, hook, [], deaths=1), asyncio.timeout(60):
            for number in (1, 2):
                job_id = await desk.submit(callback_url=HOOK)
                await desk.attempts.complete(await desk.begin(job_id), {})
                while len(hook.got) < number:  # noqa: ASYNC110 - the keeper changes it
                    await asyncio.sleep(0.01)

    at_desk(redis_url, story)


def test_a_worker_without_a_secret_leaves_callbacks_to_others(redis_url: str) -> None:
    """It could not sign them."""

    async def story(desk: Desk) -> None:
        job_id = await desk.submit(callback_url=HOOK)
        await desk.attempts.complete(await desk.begin(job_id), {})
        await keep_until(desk, None, lambda: True)
        claimed = await desk.attempts.claim_call()
        assert claimed is not None
        assert claimed.tries == 1

    at_desk(redis_url, story)


def test_it_goes_on_when_redis_is_back_j4() -> None:
    """J4: no tick is the last one."""
    with running_redis(keeps=True) as server:

        async def story(desk: Desk) -> None:
            ticks: list[QueueCounts | None] = []
            await desk.submit()
            async with supervised(desk, Hook(), ticks), asyncio.timeout(60):
                server.stop()
                while None not in ticks:  # noqa: ASYNC110 - the keeper changes it
                    await asyncio.sleep(0.01)
                server.start()
                while ticks[-1] is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert ticks[-1] == QueueCounts(unfinished=1, waiting=1, dead=0, workers=1)

        at_desk(server.new_url(), story)
