"""Writes log lines in a thread of its own, so that a slow reader of the log delays no request.

A pipe holds 64 KiB; the next write waits until somebody reads. A line is formatted where its event
happened, and waits in a bounded queue for the writer. Lines that find the queue full are lost, and
the next line that finds room says how many.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import threading
import time
from collections.abc import Iterator
from logging.handlers import QueueHandler, QueueListener
from queue import Full, Queue

MOST_WAITING = 10_000
"""Some 5 MB of lines."""

LAST_WORDS_S = 2.0
"""How long a process that ends waits for its lines to be read."""

_GATHER_S = 0.01
"""A request has four lines; waking up for each costs as much as writing it."""


@contextlib.contextmanager
def log_in_background(most_waiting: int = MOST_WAITING) -> Iterator[None]:
    """Puts a queue before the root logger's only handler; at the end, what waits is written."""
    root = logging.getLogger()
    (handler,) = root.handlers
    queue = Queue[logging.LogRecord | None](most_waiting)
    queueing = _LossyQueueHandler(queue)
    queueing.setFormatter(handler.formatter)
    writing = copy.copy(handler)  # what it gets has been formatted
    writing.setFormatter(None)
    listener = _Listener(queue, writing)
    root.handlers = [queueing]
    listener.start()
    try:
        yield
    finally:
        root.handlers = [handler]
        queueing.report_lost(LAST_WORDS_S)
        # In a thread that may be left behind: nothing can interrupt a write that nobody reads.
        stopping = threading.Thread(target=listener.stop, daemon=True)
        stopping.start()
        stopping.join(LAST_WORDS_S)


class _LossyQueueHandler(QueueHandler):
    """Never waits: a record that finds no room is counted and lost."""

    def __init__(self, queue: Queue[logging.LogRecord | None]) -> None:
        super().__init__(queue)
        self._waiting = queue
        self._lost = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        """Queues a record; called by one thread at a time."""
        try:
            self._put_report()
            self._waiting.put_nowait(record)
        except Full:
            self._lost += 1

    def report_lost(self, wait_s: float) -> None:
        """Says at the end how many were lost, if there is room for it in time."""
        with contextlib.suppress(Full):
            self._put_report(wait_s)

    def _put_report(self, wait_s: float = 0) -> None:
        if self._lost:
            text = "log lines lost, since nobody read them: %d"
            record = logging.LogRecord(
                __name__, logging.WARNING, __file__, 0, text, (self._lost,), None
            )
            self._waiting.put(self.prepare(record), block=wait_s > 0, timeout=wait_s)
            self._lost = 0


class _Listener(QueueListener):
    def __init__(self, queue: Queue[logging.LogRecord | None], handler: logging.Handler) -> None:
        super().__init__(queue, handler)
        self._waiting = queue

    def handle(self, record: logging.LogRecord) -> None:
        """Writes a record, then lets others gather."""
        super().handle(record)
        if self._waiting.empty():
            time.sleep(_GATHER_S)

    def enqueue_sentinel(self) -> None:
        """Waits for room, where the library would give up at once."""
        self._waiting.put(None)
