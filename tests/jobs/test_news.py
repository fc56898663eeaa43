"""Whoever listens for a job hears of every step over one subscription, whatever Redis does."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.concurrency.supervisor import BackgroundTask, Supervisor
from pricing_fdm.errors import QueueUnavailable
from pricing_fdm.jobs import broadcast as broadcast_module
from pricing_fdm.jobs.broadcast import JobBroadcast
from pricing_fdm.jobs.news import RedisNews
from pricing_fdm.jobs.record import Job, JobState
from tests.harness.redis_server import running_redis
from tests.jobs.desk import Desk, at_desk, desk

PATIENCE_S = 60
UNKNOWN = "7b0c36a2-8a1f-4a0c-9f5e-000000000000"


@contextlib.asynccontextmanager
async def broadcasting(desk: Desk) -> AsyncIterator[JobBroadcast]:
    """What a gateway keeps running, and that it never failed."""
    failures: list[BaseException] = []
    broadcast = JobBroadcast(desk.store)
    supervisor = Supervisor(lambda _, error: failures.append(error))
    async with (
        asyncio.timeout(PATIENCE_S),
        supervisor.running(BackgroundTask.JOB_NEWS, RedisNews(desk.redis, broadcast).run),
    ):
        yield broadcast
    assert failures == []


def at(url: str, story: Callable[[Desk, JobBroadcast], Awaitable[None]], **options: Any) -> None:
    """Runs a test's story."""

    async def run(desk: Desk) -> None:
        async with broadcasting(desk) as broadcast:
            await story(desk, broadcast)

    at_desk(url, run, **options)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing comes unasked: what is heard in this test, Redis has told."""
    monkeypatch.setattr(broadcast_module, "_KEEP_ALIVE_S", 3600)


async def subscribed(desk: Desk) -> None:
    """Returns when the broadcast listens to Redis."""
    while not await desk.redis.pubsub_numpat():  # noqa: ASYNC110 - Redis changes it
        await asyncio.sleep(0.01)


async def heard(changes: AsyncIterator[Job | QueueUnavailable | None]) -> list[Job]:
    """All that is told of the job until the end."""
    return [change async for change in changes if isinstance(change, Job)]


@pytest.mark.usefixtures("patient")
def test_a_listener_hears_of_every_step_and_of_the_end(redis_url: str) -> None:
    """What the events of the page are made of."""

    async def story(desk: Desk, broadcast: JobBroadcast) -> None:
        job_id = await desk.submit()
        await subscribed(desk)
        told: asyncio.Queue[Job] = asyncio.Queue()

        async def listen() -> None:
            async for change in broadcast.changes(job_id):
                if isinstance(change, Job):
                    told.put_nowait(change)

        listening = asyncio.create_task(listen())
        assert (await told.get()).state is JobState.QUEUED
        attempt = await desk.begin(job_id)
        assert (await told.get()).state is JobState.PROCESSING
        await desk.attempts.progress(attempt, 42, "slice")
        assert (await told.get()).progress == 42
        await desk.attempts.complete(attempt, {"total_usd": 9.9})
        assert (await told.get()).result == {"total_usd": 9.9}
        await listening

    at(redis_url, story)


@pytest.mark.usefixtures("patient")
def test_a_hundred_listeners_share_one_subscription(redis_url: str) -> None:
    """Each had a connection of its own: a hundred took all, and the queue had none."""

    async def story(desk: Desk, broadcast: JobBroadcast) -> None:
        ids = [await desk.submit() for _ in range(10)]
        await subscribed(desk)
        before = await desk.redis.pubsub_numpat()
        listening = [
            asyncio.create_task(heard(broadcast.changes(ids[number % 10]))) for number in range(100)
        ]
        for job_id in ids:
            await desk.attempts.complete(await desk.begin(job_id), {"of": job_id})
        for number, task in enumerate(listening):
            jobs = await task
            assert jobs[-1].result == {"of": ids[number % 10]}
        assert await desk.redis.pubsub_numpat() == before
        assert [await desk.redis.pubsub_numsub(f"pricing-fdm:news:{i}") for i in ids] == [
            [(f"pricing-fdm:news:{i}", 0)] for i in ids
        ]

    at(redis_url, story)


def test_listening_to_a_job_that_has_ended_tells_the_end_and_stops(redis_url: str) -> None:
    """The page may be opened when all is over; an unknown job has nothing to tell."""

    async def story(desk: Desk, broadcast: JobBroadcast) -> None:
        job_id = await desk.submit()
        await desk.attempts.fail(await desk.begin(job_id), {"code": "x"}, dead=False)
        assert [job.problem for job in await heard(broadcast.changes(job_id))] == [{"code": "x"}]
        assert await heard(broadcast.changes(UNKNOWN)) == []

    at(redis_url, story)


def test_listeners_who_leave_leave_nothing_behind(redis_url: str) -> None:
    """Pages are closed at any moment."""

    async def story(desk: Desk, broadcast: JobBroadcast) -> None:
        job_id = await desk.submit()
        for _ in range(50):
            async with aclosing(broadcast.changes(job_id)) as changes:
                await anext(changes)
        assert broadcast._listeners == {}

    at(redis_url, story)


def test_something_comes_when_nothing_happens(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxies close what is silent for half a minute."""
    monkeypatch.setattr(broadcast_module, "_KEEP_ALIVE_S", 0.01)

    async def story(desk: Desk, broadcast: JobBroadcast) -> None:
        async with aclosing(broadcast.changes(await desk.submit())) as changes:
            told = [await anext(changes) for _ in range(4)]
        assert told[0] is not None
        assert told[1:] == [None] * 3

    at(redis_url, story)


