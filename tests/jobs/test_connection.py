from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import redis

from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs.connection import Scripts, answer_of, connect
from tests.harness.redis_server import running_redis
from tests.jobs.desk import REQUEST, Desk, at_desk, desk


def test_a_cancelled_command_leaves_no_reply_for_the_next_j5(redis_url: str) -> None:
    """J5 (CVE-2023-28858): callers hang up in the middle of a command, a thousand times."""

    async def story(desk: Desk) -> None:
        dice = random.Random(5)
        for number in range(200):
            await desk.redis.set(f"key {number}", f"value {number}")
        cancelled = 0

        async def ask(number: int) -> None:
            assert await desk.redis.get(f"key {number}") == f"value {number}"

        while cancelled < 1000:
            asking = [asyncio.create_task(ask(dice.randrange(200))) for _ in range(20)]
            for _ in range(dice.randrange(6)):
                await asyncio.sleep(0)
            for task in asking[::2]:
                task.cancel()
            results = await asyncio.gather(*asking, return_exceptions=True)
            cancelled += sum(isinstance(each, asyncio.CancelledError) for each in results)
            assert [each for each in results if isinstance(each, Exception)] == []
        for number in range(200):
            await ask(number)

    at_desk(redis_url, story)


def test_every_script_of_the_folder_is_valid(redis_url: str) -> None:
    """Lua is compiled by Redis, at the first call and in production."""

    async def story(desk: Desk) -> None:
        scripts = Scripts(desk.redis)
        folder = Path(__file__).parents[2] / "src/pricing_fdm/jobs/lua"
        names = {path.stem for path in folder.glob("*.lua")} - {"common"}
        assert set(scripts._scripts) == names
        for script in scripts._scripts.values():
            await desk.redis.script_load(script.script)

    at_desk(redis_url, story)


def test_nobody_there_is_an_error_of_ours_j4(tmp_path: Path) -> None:
    """J4: 503 with the time to come back; the address, which may hold a password, is not shown."""

    async def story() -> QueueUnavailable:
        async with desk(f"unix://user:hunter2@{tmp_path}/none.sock") as opened:
            with pytest.raises(QueueUnavailable) as refusal:
                await opened.store.submit(REQUEST)
            return refusal.value

    error = asyncio.run(story())
    assert error.retry_after_s > 0
    assert "hunter2" not in f"{error.detail} {error.log_detail}"
    assert str(tmp_path) not in error.detail


def test_it_works_again_when_redis_is_back_j4() -> None:
    """J4: no connection that died with the old server stands in the way of the first command."""
    with running_redis(keeps=True) as server:

        async def story(desk: Desk) -> None:
            job_id = await desk.submit()
            server.stop(signal.SIGTERM)
            for ask in (desk.store.counts, desk.submit, lambda: desk.store.read(job_id)):
                with pytest.raises(QueueUnavailable):
                    await ask()
            server.start()
            assert await desk.lane() == [job_id]
            await desk.submit()

        at_desk(server.new_url(), story)


def test_commands_beyond_the_connections_wait_for_one(redis_url: str) -> None:
    """The library's own pool refuses the hundred-and-first, as if Redis were away."""

    async def story() -> None:
        async with connect(redis_url) as client, connect(redis_url) as onlooker:
            waiting = [
                asyncio.create_task(answer_of(client.blpop([f"list {number}"], timeout=0.3)))
                for number in range(250)
            ]
            most = 0
            while not all(task.done() for task in waiting):
                most = max(most, len(await onlooker.client_list(_type="normal")))
                await asyncio.sleep(0.02)
            assert [task.result() for task in waiting] == [None] * 250
        assert most <= 40, "32, the onlooker, and those of other tests"

    asyncio.run(story())


def test_a_fault_of_ours_is_not_taken_for_an_outage(redis_url: str) -> None:
    """It would be repeated for ever."""

    async def story() -> None:
        async with connect(redis_url) as client:
            await client.set("text", "x")
            with pytest.raises(Exception, match="WRONGTYPE"):
                await answer_of(client.lpush("text", "y"))

    asyncio.run(story())


async def sent() -> str:
    """A command that was sent at the moment of its cancellation."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(3600)
    return "sent"


async def lost() -> str:
    """A command that lost its connection at the moment of its cancellation."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(3600)
    raise redis.ConnectionError("lost")


@pytest.mark.parametrize("command", [sent, lost])
def test_a_cancellation_that_the_library_forgets_is_not_forgotten(
    command: Callable[[], Awaitable[str]],
) -> None:
    """J5: a task that goes on after its end was asked for holds its job for ever."""

    async def story() -> None:
        task = asyncio.create_task(answer_of(command()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(story())


def test_a_task_that_talks_to_redis_ends_at_the_first_cancellation_j5(redis_url: str) -> None:
    """J5: one that a command swallowed kept a worker's slot for ever."""

    async def story(desk: Desk) -> None:
        attempt = await desk.begin(await desk.submit())
        reported: list[object] = []
        supervisor = Supervisor(lambda _, error: reported.append(error))

        async def tell() -> None:
            while True:
                await desk.attempts.progress(attempt, 1, "slice")
                await asyncio.sleep(3600)

        for number in range(300):
            async with supervisor.running(BackgroundTask.JOB_PROGRESS, tell, end_s=30):
                for _ in range(number % 12):
                    await asyncio.sleep(0)
            assert reported == []

    at_desk(redis_url, story)
