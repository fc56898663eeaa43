"""Follows the outlines of all sections: length, closed loops, corners.

Cost: O(s log s) in segments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pricing_fdm.estimate.features import MAX_SLABS
from pricing_fdm.mesh.sectioning.cuts import Cuts, Indices, Singles
from pricing_fdm.mesh.triangles import Flags, Ints, Reals

_SLOWS = 0.12
"""Change of direction that the head takes without braking: jerk as a share of the speed."""

_RIGHT = (1 - _SLOWS / math.sqrt(2)) ** 2
_RESOLVED_MM = 0.1
_SHORT_MM = 1.0
_SMALL_LOOP_MM = 2 * math.pi * 6.5
"""Both slicers print shorter ones at the speed for small perimeters."""

_NO_LINE_MM = 1.5
"""A line as wide as a nozzle follows no shorter outline."""

_TURNS = math.radians(3)
_TABLE = 1_048_573
"""A prime, many times as large as most parts have segments."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Directed segments with the material to the left, and sums for each plane.

    The sums are those of `Slab`.

    Attributes:
        normals: (2, s), outward unit normals.
    """

    normals: Reals
    perimeter_mm: Reals
    loops: Reals
    islands: Reals
    corners: Reals
    turning: Reals
    short_mm: Reals
    small_mm: Reals
    overhang_mm: Reals
    spread_mm: Reals


def outlines_of(cuts: Cuts, planes: int, facing: Singles, lines_per_layer: float) -> Outlines:
    """Joins the segments of horizontal cuts.

    Args:
        cuts: The segments.
        planes: How many there are.
        facing: How far each triangle faces up; see `Posed.facing`.
        lines_per_layer: Height of a layer over the width of a line.
    """
    following = _following(cuts)
    step = cuts.ends - cuts.starts
    length = np.sqrt(step[0] ** 2 + step[1] ** 2)
    unit = step / np.maximum(length, 1e-9)
    turn = _turns(unit, following)
    label = _loops(following, cuts.plane, planes)
    first = label == np.arange(len(label))

    def total(weights: Reals) -> Reals:
        sums: Reals = np.bincount(cuts.plane, weights=weights, minlength=planes).astype(np.float64)
        return sums

    of_loop = np.bincount(label, weights=length, minlength=len(label))
    printed = first & (of_loop > _NO_LINE_MM)
    loops = total(printed.astype(np.float64))
    # An outer outline turns once to the left, a hole once to the right.
    signed = np.round(total(turn) / (2 * math.pi))
    turn = np.abs(turn)
    bends = turn > _TURNS
    bends |= bends[following]
    return Outlines(
        normals=np.stack([unit[1], -unit[0]]),
        perimeter_mm=total(length),
        loops=loops,
        islands=np.clip((loops + signed) / 2, np.minimum(loops, 1), loops),
        corners=total(_slowed(turn, np.minimum(length, length[following]))),
        turning=total(turn) / (2 * math.pi),
        short_mm=total(length * ((length < _SHORT_MM) & bends)),
        small_mm=total(of_loop * (first & (of_loop < _SMALL_LOOP_MM))),
        overhang_mm=total(length * _over_air(facing[cuts.face], lines_per_layer)),
        spread_mm=_spread(cuts.starts, length, label, first, cuts.plane)[:planes],
    )


def _following(cuts: Cuts) -> Indices:
    """The segment that starts where each one ends."""
    by_end, by_start = (_key(edge, cuts.plane) for edge in (cuts.end_edge, cuts.start_edge))
    # Most are found at once in a table; the others share a place of it, or an edge.
    table = np.zeros(_TABLE, dtype=np.intp)
    table[by_start % _TABLE] = np.arange(len(by_start))
    following = table[by_end % _TABLE]
    found = by_start[following] == by_end
    found &= np.bincount(following[found], minlength=len(found))[following] == 1
    taken = np.zeros(len(found), dtype=np.bool_)
    taken[following[found]] = True
    ends, starts = np.flatnonzero(~found), np.flatnonzero(~taken)
    following[ends[np.argsort(by_end[ends])]] = starts[np.argsort(by_start[starts])]
    return following


def _key(edge: Ints, plane: Indices) -> npt.NDArray[np.int64]:
    """One number for an edge and a plane."""
    low, high = np.minimum(edge[0], edge[1]), np.maximum(edge[0], edge[1])
    points = np.int64(high.max(initial=0)) + 1
    key: npt.NDArray[np.int64] = (low * points + high) * MAX_SLABS + plane
    return key


def _turns(unit: Reals, following: Indices) -> Reals:
    ahead = unit[:, following]
    to_left = unit[0] * ahead[1] - unit[1] * ahead[0]
    result: Reals = np.arctan2(to_left, unit[0] * ahead[0] + unit[1] * ahead[1])
    return result


def _slowed(turn: Reals, length: Reals) -> Reals:
    """How much the head slows down in each corner; 1 in a right one."""
    change = np.maximum(2 * np.sin(turn / 2), 1e-9)
    # The slicers smooth what is finer than they resolve.
    resolved = np.minimum(1.0, length / _RESOLVED_MM)
    result: Reals = np.maximum(0.0, 1 - _SLOWS / change) ** 2 / _RIGHT * resolved
    return result


def _over_air(facing: Singles, lines_per_layer: float) -> Reals:
    """The square of the share of a line that no line carries, on a slope that faces down."""
    down = np.clip(-facing, 0.0, 0.999)
    result: Reals = np.minimum(1.0, lines_per_layer * down / np.sqrt(1 - down * down)) ** 2
    return result


def _loops(following: Indices, plane: Indices, planes: int) -> Indices:
    """The lowest segment of each segment's loop."""
    label = np.arange(len(following))
    longest = int(np.bincount(plane, minlength=planes).max(initial=2))
    jump = following
    for _ in range(math.ceil(math.log2(longest)) + 1):
        label = np.minimum(label, label[jump])
        jump = jump[jump]
    return label


def _spread(starts: Singles, length: Reals, label: Indices, first: Flags, plane: Indices) -> Reals:
    """Mean distance of a plane's loops from their common middle, for each plane."""
    loop = (np.cumsum(first) - 1)[label]
    loops, of = int(first.sum()), plane[first]
    weight = np.maximum(np.bincount(loop, weights=length, minlength=loops), 1e-9)
    count = np.maximum(np.bincount(of, minlength=MAX_SLABS), 1)
    away = np.zeros(loops)
    for each in starts:
        middle = np.bincount(loop, weights=each * length, minlength=loops) / weight
        common = np.bincount(of, weights=middle, minlength=MAX_SLABS) / count
        away += (middle - common[of]) ** 2
    result: Reals = np.bincount(of, weights=np.sqrt(away), minlength=MAX_SLABS) / count
    return result
