"""The columns of support under a part.

Surface that faces down and is flatter than the threshold is supported, down to the next surface
below or to the bed. Level ceilings that lines can span are bridges and stay free, unless these are
to be supported, too.

Cost: as `columns`, and that of at most `_MAX_CEILINGS` ceilings on the grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pricing_fdm.estimate.features import SectionPlan
from pricing_fdm.mesh.orientation.support import spanned
from pricing_fdm.mesh.sectioning.columns import cover
from pricing_fdm.mesh.sectioning.cuts import Indices
from pricing_fdm.mesh.sectioning.posed import Posed
from pricing_fdm.mesh.sectioning.scans import Spans
from pricing_fdm.mesh.triangles import Flags, Reals

LEVEL = 0.999
"""Faces that are as good as level."""

_MAX_CEILINGS = 8
_MIN_CEILING_MM2 = 20.0
_CROFTON = math.pi / 4
"""Length of an outline from the steps that it makes on a grid, on average."""


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """What is supported.

    Attributes:
        area_mm2: Of each slab.
        edge_mm: Outline of that.
        tops_mm2: Where support meets the part from below.
        floors_mm2: Where support stands on the part.
    """

    area_mm2: Reals
    edge_mm: Reals
    tops_mm2: float
    floors_mm2: float


def support_under(part: Posed, columns: Spans, inside: Flags, plan: SectionPlan) -> Support:
    """Builds the support.

    Args:
        part: The part.
        columns: Its material along vertical rays.
        inside: Its material on the grid.
        plan: Which surface is supported.
    """
    floor = np.where(np.diff(columns.ray, prepend=-1) == 0, np.roll(columns.high, 1), 0.0)
    hangs = _hanging(part, columns, inside, plan) & (columns.low - floor > plan.layer_height_mm)
    if not hangs.any():
        none = np.zeros(part.z.count)
        return Support(none, none, 0.0, 0.0)
    on_part = floor[hangs] > 0
    low = floor[hangs] + plan.support_gap_mm * on_part
    high = np.maximum(columns.low[hangs] - plan.support_gap_mm, low)
    share = cover(part, columns.ray[hangs], low, high)
    steps = sum(
        np.abs(np.diff(share, axis=axis, prepend=0.0, append=0.0)).sum(axis=(1, 2))
        for axis in (1, 2)
    )
    return Support(
        area_mm2=share.sum(axis=(1, 2)) * part.cell_mm2,
        edge_mm=steps * part.pitch_mm * _CROFTON,
        tops_mm2=float(hangs.sum()) * part.cell_mm2,
        floors_mm2=float(on_part.sum()) * part.cell_mm2,
    )


def _hanging(part: Posed, columns: Spans, inside: Flags, plan: SectionPlan) -> Flags:
    if plan.support_angle_degrees <= 0:
        return np.zeros(len(columns.low), dtype=np.bool_)
    facing = part.facing[columns.low_source]
    # Both slicers add a degree.
    hangs: Flags = facing < -math.cos(math.radians(plan.support_angle_degrees + 1))
    if not plan.support_bridges:
        level = np.flatnonzero(hangs & (facing < -LEVEL))
        hangs[_bridged(part, columns, level, inside, plan.layer_height_mm)] = False
    return hangs


def _bridged(
    part: Posed, columns: Spans, level: Indices, inside: Flags, layer_mm: float
) -> Indices:
    """Which of the level stretches' bottoms lines can span."""
    storeys = np.round(columns.low[level] / layer_mm).astype(np.intp)
    sizes = np.bincount(storeys, minlength=1)
    largest = np.argsort(-sizes, kind="stable")[:_MAX_CEILINGS]
    free = [np.zeros(0, dtype=np.intp)]
    for storey in largest[sizes[largest] * part.cell_mm2 > _MIN_CEILING_MM2]:
        here = level[storeys == storey]
        beneath = inside[part.z.nearest(columns.low[here].min() - layer_mm)]
        ceiling = np.zeros_like(beneath)
        ceiling.ravel()[columns.ray[here]] = True
        free.append(here[_spanned(part, ceiling, beneath).ravel()[columns.ray[here]]])
    return np.concatenate(free)


def _spanned(part: Posed, ceiling: Flags, beneath: Flags) -> Flags:
    """The places of a ceiling that lines along one of four directions can span."""
    result = _bare(ceiling, beneath)
    # Most bridges lie square on the bed, and the grid does not.
    square, back = part.square
    straight = _bare(*(np.append(each.ravel(), False)[square] for each in (ceiling, beneath)))
    result |= straight.ravel()[back].reshape(result.shape)
    return result


def _bare(ceiling: Flags, beneath: Flags) -> Flags:
    return spanned(np.pad(ceiling, 1), np.pad(beneath, 1))[1:-1, 1:-1]
