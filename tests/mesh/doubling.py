"""How the cost of an algorithm grows: its CPU time for n against that for 8 n, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

FACTOR = 8
MOST = FACTOR**1.4
"""About 18. A linear algorithm takes 8 times as long, twice that where the larger input leaves the
processor's cache; a quadratic one 64 times."""

_TRIES = 6
_EARLIEST = 2

Input = TypeVar("Input")


@dataclass(frozen=True, slots=True)
class Case:
    """An algorithm, its worst input, and a size at which a square would show."""

    build: Callable[[int], Any]
    work: Callable[[Any], object]
    size: int

    def growth(self) -> float:
        """As `growth` says."""
        return growth(self.build, self.work, self.size)


def growth(build: Callable[[int], Input], work: Callable[[Input], object], size: int) -> float:
    """By how much the least CPU time seen grows when the input grows by `FACTOR`.

    Other programs on the machine only ever add to a time, so the least of several is taken, and
    further ones as long as it grows by too much. That cannot make a quadratic algorithm pass.

    Args:
        build: Makes an input of a size; not part of the time.
        work: What is measured; must leave its input as it is.
        size: The smaller size.
    """
    small, large = build(size), build(FACTOR * size)
    best_small = best_large = float("inf")
    ratio = float("inf")
    for attempt in range(_TRIES):
        best_small = min(best_small, _cpu_s(work, small))
        best_large = min(best_large, _cpu_s(work, large))
        ratio = best_large / best_small
        if attempt + 1 >= _EARLIEST and ratio < MOST:
            break
    return ratio


def _cpu_s(work: Callable[[Input], object], given: Input) -> float:
    started = time.thread_time()
    work(given)
    return time.thread_time() - started
