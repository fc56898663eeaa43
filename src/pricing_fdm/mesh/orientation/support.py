"""Estimates how much support a slicer would build under a pose, column by column.

Surface that faces down more steeply than the threshold, and is no bridge, needs support down to
the next surface that faces up, or to the bed.

Bridges are level ceilings that lines can span between two places where the part stands beneath;
the slicers then support only the loose edges (`bridge_no_support`). They accept any line at all,
but their bridges are infill, which a narrow ceiling has not. Compared with real slices, asking
for half of the ceiling was right.

Cost: that of `columns`, and for each of `_MAX_CEILINGS` that of `components` in columns of the
grid, which the bed bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.components import components
from pricing_fdm.mesh.orientation.columns import POINTS_IN_COLUMN, Columns, Numbers
from pricing_fdm.mesh.orientation.surface import Standing
from pricing_fdm.mesh.triangles import Flags

THRESHOLD_DEGREES = 31.0
"""`support_threshold_angle` of the profiles, from the horizontal; both slicers add a degree."""

_DOWN = -float(np.cos(np.radians(THRESHOLD_DEGREES)))


@dataclass(frozen=True, slots=True)
class Support:
    """The support under a part.

    Attributes:
        volume_mm3: Of the columns, as if they were solid.
        contact_mm2: Area of the columns' tops.
    """

    volume_mm3: float
    contact_mm2: float


def estimate_support(part: Standing, layer_mm: float) -> Support:
    """Estimates the support; overhangs no higher than a layer need none."""
    hanging = (part.facing < _DOWN) & (part.z_mm > layer_mm)
    if not hanging.any():
        return Support(0.0, 0.0)
    columns = Columns(part)
    hanging = hanging[columns.order]
    hanging &= ~bridged(columns, hanging, layer_mm)
    rises = columns.rises_to(np.flatnonzero(hanging))
    rises = rises[rises > layer_mm]
    section_mm2 = columns.width_mm**2
    return Support(float(rises.sum()) * section_mm2, len(rises) * section_mm2)


MIN_HELD_SHARE = 0.5

_LEVEL = -0.999
_MIN_CEILING_MM2 = 20.0
_MAX_CEILINGS = 8


def bridged(columns: Columns, hanging: Flags, layer_mm: float) -> Flags:
    """Which of the hanging points need no support because they belong to a bridge."""
    result = np.zeros(len(hanging), dtype=np.bool_)
    level = np.flatnonzero(hanging & (columns.facing < _LEVEL))
    if not len(level):
        return result
    storeys = np.round(columns.z[level] / layer_mm).astype(np.intp)
    sizes = np.bincount(storeys)
    largest = np.argsort(-sizes, kind="stable")[:_MAX_CEILINGS]
    point_mm2 = columns.width_mm**2 / POINTS_IN_COLUMN
    for storey in largest[sizes[largest] * point_mm2 > _MIN_CEILING_MM2]:
        rows = level[storeys == storey]
        beneath = columns.solid_at(float(columns.z[rows].min()) - layer_mm)
        result[rows] = spanned(columns.grid_of(rows), beneath).ravel()[columns.column[rows]]
    return result


def spanned(ceiling: Flags, beneath: Flags) -> Flags:
    """The columns of a ceiling that need no support.

    Args:
        ceiling: A grid with a rim of empty columns.
        beneath: Where the part stands right under the ceiling.
    """
    for axis in (0, 1):  # no point of the surface fell into some columns
        ceiling = ceiling | (np.roll(ceiling, 1, axis) & np.roll(ceiling, -1, axis))
    free = ceiling & ~beneath
    patch = _patches(free)
    sizes = np.maximum(np.bincount(patch[free], minlength=free.size), 1)
    held = [np.bincount(patch[_held(free, beneath, axis)], minlength=free.size) for axis in (0, 1)]
    wide = np.bincount(patch[free & _surrounded(ceiling | beneath)], minlength=free.size) > 0
    bridges = (np.maximum(*held) >= MIN_HELD_SHARE * sizes) & wide
    return ~free | (bridges[patch] & _surrounded(free | beneath))


def _held(free: Flags, beneath: Flags, axis: int) -> Flags:
    """Which free columns meet the part first on both ways along an axis."""
    if axis == 0:
        return _held(free.T, beneath.T, 1).T
    ahead = _held_on_left(free, beneath)
    return ahead & _held_on_left(free[:, ::-1], beneath[:, ::-1])[:, ::-1]


def _held_on_left(free: Flags, beneath: Flags) -> Flags:
    places = np.arange(free.shape[1])
    end = np.maximum.accumulate(np.where(free, 0, places), axis=1)
    return free & np.take_along_axis(beneath, end, axis=1)


def _patches(free: Flags) -> Numbers:
    """One number for each patch of free columns that hang together, in the grid's shape."""
    numbers = np.arange(free.size).reshape(free.shape)
    along, across = free[:, :-1] & free[:, 1:], free[:-1] & free[1:]
    tails = np.concatenate([numbers[:, :-1][along], numbers[:-1][across]])
    heads = np.concatenate([numbers[:, 1:][along], numbers[1:][across]])
    return components(free.size, tails, heads).reshape(free.shape).astype(np.intp)


def _surrounded(grid: Flags) -> Flags:
    """The columns that are in the grid with all four neighbours."""
    result = grid.copy()
    for axis in (0, 1):
        for step in (1, -1):
            result &= np.roll(grid, step, axis)
    return result
