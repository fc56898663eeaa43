"""Shares the machine's cores among the slices that run.

A slicer starts a thread for each core that it sees, and the cores it may run on are the only thing
that tells it how many; so a slice is given its cores when it starts, and keeps them. Alone it gets
all. Beside others it gets its share: idle cores where there are enough, else those that the fewest
slices run on. Only slices of this process are counted. Services that share a machine should have a
cpuset each, which is obeyed, also when it changes; without one they meet on a core by chance.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterator


def usable_cores() -> frozenset[int]:
    """The cores that this process may run on: all, or those of its cpuset."""
    return frozenset(os.sched_getaffinity(0))


class Cores:
    """Leases cores; one for all engines of a process.

    Args:
        usable: Names the cores there are, each time some are asked for.
        begin: Which of so many to begin with, from 0. By default any, so that services which share
            a machine unawares do not all use the same.
    """

    def __init__(
        self,
        usable: Callable[[], Collection[int]] = usable_cores,
        begin: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self._usable = usable
        self._begin = begin
        self._slices_on: Counter[int] = Counter()

    @contextlib.contextmanager
    def lease(self, *, sharers: int = 1, at_most: int | None = None) -> Iterator[frozenset[int]]:
        """Gives a slice its cores until it ends.

        Args:
            sharers: How many slices share the machine, this one among them; at least 1.
            at_most: How many cores it can make use of; None for any number.
        """
        cores = self._chosen(sharers, at_most)
        self._slices_on.update(cores)
        try:
            yield cores
        finally:
            self._slices_on.subtract(cores)

    def _chosen(self, sharers: int, at_most: int | None) -> frozenset[int]:
        cores = sorted(self._usable())
        start = self._begin(len(cores))
        quietest_first = sorted(
            cores[start:] + cores[:start], key=lambda core: self._slices_on[core]
        )
        count = self._share(cores, sharers)
        return frozenset(quietest_first[: count if at_most is None else min(count, at_most)])

    def _share(self, cores: Collection[int], sharers: int) -> int:
        """Rounded down, or up where the core left over is idle; never none."""
        idle = sum(not self._slices_on[core] for core in cores)
        least, most = len(cores) // sharers, -(-len(cores) // sharers)
        return max(1, least, min(idle, most))
