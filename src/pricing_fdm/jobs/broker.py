"""Dramatiq on Redis, as long jobs need it.

Three things differ from Dramatiq's own consumer. One consumer serves both lanes, rush jobs first.
It takes a message only when a thread is free: a job never waits behind a busy worker while another
is idle. After a lost connection it puts back the messages that Redis has assigned to this worker
and that the worker does not have. Otherwise a message whose reply was lost would stay assigned for
as long as the worker lives.

Every look at Redis is a heartbeat and does the maintenance that brings back jobs of dead workers.
Dramatiq's delayed messages, retries and time limit are not used: a retry that is written while
Redis is away is lost, `lua/keep.lua` has its own; and an exception thrown into a thread ends
nothing that waits, the slicer's limits do.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator

import dramatiq
import redis
from dramatiq.broker import Consumer, MessageProxy
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import ConnectionClosed
from dramatiq.middleware import Middleware

from pricing_fdm.jobs.attempt import Dead
from pricing_fdm.jobs.attempts import DEAD_LETTER_TTL_S
from pricing_fdm.jobs.connection import PREFIX, connect_threads

QUEUE = "jobs"
ACTOR = "price"
LANES = ("rush", "standard")

_ALWAYS = 1_000_000  # maintenance with every look, in millionths
_IDLE_POLL_S = 0.25
_STRUCTURE_TTL_S = 8 * 86400  # as in `lua/common.lua`
_BEATS = 6  # looks of a busy worker within the time after which it counts as lost


class JobBroker(RedisBroker):
    """Brings jobs to the threads of one worker.

    Args:
        lost_s: Seconds without a look at Redis after which others take this worker's jobs.
        threads: Jobs at once.
        perform: Does a job, given its id and the number of the message, in a thread of Dramatiq's.
            When it returns, the message is deleted: the outcome must be in Redis by then. It
            raises `Dead` for a dead letter, and anything else to leave the message as it is.
        is_open: Whether to take jobs now; called from another thread.
        is_alive: Whether this worker may count as alive; called from another thread. While it
            returns False, no heartbeat is sent, and after `lost_s` the jobs go to others.
    """

    def __init__(
        self,
        url: str,
        *,
        lost_s: float,
        threads: int,
        perform: Callable[[str, int], None],
        is_open: Callable[[], bool],
        is_alive: Callable[[], bool],
    ) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            client=connect_threads(url),
            middleware=[_Endings(self)],
            namespace=f"{PREFIX}:queue",
            maintenance_chance=_ALWAYS,
            heartbeat_timeout=round(1000 * lost_s),
            dead_message_ttl=1000 * DEAD_LETTER_TTL_S,
        )
        # Below that it logs each message; `runner.py` logs how each job ends.
        logging.getLogger("dramatiq").setLevel(logging.WARNING)
        consumer = logging.getLogger(f"dramatiq.worker.ConsumerThread({QUEUE})")
        consumer.addFilter(_no_lost_connection)
        self.is_open = is_open
        self.is_alive = is_alive
        self._lost_s = lost_s
        self._threads = threads
        # Ids of the messages in this worker's hands, and of those that it must leave unanswered.
        self._held: set[str] = set()
        self._unanswered: set[str] = set()
        self._freed = threading.Event()
        dramatiq.Actor(
            perform,
            broker=self,
            actor_name=ACTOR,
            queue_name=QUEUE,
            priority=0,
            options={"throws": (Dead,)},
        )

    @property
    def in_hand(self) -> int:
        """Messages that were taken and not answered yet."""
        return len(self._held)

    def declare_queue(self, queue_name: str) -> None:
        """Declares the queue without the queue of delayed messages beside it."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    def consume(
        self,
        queue_name: str,  # noqa: ARG002 - Dramatiq's signature
        prefetch: int = 1,  # noqa: ARG002
        timeout: int = 5000,  # noqa: ARG002
    ) -> Consumer:
        """The consumer of both lanes; Dramatiq asks for a new one after a lost connection."""
        with _translated():
            self._put_back_lost_messages()
        return _JobConsumer(self)

    def take(self) -> MessageProxy | None:
        """The next message if there is room; in any case a sign of life."""
        room = int(len(self._held) < self._threads and self.is_open())
        for lane in LANES:
            found = self.do_fetch(lane, room)
            if found and found[0] is not None:
                message = dramatiq.Message.decode(found[0])
                self._give_an_end(self._hands(lane), f"{self.namespace}:__heartbeats__")
                self._held.add(message.message_id)
                return MessageProxy(message)
        return None

    def pause(self) -> None:
        """Waits until it is time for another look."""
        busy = len(self._held) >= self._threads
        self._freed.wait(self._lost_s / _BEATS if busy else _IDLE_POLL_S)
        self._freed.clear()

    def answer(self, command: str, message: MessageProxy) -> None:
        """Acknowledges (`ack`), buries (`nack`) or puts back (`requeue`) a message."""
        if message.message_id not in self._unanswered:
            lane = message.options["lane"]
            getattr(self, f"do_{command}")(lane, message.message_id)
            if command == "nack":
                letters = f"{self.namespace}:{lane}.XQ"
                self._give_an_end(letters, f"{letters}.msgs")
        self._unanswered.discard(message.message_id)
        self._held.discard(message.message_id)
        self._freed.set()

    def leave_unanswered(self, message: MessageProxy) -> None:
        """Leaves a message in this worker's hands, as if the worker had died of it."""
        self._unanswered.add(message.message_id)

    def leave(self) -> None:
        """Takes this worker off the list of workers, unless Redis still holds messages of it.

        Another worker that finds it lost would look through every key there is for its messages.
        """
        with contextlib.suppress(redis.RedisError):
            held = [self.client.exists(self._hands(lane)) for lane in LANES]
            if not any(held):
                self.client.zrem(f"{self.namespace}:__heartbeats__", self.broker_id)
        self.client.close()

    def _give_an_end(self, *names: str) -> None:
        """Dramatiq makes these keys without one."""
        with self.client.pipeline(transaction=False) as commands:
            for name in names:
                commands.expire(name, _STRUCTURE_TTL_S)
            commands.execute()

    def _put_back_lost_messages(self) -> None:
        for lane in LANES:
            for member in self.client.smembers(self._hands(lane)):
                message_id = member.decode() if isinstance(member, bytes) else str(member)
                if message_id not in self._held:
                    self.do_requeue(lane, message_id)

    def _hands(self, lane: str) -> str:
        return f"{self.namespace}:__acks__.{self.broker_id}.{lane}"


