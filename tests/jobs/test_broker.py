"""Dramatiq's consumer replaced: lanes, prefetch, heartbeats, what happens when things get lost."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import dramatiq
import pytest
import redis

from pricing_fdm.jobs.attempt import Dead
from pricing_fdm.jobs.broker import ACTOR, QUEUE, JobBroker
from tests.harness.redis_server import running_redis
from tests.harness.waiting import wait_until
from tests.jobs.desk import Desk, at_desk

ACKS = "pricing-fdm:queue:__acks__"


@dataclass
class Hands:
    """A worker whose jobs wait for the test's word."""

    began: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    end: Callable[[], None] = lambda: None
    open: bool = True
    alive: bool = True

    def perform(self, job_id: str, message: int) -> None:  # noqa: ARG002 - as the worker calls it
        """Does a job."""
        self.began.append(job_id)
        assert self.go_on.wait(60)
        self.done.append(job_id)
        self.end()


@contextlib.contextmanager
def working(url: str, hands: Hands, *, threads: int = 1, lost_s: float = 2) -> Iterator[JobBroker]:
    """Runs a worker of Dramatiq's in this process."""
    broker = JobBroker(
        url,
        lost_s=lost_s,
        threads=threads,
        perform=hands.perform,
        is_open=lambda: hands.open,
        is_alive=lambda: hands.alive,
    )
    worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=50)
    worker.start()
    try:
        yield broker
    finally:
        hands.go_on.set()
        worker.stop(10_000)
        broker.leave()


def submit(url: str, count: int = 1, *, rush: bool = False) -> list[str]:
    """Hands in jobs."""

    async def story(desk: Desk) -> list[str]:
        return [await desk.submit(rush=rush) for _ in range(count)]

    return at_desk(url, story)


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        yield client


def test_our_messages_are_dramatiq_s(redis_url: str, client: redis.Redis) -> None:
    """`lua/common.lua` writes what Dramatiq's own `enqueue` does; a new release may differ."""
    [job_id] = submit(redis_url)
    ours = {name: client.type(name) for name in client.keys("*:queue:*")}
    [text] = client.hvals("pricing-fdm:queue:standard.msgs")
    message = _message(text)
    assert (message.queue_name, message.actor_name) == (QUEUE, ACTOR)
    assert message.args == (job_id, 1)
    assert client.lrange("pricing-fdm:queue:standard", 0, -1) == [message.message_id]
    client.flushdb()

    with working(redis_url, Hands(open=False)) as broker:
        broker.enqueue(message.copy(queue_name="standard"))
        theirs = {name: client.type(name) for name in ours}
        [text] = client.hvals("pricing-fdm:queue:standard.msgs")
    assert theirs == ours
    assert set(_message(text).asdict()) == set(message.asdict())


def test_a_job_is_done_and_forgotten(redis_url: str, client: redis.Redis) -> None:
    """Nothing of Dramatiq's stays but what every queue has."""
    hands = Hands()
    hands.go_on.set()
    [job_id] = submit(redis_url)
    with working(redis_url, hands):
        wait_until(lambda: hands.done == [job_id])
        wait_until(lambda: not client.exists("pricing-fdm:queue:standard.msgs"))
    assert client.keys("pricing-fdm:queue:*") == []


def test_rush_jobs_overtake(redis_url: str) -> None:
    """They are done before all that is not, in the order in which they came."""
    hands = Hands()
    with working(redis_url, hands):
        [running] = submit(redis_url)
        wait_until(lambda: hands.began == [running])
        standard = submit(redis_url, 3)
        rush = submit(redis_url, 3, rush=True)
        hands.go_on.set()
        wait_until(lambda: len(hands.done) == 7)
    assert hands.done == [running, *rush, *standard]


def test_no_job_waits_behind_a_busy_worker(redis_url: str, client: redis.Redis) -> None:
    """A worker takes what it can do now, and leaves the rest to those that are idle."""
    busy, idle = Hands(), Hands()
    submit(redis_url, 5)
    with working(redis_url, busy, threads=2):
        wait_until(lambda: len(busy.began) == 2)
        assert client.llen("pricing-fdm:queue:standard") == 3
        with working(redis_url, idle):
            wait_until(lambda: len(idle.began) == 1)
            assert client.llen("pricing-fdm:queue:standard") == 2
            assert len(busy.began) == 2


def test_a_freed_thread_takes_the_next_job_at_once(redis_url: str) -> None:
    """Not at the busy worker's next heartbeat, which here is a minute away."""
    hands = Hands()
    submit(redis_url, 20)
    hands.go_on.set()
    with working(redis_url, hands, lost_s=360):
        wait_until(lambda: len(hands.done) == 20, 20)


def test_a_busy_worker_lives(redis_url: str, client: redis.Redis) -> None:
    """A job may take many times as long as a worker is waited for; others let it be."""
    busy, other = Hands(), Hands()
    submit(redis_url)
    with working(redis_url, busy, lost_s=1) as broker, working(redis_url, other, lost_s=1):
        wait_until(lambda: busy.began + other.began)
        beats = set()

        def beat_on() -> bool:
            beats.add(client.zscore("pricing-fdm:queue:__heartbeats__", broker.broker_id))
            return len(beats) > 15  # more than two times the second that it is waited for

        wait_until(beat_on)
        assert len(busy.began + other.began) == 1


