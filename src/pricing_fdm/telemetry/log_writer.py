"""Writes log lines from a thread of its own: who reads them slowly, or not at all, stops nobody.

A pipe holds 64 KiB; the next line waits until somebody reads. That must not be the thread that
serves all callers. A line is put together where its event happened, and waits for the writer. Lines
that find too many waiting are lost, and the next that gets through says how many.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import threading
import time
from collections.abc import Iterator
from logging.handlers import QueueHandler
from queue import Empty, Full, Queue
from typing import TypeAlias

MOST_WAITING = 10_000
"""Some 5 MB of lines."""

LAST_WORDS_S = 2.0
"""How long a process that ends waits for lines to be read."""

_GATHER_S = 0.01
"""A request has four lines; waking up for each costs as much as writing it."""

_Waiting: TypeAlias = "Queue[logging.LogRecord | None]"


@contextlib.contextmanager
def writing_aside(most_waiting: int = MOST_WAITING) -> Iterator[None]:
    """Puts a queue before the root logger's only handler; at the end, what waits is written."""
    root = logging.getLogger()
    (handler,) = root.handlers
    waiting: _Waiting = Queue(most_waiting)
    aside = _Aside(waiting)
    aside.setFormatter(handler.formatter)
    plain = copy.copy(handler)  # what it gets has been put into its form
    plain.setFormatter(None)
    writer = threading.Thread(target=_write, args=(waiting, plain), name="log", daemon=True)
    root.handlers = [aside]
    writer.start()
    try:
        yield
    finally:
        root.handlers = [handler]
        aside.end()
        writer.join(LAST_WORDS_S)


class _Aside(QueueHandler):
    def __init__(self, waiting: _Waiting) -> None:
        super().__init__(waiting)
        self._waiting = waiting
        self._lost = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        """Hands a line over; called by one thread at a time."""
        try:
            if self._lost:
                self._waiting.put_nowait(self._told())
                self._lost = 0
            self._waiting.put_nowait(record)
        except Full:
            self._lost += 1

    def end(self) -> None:
        """Lets the writer end after what waits; where nobody reads that, it is given up."""
        try:
            if self._lost:
                self._waiting.put(self._told(), timeout=LAST_WORDS_S)
            self._waiting.put(None, timeout=LAST_WORDS_S)
        except Full:
            with contextlib.suppress(Empty):
                while True:
                    self._waiting.get_nowait()
            self._waiting.put_nowait(None)

    def _told(self) -> logging.LogRecord:
        text = "log lines lost, since nobody read them: %d"
        record = logging.LogRecord(
            __name__, logging.WARNING, __file__, 0, text, (self._lost,), None
        )
        prepared: logging.LogRecord = self.prepare(record)
        return prepared


def _write(waiting: _Waiting, handler: logging.Handler) -> None:
    while (record := waiting.get()) is not None:
        handler.handle(record)
        if waiting.empty():
            time.sleep(_GATHER_S)
