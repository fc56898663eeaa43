"""Where copies of one part may still go on a plate: a grid, one bit for each place.

A row of the grid is one whole number, so a copy takes its places away by a few operations a row.
"""

from __future__ import annotations

from collections.abc import Iterable

from pricing_fdm.model import Point
from pricing_fdm.plates.polygons import Run


class Places:
    """Places for the origin of a part in one turn; at first there are none.

    Attributes:
        start_mm: The first place of the first row.
    """

    def __init__(self, start_mm: Point, step_mm: float) -> None:
        self.start_mm = start_mm
        self._step_mm = step_mm
        self._rows: list[int] = []
        self._first_row = 0  # none before it has a place

    def copy(self) -> Places:
        """The same places, to be taken independently."""
        places = Places(self.start_mm, self._step_mm)
        places._rows = self._rows.copy()
        return places

    def give(self, runs: Iterable[Run]) -> None:
        """Adds places."""
        for row, first, last in runs:
            self._rows += [0] * (row + 1 - len(self._rows))
            self._rows[row] |= _bits(first, last)

    def take(self, runs: Iterable[Run], column: int = 0, row: int = 0) -> None:
        """Takes places away; the runs count from a column and a row."""
        rows, end = self._rows, len(self._rows)
        for distance, first, last in runs:
            at = row + distance
            if 0 <= at < end and rows[at]:
                rows[at] &= ~_bits(column + first, column + last)

    def first(self) -> tuple[int, int] | None:
        """Column and row of the leftmost place in the foremost row that has one."""
        while self._first_row < len(self._rows):
            row = self._rows[self._first_row]
            if row:
                return (row & -row).bit_length() - 1, self._first_row
            self._first_row += 1
        return None

    def has(self, column: int, row: int) -> bool:
        """Whether a copy may lie there."""
        within = column >= 0 and 0 <= row < len(self._rows)
        return within and bool(self._rows[row] >> column & 1)

    def at(self, column: int, row: int) -> Point:
        """A place in mm."""
        x, y = self.start_mm
        return x + column * self._step_mm, y + row * self._step_mm


def _bits(first: int, last: int) -> int:
    """Ones from the first to the last bit, as far as they are not below bit 0."""
    return (1 << max(last + 1, 0)) - (1 << max(first, 0)) if first <= last else 0
