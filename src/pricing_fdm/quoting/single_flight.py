"""Equal work that is wanted at the same time is done once.

The work belongs to none of its callers. A client that disconnects does not affect the others. When
the last caller has left, the work is cancelled, and that caller waits until it has stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from pricing_fdm.concurrency.completion import complete
from pricing_fdm.quoting.timing import ProgressListener, Stage

_T = TypeVar("_T")


class Broadcast:
    """A progress listener that passes everything on to several others."""

    def __init__(self) -> None:
        self._listeners: list[ProgressListener] = []
        self._stage: Stage | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nobody listens."""
        return not self._listeners

    def add(self, listener: ProgressListener) -> None:
        """Adds one, which hears at once which stage has begun."""
        self._listeners.append(listener)
        if self._stage is not None:
            listener.enter(self._stage)

    def remove(self, listener: ProgressListener) -> None:
        """Takes one away."""
        self._listeners.remove(listener)

    def enter(self, stage: Stage) -> None:
        """A stage begins for all."""
        self._stage = stage
        for listener in self._listeners:
            listener.enter(stage)

    def progress(self, percent: int) -> None:
        """So much of the slice is done."""
        for listener in self._listeners:
            listener.progress(percent)


class SingleFlight(Generic[_T]):
    """The work that is being done, by key."""

    def __init__(self) -> None:
        self._running: dict[str, _Flight[_T]] = {}

    def __contains__(self, key: str) -> bool:
        """Whether the work of this key is being done."""
        return key in self._running

    async def run(
        self,
        key: str,
        listener: ProgressListener,
        work: Callable[[ProgressListener], Coroutine[Any, Any, _T]],
    ) -> _T:
        """Waits for the work of this key, and starts it if it is not running.

        Args:
            key: Work with the same key has the same result.
            listener: Hears how far the work is, from now on.
            work: Is given the listener to report to.

        Raises:
            Exception: What the work raised; every caller gets it.
        """
        flight = self._running.get(key)
        if flight is None:
            flight = _Flight(work)
            self._running[key] = flight
            flight.task.add_done_callback(lambda _: self._forget(key, flight))
        flight.listeners.add(listener)
        try:
            await asyncio.wait([flight.task])
            return flight.task.result()
        finally:
            flight.listeners.remove(listener)
            if flight.listeners.is_empty and not flight.task.done():
                self._forget(key, flight)  # whoever comes now begins anew
                flight.task.cancel()
                await complete(asyncio.gather(flight.task, return_exceptions=True))

    def _forget(self, key: str, flight: _Flight[_T]) -> None:
        if self._running.get(key) is flight:
            del self._running[key]


class _Flight(Generic[_T]):
    def __init__(self, work: Callable[[ProgressListener], Coroutine[Any, Any, _T]]) -> None:
        self.listeners = Broadcast()
        self.task = asyncio.create_task(work(self.listeners))