def test_a_worker_whose_loop_stands_still_loses_its_job(redis_url: str) -> None:
    """Threads that beat on while nothing is done would hold a job for ever."""
    stuck, other = Hands(), Hands()
    [job_id] = submit(redis_url)
    with working(redis_url, stuck, lost_s=1):
        wait_until(lambda: stuck.began == [job_id])
        stuck.alive = False
        with working(redis_url, other, lost_s=1):
            wait_until(lambda: other.began == [job_id])
            stuck.go_on.set()  # its late acknowledgement must not take the other's message
            wait_until(lambda: stuck.done == [job_id])
            other.go_on.set()
            wait_until(lambda: other.done == [job_id])


def test_a_closed_worker_takes_nothing(redis_url: str, client: redis.Redis) -> None:
    """Draining, a full disk, a slicer that failed its test: others do the jobs."""
    hands = Hands(open=False)
    submit(redis_url)
    with working(redis_url, hands):
        wait_until(lambda: client.exists("pricing-fdm:queue:__heartbeats__"))
        assert client.llen("pricing-fdm:queue:standard") == 1
        hands.open = True
        wait_until(lambda: hands.began)


def test_a_dead_letter_is_kept_seven_days_j2(redis_url: str, client: redis.Redis) -> None:
    """J2: and not a message longer, once some worker looks."""
    hands = Hands(end=_die)
    hands.go_on.set()
    submit(redis_url)
    with working(redis_url, hands) as broker:
        wait_until(lambda: client.zcard("pricing-fdm:queue:standard.XQ") == 1)
        assert client.hlen("pricing-fdm:queue:standard.XQ.msgs") == 1
        assert broker.dead_message_ttl == 7 * 86400 * 1000
        [letter] = client.zrange("pricing-fdm:queue:standard.XQ", 0, -1)
        client.zincrby("pricing-fdm:queue:standard.XQ", -broker.dead_message_ttl, str(letter))
        wait_until(lambda: not client.exists("pricing-fdm:queue:standard.XQ.msgs"))


def test_a_job_whose_end_nobody_wrote_down_is_not_acknowledged(
    redis_url: str, client: redis.Redis
) -> None:
    """Its message is found in the hands of a worker that has gone."""
    hands, other = Hands(end=_fail), Hands()
    hands.go_on.set()
    [job_id] = submit(redis_url)
    with working(redis_url, hands, lost_s=1):
        wait_until(lambda: hands.done == [job_id])
    assert len(client.keys(f"{ACKS}.*")) == 1
    with working(redis_url, other, lost_s=1):
        wait_until(lambda: other.began == [job_id])


def test_a_message_whose_reply_got_lost_is_put_back(redis_url: str, client: redis.Redis) -> None:
    """Redis gave it, the connection broke; the worker lives, so nobody else would take it."""
    hands = Hands()
    submit(redis_url, 2)
    with working(redis_url, hands) as broker:
        wait_until(lambda: len(hands.began) == 1)
        [lost] = broker.do_fetch("standard", 1)
        assert dramatiq.Message.decode(lost).args[0] not in hands.began
        broker.consume(QUEUE)  # what Dramatiq does after a lost connection
        assert client.llen("pricing-fdm:queue:standard") == 1
        hands.go_on.set()
        wait_until(lambda: len(hands.done) == 2)


def test_a_worker_that_leaves_is_not_found_lost(redis_url: str, client: redis.Redis) -> None:
    """Finding a lost worker costs a look at every key there is."""
    with working(redis_url, Hands()):
        wait_until(lambda: client.zcard("pricing-fdm:queue:__heartbeats__") == 1)
    assert client.zcard("pricing-fdm:queue:__heartbeats__") == 0


def test_what_was_taken_and_not_begun_is_put_back_at_the_end(
    redis_url: str, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between taking and beginning there is a moment, and a signal may come in it."""
    hands = Hands()
    submit(redis_url)
    with working(redis_url, hands) as broker:
        wait_until(lambda: hands.began)
        message = dramatiq.MessageProxy(
            _message(client.hvals("pricing-fdm:queue:standard.msgs")[0])
        )
        monkeypatch.setattr(broker, "take", lambda: None)  # nobody takes it again meanwhile
        broker.consume(QUEUE).requeue([message])
        assert (broker.in_hand, client.llen("pricing-fdm:queue:standard")) == (0, 1)


@pytest.mark.slow
def test_a_worker_outlives_redis_j4() -> None:
    """J4: it comes back by itself, with what it had in its hands."""
    with running_redis(keeps=True) as server:
        url, hands = server.new_url(), Hands()
        first, second = submit(url, 2)
        with working(url, hands):
            wait_until(lambda: hands.began == [first])
            server.stop()
            hands.go_on.set()
            server.start()
            wait_until(lambda: hands.done == [first, second], 60)
            with redis.Redis.from_url(url) as client:
                wait_until(lambda: not client.exists("pricing-fdm:queue:standard.msgs"))


def _message(text: str | bytes) -> dramatiq.Message[None]:
    """A message as it lies in Redis."""
    return dramatiq.Message.decode(str(text).encode())


def _die() -> None:
    raise Dead


def _fail() -> None:
    raise RuntimeError("a fault of ours")
