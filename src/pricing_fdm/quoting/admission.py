"""Admission of requests: a bounded number of places, and slots for slices.

A request takes a place before it costs anything and keeps it until it is answered; a few places
more than slots exist, so that one model can be downloaded while another is sliced. A slicing slot
is taken only for the slice. When all places are taken the answer is an immediate 503 that says
when to come back: with an unlimited queue every request would wait until its caller has given up.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Self

from pricing_fdm.errors import Draining, QueueFull, QueueTimeout

_REMEMBERED_SLICES = 32
_FIRST_GUESS_S = 5.0
_LONGEST_RETRY_S = 60


def leaving() -> Draining:
    """The refusal of a request while the service shuts down."""
    return Draining("The service is shutting down. Send the request again.", retry_after_s=1)


class Slot:
    """A slicing slot that was taken; leaving the context gives it back."""

    def __init__(self, number: int, give_back: Callable[[int, float], None]) -> None:
        self.number = number
        self._give_back = give_back
        self._taken = time.monotonic()

    def __enter__(self) -> Self:
        """Does nothing: `take_slot` has taken the slot."""
        return self

    def __exit__(self, *_: object) -> None:
        """Gives the slot back, for the request that waits longest."""
        self._give_back(self.number, time.monotonic() - self._taken)


class SlotDeadline:
    """How long a request waits for slots: a bounded time for the first, without end for the others.

    A request that wants several slices and has begun to get them is not sent away half served, only
    because others came in between.

    Args:
        wait_s: For the first slot.
    """

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._until: float | None = None
        self._is_served = False
        self._limits: set[asyncio.Timeout] = set()

    @contextlib.asynccontextmanager
    async def limit(self) -> AsyncIterator[None]:
        """Surrounds the waiting for a slot.

        Raises:
            TimeoutError: It took too long.
        """
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + self._wait_s
        async with asyncio.timeout_at(None if self._is_served else self._until) as limit:
            self._limits.add(limit)
            try:
                yield
            finally:
                self._limits.discard(limit)

    def lift(self) -> None:
        """Ends the limit, also for those who wait now: the request has had its first slot."""
        self._is_served = True
        for limit in self._limits:
            if not limit.expired():
                limit.reschedule(None)


class Admission:
    """Counts places and hands out slicing slots, first come first served.

    Args:
        slots: How many slices run at once.
        places: How many requests may be admitted beyond those.
        wait_s: How long a request waits for a slot.
    """

    def __init__(self, *, slots: int, places: int, wait_s: float) -> None:
        self._free_slots = list(range(slots))
        self._turn = asyncio.Semaphore(slots)
        self._slots = slots
        self._most_admitted = slots + places
        self._wait_s = wait_s
        self._admitted = 0
        self._waiting = 0
        self._draining = False
        self._closed = asyncio.Event()
        self._on_drain: list[Callable[[], None]] = []
        self._slice_times_s: deque[float] = deque(maxlen=_REMEMBERED_SLICES)

    @property
    def admitted(self) -> int:
        """Requests inside, from admission to answer."""
        return self._admitted

    @property
    def slicing(self) -> int:
        """Slots in use."""
        return self._slots - len(self._free_slots)

    @property
    def draining(self) -> bool:
        """Whether the service is shutting down."""
        return self._draining

    @property
    def slots(self) -> int:
        """How many slices run at once."""
        return self._slots

    @property
    def sharers(self) -> int:
        """How many slices share the cores: those that run, and those that wait for a slot."""
        return min(self._slots, self.slicing + self._waiting)

    def on_drain(self, call: Callable[[], None]) -> None:
        """Adds a call for when the service begins to shut down."""
        self._on_drain.append(call)

    def drain(self) -> None:
        """Refuses new requests from now on; those inside finish."""
        self._draining = True
        for call in self._on_drain:
            call()

    def close(self) -> None:
        """Ends the requests that are still inside; see `until_closed`."""
        self._draining = True
        self._closed.set()

    @property
    def closed(self) -> bool:
        """Whether the requests inside must end now."""
        return self._closed.is_set()

    async def until_closed(self) -> None:
        """Returns when the requests inside must end."""
        await self._closed.wait()

    def require_place(self) -> None:
        """Returns when a place could be taken now.

        Raises:
            Draining: The service is shutting down.
            QueueFull: All places are taken.
        """
        if self._draining:
            raise leaving()
        if self._admitted >= self._most_admitted:
            raise QueueFull(
                f"All {self._most_admitted} places are taken. Try again later.",
                retry_after_s=self.retry_after_s(),
            )

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Holds a place for the whole stay; raises as `require_place`."""
        self.require_place()
        self._admitted += 1
        try:
            yield
        finally:
            self._admitted -= 1

    def slot_deadline(self) -> SlotDeadline:
        """The deadline of a new request."""
        return SlotDeadline(self._wait_s)

    async def take_slot(self, deadline: SlotDeadline | None = None) -> Slot:
        """Waits for a slicing slot; it is held until the returned `Slot` is left.

        Args:
            deadline: Of the request; None when it wants this one slot only.

        Raises:
            QueueTimeout: None became free in time.
        """
        deadline = deadline or self.slot_deadline()
        self._waiting += 1
        try:
            async with deadline.limit():
                await self._turn.acquire()
        except TimeoutError as error:
            raise QueueTimeout(
                f"No slicing slot became free within {self._wait_s:g} s. Try again later.",
                retry_after_s=self.retry_after_s(),
            ) from error
        finally:
            self._waiting -= 1
        deadline.lift()
        return Slot(self._free_slots.pop(0), self._give_back)

    def _give_back(self, number: int, held_s: float) -> None:
        self._slice_times_s.append(held_s)
        self._free_slots.append(number)
        self._free_slots.sort()
        self._turn.release()

    def retry_after_s(self) -> int:
        """When a place is likely to be free: requests inside x median slice time / slots."""
        slice_time_s = (
            statistics.median(self._slice_times_s) if self._slice_times_s else _FIRST_GUESS_S
        )
        estimate_s = self._admitted * slice_time_s / self._slots
        return round(min(max(estimate_s, 1), _LONGEST_RETRY_S))