@pytest.mark.usefixtures("patient")
def test_a_listener_outlives_redis_and_misses_nothing_j4() -> None:
    """J4: what happened while Redis was away, or before it was listened to again, is told."""
    with running_redis(keeps=True) as server:

        async def story(desk: Desk, broadcast: JobBroadcast) -> None:
            job_id = await desk.submit()
            await subscribed(desk)
            async with aclosing(broadcast.changes(job_id)) as changes:
                assert await anext(changes) is not None
                server.stop(signal.SIGTERM)
                assert isinstance(await anext(changes), QueueUnavailable)
                broadcast.wake_all()
                assert await anext(changes) is None  # told once
                server.start()
                assert isinstance(back := await anext(changes), Job)
                assert back.state is JobState.QUEUED
                await desk.attempts.complete(await desk.begin(job_id), {})
                assert (await heard(changes))[-1].state is JobState.COMPLETED

        at(server.new_url(), story)


class Tunnel:
    """Stands between a gateway and its Redis, and can lose what subscriptions say, in silence."""

    def __init__(self, redis_socket: str) -> None:
        self.subscriptions = 0
        self._redis_socket = redis_socket
        self._lost_up_to = 0

    def lose_subscriptions(self) -> None:
        """Passes nothing on any longer of those that there are; a new one is passed on."""
        self._lost_up_to = self.subscriptions

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Passes a connection on."""
        ahead, behind = await asyncio.open_unix_connection(self._redis_socket)
        number = [self._lost_up_to + 1_000_000]
        with contextlib.suppress(ConnectionError):
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, behind, number))
                both.create_task(self._pump(ahead, writer, number))

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, number: list[int]
    ) -> None:
        with contextlib.closing(sink):
            while piece := await source.read(65536):
                if b"PSUBSCRIBE" in piece:
                    self.subscriptions += 1
                    number[0] = self.subscriptions
                if number[0] > self._lost_up_to:
                    sink.write(piece)


@pytest.mark.usefixtures("patient")
def test_a_subscription_that_fell_silent_is_made_anew(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that vanished, or a firewall that forgot the connection, says nothing."""
    monkeypatch.setattr("pricing_fdm.jobs.news._SILENCE_S", 0.1)
    redis_socket, _, database = redis_url.removeprefix("unix://").partition("?")

    async def story() -> None:
        tunnel, middle = Tunnel(redis_socket), tmp_path / "tunnel"
        async with (
            await asyncio.start_unix_server(tunnel.serve, middle),
            desk(f"unix://{middle}?{database}") as opened,
            broadcasting(opened) as broadcast,
        ):
            job_id = await opened.submit()
            async with aclosing(broadcast.changes(job_id)) as changes:
                await anext(changes)
                await subscribed(opened)
                tunnel.lose_subscriptions()
                while tunnel.subscriptions < 2:  # noqa: ASYNC110 - counted in another task
                    await asyncio.sleep(0.01)
                await opened.attempts.complete(await opened.begin(job_id), {})
                [end] = await heard(changes)
                assert end.state is JobState.COMPLETED

    asyncio.run(story())
