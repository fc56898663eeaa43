"""Where copies of one part may still go on a plate: a grid, one bit for each place.

A row of the grid is one whole number, with ones where no copy may go. So a copy takes its places
away by two operations a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pricing_fdm.model import Point
from pricing_fdm.plates.grid import Rows


class Stamp(NamedTuple):
    """Places that are taken away together, counted from those of a copy.

    Attributes:
        row: The first.
        column: Of the lowest bit of each row.
    """

    row: int
    column: int
    rows: Sequence[int]


def stamp(points: Rows) -> Stamp:
    """The places at points of the grid."""
    spans = points.spans
    column = min((begin for begin, end in spans if begin < end), default=0)
    rows = [
        (1 << end - column) - (1 << begin - column) if begin < end else 0 for begin, end in spans
    ]
    return Stamp(points.first, column, rows)


class Places:
    """Places for the origin of a part in one turn.

    Attributes:
        start_mm: The first place of the first row.
    """

    def __init__(self, start_mm: Point, step_mm: float, every: int, taken: list[int]) -> None:
        self.start_mm = start_mm
        self._step_mm = step_mm
        self._every = every  # ones for all places of a row
        self._taken = taken
        self._first_row = 0  # none before it has a place

    @classmethod
    def at_points(cls, points: Rows, start_mm: Point, step_mm: float) -> Places:
        """The places at points of the grid."""
        every = _ones(max((end for _, end in points.spans), default=0))
        taken = [every & ~_ones(end) | _ones(begin) for begin, end in points.spans]
        return cls(start_mm, step_mm, every, [every] * points.first + taken)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._taken)

    def copy(self) -> Places:
        """The same places, to be taken independently."""
        return Places(self.start_mm, self._step_mm, self._every, self._taken.copy())

    def take(self, taken: Stamp, column: int = 0, row: int = 0) -> int:
        """Takes places away, counted from a column and a row; returns how many rows that needed."""
        first, shift = row + taken.row, column + taken.column
        begin, end = max(first, self._first_row), min(first + len(taken.rows), len(self._taken))
        if begin >= end:
            return 0
        before, rows = self._taken[begin:end], taken.rows[begin - first : end - first]
        if shift >= 0:
            now = [old | new << shift for old, new in zip(before, rows, strict=True)]
        else:
            now = [old | new >> -shift for old, new in zip(before, rows, strict=True)]
        self._taken[begin:end] = now
        return end - begin

    def first(self) -> tuple[int, int] | None:
        """Column and row of the leftmost place in the foremost row that has one."""
        for row in range(self._first_row, len(self._taken)):
            free = self._every & ~self._taken[row]
            if free:
                self._first_row = row
                return (free & -free).bit_length() - 1, row
        self._first_row = len(self._taken)
        return None

    def has(self, column: int, row: int) -> bool:
        """Whether a copy may lie there."""
        within = column >= 0 and 0 <= row < len(self._taken)
        return within and bool((self._every & ~self._taken[row]) >> column & 1)

    def at(self, column: int, row: int) -> Point:
        """A place in mm."""
        x, y = self.start_mm
        return x + column * self._step_mm, y + row * self._step_mm


def _ones(end: int) -> int:
    """Ones in all bits before this one."""
    return (1 << max(end, 0)) - 1
