"""Equal work that is wanted at the same time is done once.

The work belongs to nobody who waits for it. A caller who leaves stops waiting, and only when the
last one has left is the work stopped; that last one sees it to its end, so that nothing stays
behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from pricing_fdm.concurrency.completion import complete
from pricing_fdm.quoting.timing import Broadcast, ProgressListener

_T = TypeVar("_T")


class SingleFlight(Generic[_T]):
    """The work that is being done, each under a key."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Flight[_T]] = {}

    def __contains__(self, key: str) -> bool:
        """Whether the work of this key is being done."""
        return key in self._under_way

    async def join(
        self,
        key: str,
        follower: ProgressListener,
        work: Callable[[Broadcast], Coroutine[Any, Any, _T]],
    ) -> _T:
        """Waits for the work of this key, which is begun if nobody is doing it.

        Args:
            key: Work under the same key has the same result.
            follower: Is told where the work stands, from now on.
            work: What to do; is given whom to tell.

        Raises:
            Exception: Whatever the work raises, to everybody who waits.
        """
        flight = self._under_way.get(key)
        if flight is None:
            flight = _Flight(work)
            self._under_way[key] = flight
            flight.task.add_done_callback(lambda _: self._landed(key, flight))
        flight.chorus.join(follower)
        try:
            await asyncio.wait([flight.task])
            return flight.task.result()
        finally:
            flight.chorus.leave(follower)
            if flight.chorus.is_empty and not flight.task.done():
                self._landed(key, flight)  # whoever comes now begins anew
                flight.task.cancel()
                await complete(asyncio.gather(flight.task, return_exceptions=True))

    def _landed(self, key: str, flight: _Flight[_T]) -> None:
        if self._under_way.get(key) is flight:
            del self._under_way[key]


class _Flight(Generic[_T]):
    def __init__(self, work: Callable[[Broadcast], Coroutine[Any, Any, _T]]) -> None:
        self.chorus = Broadcast()
        self.task = asyncio.create_task(work(self.chorus))
