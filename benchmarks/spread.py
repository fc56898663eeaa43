"""Medians with their spread: what a noisy machine allows to be said.

A ratio is made of a pair that was measured one right after the other, and the median is taken of
the ratios, so that what the machine does besides hits both sides of each.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """A median, the range around it, and of how many."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """The spread of at least one value."""
        ordered = sorted(values)
        return cls(statistics.median(ordered), ordered[0], ordered[-1], len(ordered))

    def text(self, digits: int = 2) -> str:
        """`median (low..high)`, or the value alone if there is one."""
        median, low, high = (f"{each:,.{digits}f}" for each in (self.median, self.low, self.high))
        return median if self.count == 1 else f"{median} ({low}..{high})"


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Each of `above` by the one that was measured beside it."""
    return [a / b for a, b in zip(above, below, strict=True)]


def in_turn(times: int, *works: Callable[[], float]) -> list[list[float]]:
    """Does all works `times` over, A B A B, and returns what each measured.

    Every second turn goes backwards: whoever is first after a pause finds another machine.
    """
    measured: list[list[float]] = [[] for _ in works]
    for turn in range(times):
        order = range(len(works)) if turn % 2 == 0 else reversed(range(len(works)))
        for number in order:
            measured[number].append(works[number]())
    return measured
