"""Admission for the jobs of this process, which share its slots with the requests.

How many jobs there are is bounded by their queue, and nobody holds a connection for one. So a job
takes no place from a request, and waits for its slot for as long as that takes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pricing_fdm.quoting.admission import Admission, Slot, SlotDeadline


class JobAdmission:
    """Lets jobs in beside the requests of the same `Admission`."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    @property
    def slots(self) -> int:
        """How many slices run at once, jobs and requests together."""
        return self._admission.slots

    @property
    def sharers(self) -> int:
        """How many slices share the cores."""
        return self._admission.sharers

    def require_place(self) -> None:
        """Returns: a job has its place in the queue."""

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Takes no place."""
        yield

    def slot_deadline(self) -> SlotDeadline:
        """A deadline without a limit."""
        deadline = SlotDeadline(0)
        deadline.lift()
        return deadline

    async def take_slot(self, deadline: SlotDeadline | None = None) -> Slot:
        """Waits for a slot, first come first served with the requests."""
        return await self._admission.take_slot(deadline or self.slot_deadline())
