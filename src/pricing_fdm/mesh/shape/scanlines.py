"""Draws parallel lines across a section: where they enter and leave material, and overlaps.

How often the surface encloses a place is its winding number: 0 outside, 1 inside, more where
bodies overlap. Along a line it changes by one at each crossing. Material is where it is positive,
which is also what the slicers fill.

Where it is neither 0 nor 1, the volume of the model, a sum over the surface, is wrong. Time, weight
and price are right, since the slicers unite what overlaps.

Cost: O(k + c log c) in segments and crossings; of those there are at most `MAX_CROSSINGS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.shape.sections import Section
from pricing_fdm.mesh.triangles import Flags, Ints, Reals
from pricing_fdm.model import QuoteWarning

LINES = 128
"""Lines across a section in each direction: every 1.6 mm on a part as large as the bed."""

MAX_CROSSINGS = 100_000
"""If there would be more, fewer lines are drawn."""

CLOSED_GAP_MM = 0.05
"""The slicers close gaps up to this (`slice_closing_radius`), so such bodies touch."""

_OFF_MIDDLE = 0.382
"""Position of a line between its neighbours; not the middle, where parts have their joints."""

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """Crossings in the order in which the lines meet them, line after line.

    Attributes:
        axis: 0 when the lines run along x, 1 along y.
        cell_mm2: What one line stands for, for each mm of outline seen from the front: the
            distance between lines times the height that the section stands for.
        at_mm: Where on its line each crossing lies.
        winding: How often the place behind each crossing is enclosed; 0 behind the last of a line.
        step: By how much a crossing changes that: 1 into the material, -1 out of it.
        segment: The segment of the section that is crossed.
    """

    axis: int
    cell_mm2: float
    at_mm: Reals
    winding: Ints
    step: Ints
    segment: Indices

    def spans(self) -> tuple[Indices, Indices]:
        """The crossings at which stretches of material begin, and those at which they end."""
        before = self.winding - self.step
        begins = np.flatnonzero((before <= 0) & (self.winding > 0))
        ends = np.flatnonzero((before > 0) & (self.winding <= 0))
        return begins, ends


def scan(section: Section, axis: int) -> Scan:
    """Scans a section with lines along x (axis 0) or y (1).

    Lines that do not leave the material as often as they enter it are dropped: the surface is
    torn there, or wound against itself.
    """
    across = 1 - axis
    rows_from, rows_to, spacing_mm, lowest = _rows(section, across)
    firsts, counts = np.minimum(rows_from, rows_to), np.abs(rows_to - rows_from)
    segment = np.repeat(np.arange(len(counts)), counts)
    row = np.arange(len(segment)) - np.repeat(np.cumsum(counts) - counts - firsts, counts)
    at_mm = _crossed_at(section, axis, segment, lowest + (row + _OFF_MIDDLE) * spacing_mm)
    # Material lies to the left: a line along y enters it where the segment runs along +x.
    enters = (rows_to > rows_from)[segment] == (axis == 1)

    order = np.lexsort((at_mm - CLOSED_GAP_MM * enters, row))
    step = np.where(enters, 1, -1).astype(np.int32)[order]
    sound = _balanced(row[order], step)
    order, step = order[sound], step[sound]
    return Scan(
        axis=axis,
        cell_mm2=spacing_mm * section.span_mm,
        at_mm=at_mm[order],
        winding=np.cumsum(step, dtype=np.int32),
        step=step,
        segment=segment[order],
    )


def _rows(section: Section, across: int) -> tuple[Indices, Indices, float, float]:
    """The first line above each segment's start and end, and how the lines lie."""
    starts, ends = section.starts[:, across], section.ends[:, across]
    lowest, highest = float(starts.min()), float(starts.max())
    lines = LINES
    while True:
        spacing_mm = (highest - lowest) / lines or 1.0
        rows_from, rows_to = (
            np.ceil((points - lowest) / spacing_mm - _OFF_MIDDLE).astype(np.intp)
            for points in (starts, ends)
        )
        crossings = int(np.abs(rows_to - rows_from).sum())
        if crossings <= MAX_CROSSINGS or lines == 1:
            return rows_from, rows_to, spacing_mm, lowest
        lines = max(1, lines * MAX_CROSSINGS // (2 * crossings))


def _crossed_at(section: Section, axis: int, segment: Indices, line_mm: Reals) -> Reals:
    starts, ends = section.starts[segment], section.ends[segment]
    across = 1 - axis
    share = (line_mm - starts[:, across]) / (ends[:, across] - starts[:, across])
    at_mm: Reals = starts[:, axis] + (ends[:, axis] - starts[:, axis]) * share
    return at_mm


def _balanced(row: Indices, step: Ints) -> Flags:
    """Which crossings, sorted by line, lie on lines that leave as often as they enter."""
    firsts = np.flatnonzero(np.diff(row, prepend=-1))
    if not len(firsts):
        return np.zeros(0, dtype=np.bool_)
    return np.repeat(np.add.reduceat(step, firsts) == 0, np.diff(firsts, append=len(row)))


MIN_SHARE = 0.001
"""Smallest share of the volume that is reported; the volume is shown to that precision."""

MIN_DEPTH_MM = 0.1
"""Shallower overlaps come from the rounding of an export."""

MIN_SAMPLES = 12
"""Fewer are taken for chance."""

_DIRECTIONS = 2


class Overlaps:
    """Places enclosed more than once or inside out, summed over all scans."""

    def __init__(self) -> None:
        self._volume_mm3 = 0.0
        self._doubled_mm3 = 0.0
        self._samples = 0

    def look(self, scan: Scan) -> None:
        """Adds one scan."""
        onward = np.maximum(np.diff(scan.at_mm), 0.0)
        winding = scan.winding[:-1]
        excess = np.where(winding > 0, winding - 1, -winding)
        deep = (excess > 0) & (onward >= MIN_DEPTH_MM)
        self._samples += int(np.count_nonzero(deep))
        self._doubled_mm3 += float((onward * excess)[deep].sum()) * scan.cell_mm2 / _DIRECTIONS
        self._volume_mm3 += float(onward[winding > 0].sum()) * scan.cell_mm2 / _DIRECTIONS

    def warnings(self) -> Iterator[QuoteWarning]:
        """At most one."""
        if self._samples < MIN_SAMPLES or self._doubled_mm3 < MIN_SHARE * self._volume_mm3:
            return
        yield QuoteWarning(
            "self_intersections",
            "Surfaces of the model seem to run through each other: places that make up about "
            f"{self._doubled_mm3 / self._volume_mm3:.1%} of its volume are enclosed more than "
            "once or inside out. The slicer unites what overlaps, and the price follows the "
            "slicer; the stated volume of the model counts such places each time. Unite the "
            "bodies in your CAD program and check the part in a preview.",
            {"share_of_volume": round(self._doubled_mm3 / self._volume_mm3, 3)},
        )
