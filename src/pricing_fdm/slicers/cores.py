"""Shares the machine's cores among the slices that run.

A slicer starts a thread for each core that it may run on. So a slice gets its cores when it starts,
and keeps them. Alone it gets all. Beside others it gets its share: idle cores where there are
enough, else those with the fewest slices. Only slices of this process are counted. Services that
share a machine should have a cpuset each, which is obeyed, also when it changes; without one they
may use the same cores while others are idle.
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
        usable: Returns the cores there are; called for each lease.
        begin: Returns which of so many cores to begin with, from 0. By default at random, so that
            services which share a machine do not all begin with the same.
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
        """Lends a slice its cores until it ends.

        Args:
            sharers: How many slices share the machine, this one among them; at least 1.
            at_most: How many cores it may have; None for any number.
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
        """How many cores: rounded down, or up where more are idle; at least one."""
        idle = sum(not self._slices_on[core] for core in cores)
        least, most = len(cores) // sharers, -(-len(cores) // sharers)
        return max(1, least, min(idle, most))