class _JobConsumer(Consumer):
    """Dramatiq iterates over it in one thread, and answers in those that did the work."""

    def __init__(self, broker: JobBroker) -> None:
        self._broker = broker

    def __next__(self) -> MessageProxy | None:
        message = None
        if self._broker.is_alive():
            with _translated():
                message = self._broker.take()
        if message is None:
            self._broker.pause()
        return message

    def ack(self, message: MessageProxy) -> None:
        with _translated():
            self._broker.answer("ack", message)

    def nack(self, message: MessageProxy) -> None:
        with _translated():
            self._broker.answer("nack", message)

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        for message in messages:
            with _translated():
                self._broker.answer("requeue", message)


def _no_lost_connection(record: logging.LogRecord) -> bool:
    """Dramatiq says every three seconds that Redis is away; `OutageLog` says it once."""
    return not any(isinstance(value, ConnectionClosed) for value in record.args or ())


class _Endings(Middleware):
    """Decides by the actor's end what happens to a message."""

    def __init__(self, broker: JobBroker) -> None:
        self._broker = broker

    @property
    def actor_options(self) -> set[str]:
        return {"throws"}

    def after_process_message(
        self,
        broker: dramatiq.Broker,  # noqa: ARG002 - Dramatiq's signature
        message: MessageProxy,
        *,
        result: object = None,  # noqa: ARG002
        exception: BaseException | None = None,
    ) -> None:
        if isinstance(exception, Dead):
            message.fail()
        elif exception is not None:
            self._broker.leave_unanswered(message)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Dramatiq knows one kind of lost connection and tries again after it."""
    try:
        yield
    except redis.RedisError as error:
        raise ConnectionClosed(error) from error  # type: ignore[no-untyped-call]
