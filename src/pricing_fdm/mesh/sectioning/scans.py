"""Rays along one axis of a grid: where they enter and leave material, and overlaps.

How often the surface encloses a place is its winding number. Material is where it is positive, so
a place that several shells cover counts once.

Cost: O(s + c log c) in segments and crossings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.sectioning.cuts import Axis, Indices
from pricing_fdm.mesh.triangles import Flags, Ints, Reals

Counts = TypeVar("Counts", Reals, npt.NDArray[np.int8])


@dataclass(frozen=True, slots=True, eq=False)
class Crossings:
    """Where the surface crosses rays.

    Attributes:
        ray: Number of the ray.
        at: Place along it, from 0 to less than the reach.
        enters: Whether the ray enters there.
        source: Number of what is crossed.
    """

    ray: Indices
    at: Reals
    enters: Flags
    source: Indices


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Stretches of material along rays, ray after ray.

    Attributes:
        ray: Number of the ray.
        low: Where it enters material.
        high: Where it leaves it.
        low_source: Number of what is crossed at `low`.
        high_source: The same at `high`.
    """

    ray: Indices
    low: Reals
    high: Reals
    low_source: Indices
    high_source: Indices


def crossed(
    lines: Axis, across: tuple[Reals, Reals], along: tuple[Reals, Reals]
) -> tuple[Indices, Ints, Reals]:
    """Where segments cross the lines at some positions.

    Args:
        lines: Where the lines lie.
        across: Both ends of each segment, across the lines.
        along: The same along the lines.

    Returns:
        For each crossing the segment, the line's number and the place along the line.
    """
    from_, to = lines.from_(across[0]), lines.from_(across[1])
    counts = np.abs(to - from_)
    segment = np.repeat(np.arange(len(counts)), counts)
    skipped = np.cumsum(counts) - counts - np.minimum(from_, to)
    line = np.arange(len(segment)) - np.repeat(skipped, counts)
    start, begin = across[0][segment], along[0][segment]
    share = (lines.start + line * lines.step - start) / (across[1][segment] - start)
    return segment, line.astype(np.int32), begin + (along[1][segment] - begin) * share


def spans(found: Crossings, reach: float) -> Spans:
    """Pairs crossings to stretches of material.

    Args:
        found: In any order.
        reach: Length of the rays.
    """
    # One number holds ray and place, so one sort orders both; an entry comes before an exit.
    order = np.argsort(found.ray + (found.at / reach - 1e-6 * found.enters) * 0.999)
    order = order[_balanced(found.ray[order], np.where(found.enters[order], 1, -1))]
    step = np.where(found.enters[order], 1, -1)
    winding = np.cumsum(step)
    before = winding - step
    begins = order[(before <= 0) & (winding > 0)]
    ends = order[(before > 0) & (winding <= 0)]
    return Spans(
        ray=found.ray[begins],
        low=found.at[begins],
        high=found.at[ends],
        low_source=found.source[begins],
        high_source=found.source[ends],
    )


def _balanced(ray: Indices, step: Indices) -> Flags:
    """Which crossings lie on rays that leave material as often as they enter it."""
    if not len(ray):
        return np.zeros(0, dtype=np.bool_)
    firsts = np.flatnonzero(np.diff(ray, prepend=-1))
    return np.repeat(np.add.reduceat(step, firsts) == 0, np.diff(firsts, append=len(ray)))


def filled(ray: Indices, low: Reals, high: Reals, cells: Axis, rays: int) -> Flags:
    """Which cells' middles lie in a stretch, (rays, cells); stretches may overlap."""
    size = (cells.count + 1) * rays
    begin, end = cells.from_(low), cells.from_(high)
    change = np.bincount(begin * rays + ray, minlength=size)
    change -= np.bincount(np.maximum(begin, end) * rays + ray, minlength=size)
    # Stretches of one ray overlap with few others, so a byte holds how many there are.
    counts: npt.NDArray[np.int8] = change.astype(np.int8).reshape(-1, rays)[:-1]
    levels = _running(counts)
    return np.ascontiguousarray((levels > 0).T)


def covered(ray: Indices, low: Reals, high: Reals, cells: Axis, rays: int) -> Reals:
    """How much of each cell is covered as a share, (cells, rays); stretches are disjoint."""
    # Cells come first, so that all rays of one cell lie side by side.
    sign = np.repeat([1.0, -1.0], len(ray))
    place = (np.concatenate([low, high]) - cells.start) / cells.step + 0.5
    place = np.clip(place, 0.0, cells.count)
    cell = place.astype(np.intp)
    beyond = sign * (place - cell)
    index = cell * rays + np.concatenate([ray, ray])
    total = np.bincount(
        np.concatenate([index, index + rays]),
        weights=np.concatenate([sign - beyond, beyond]),
        minlength=(cells.count + 2) * rays,
    )
    return _running(total.astype(np.float64, copy=False).reshape(-1, rays)[:-2])


def _running(rows: Counts) -> Counts:
    """Running sums down the rows, in place; numpy's own takes ten times as long."""
    for row in range(1, len(rows)):
        rows[row] += rows[row - 1]
    return rows
