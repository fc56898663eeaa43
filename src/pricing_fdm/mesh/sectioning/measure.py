"""Measures up to 64 sections of a posed part for the estimate.

Cost: O(n + c log c + g) in triangles, in cuts and crossings (at most `MAX_CUTS` of each kind), and
in places of the grid (at most `MAX_SLABS` x `CELLS`). A mesh with twice as many triangles costs at
most twice as much.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pricing_fdm.estimate.features import SectionPlan, Sections, Slab
from pricing_fdm.mesh.sectioning.columns import columns_of, material, skin
from pricing_fdm.mesh.sectioning.cuts import cut
from pricing_fdm.mesh.sectioning.layers import Layers, layers_of
from pricing_fdm.mesh.sectioning.outlines import Outlines, outlines_of
from pricing_fdm.mesh.sectioning.pieces import pieces
from pricing_fdm.mesh.sectioning.posed import Posed
from pricing_fdm.mesh.sectioning.scans import Spans
from pricing_fdm.mesh.sectioning.support import LEVEL, Support, support_under
from pricing_fdm.mesh.triangles import Flags, Mesh, Reals

_MIN_HIDDEN = 0.002
"""With less surface within other shells, volume and surface are those of the whole mesh."""

_MOST_MENDED = 1.25
_MOSTLY = 0.5
_DIGITS = 4


def measure(
    mesh: Mesh, plan: SectionPlan, *, bodies: int = 1, needs_support: bool = False
) -> Sections:
    """Measures a part in the pose that is printed.

    Args:
        mesh: Closed, right side out.
        plan: What counts as wall, skin and support.
        bodies: How many separate ones the part has.
        needs_support: As the flow decides for `supports: auto`.
    """
    if plan.support_if_needed and not needs_support:
        plan = replace(plan, support_angle_degrees=0.0)
    part = Posed(mesh, plan.layer_height_mm)
    cuts = cut(part.points, part.corners, 2, part.z)
    flatness = plan.layer_height_mm / max(plan.line_mm, plan.layer_height_mm)
    outlines = outlines_of(cuts, part.z.count, part.facing, flatness)
    layers = layers_of(part, cuts, outlines.normals, plan.wall_mm)
    columns = columns_of(part)
    support = support_under(part, columns, layers.inside, plan)
    filling = _filling(part, columns, layers, plan)
    surface = _surface(part, columns, layers.wall, plan)
    return Sections(
        width_mm=part.size_mm[0],
        depth_mm=part.size_mm[1],
        height_mm=part.size_mm[2],
        triangles=len(mesh.faces),
        bodies=bodies,
        slab_mm=part.z.step,
        tops_mm2=surface.tops_mm2,
        bottoms_mm2=surface.bottoms_mm2,
        bridges_mm2=surface.bridges_mm2,
        support_tops_mm2=support.tops_mm2,
        support_floors_mm2=support.floors_mm2,
        overlap_share=layers.hidden,
        needs_support=needs_support,
        slabs=_slabs(part, outlines, layers, filling, support),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Filling:
    """What each slab is filled with."""

    area_mm2: Reals
    wall_mm2: Reals
    skin_mm2: Reals
    sparse_mm2: Reals
    skin_runs: Reals
    sparse_runs: Reals
    sparse_pieces: Reals


def _filling(part: Posed, columns: Spans, layers: Layers, plan: SectionPlan) -> _Filling:
    inside, wall, cell = layers.inside, layers.wall, part.cell_mm2
    raw = material(part, columns).sum(axis=(1, 2)) * cell
    mended = _mended(part.volume_mm3, float(raw.sum()) * part.z.step, layers.hidden)
    area = raw * mended
    counted = np.count_nonzero(inside, axis=(1, 2))
    walls = np.count_nonzero(wall, axis=(1, 2))
    wall_area = area * np.where(counted > 0, walls / np.maximum(counted, 1), 1.0)
    solid = skin(part, columns, plan.top_mm, plan.bottom_mm)
    solid[wall] = 0.0
    skin_area = np.minimum(solid.sum(axis=(1, 2)) * cell * mended, area - wall_area)
    core = inside & ~wall
    mostly = core & (solid > _MOSTLY)
    hollow = core & ~mostly
    return _Filling(
        area_mm2=area,
        wall_mm2=wall_area,
        skin_mm2=skin_area,
        sparse_mm2=area - wall_area - skin_area,
        skin_runs=_runs(mostly) * part.pitch_mm,
        sparse_runs=_runs(hollow) * part.pitch_mm,
        sparse_pieces=pieces(hollow),
    )


def _mended(exact: float, sampled: float, hidden: float) -> float:
    """By what a sampled sum is to be multiplied; 1 where shells overlap, and none is exact."""
    if hidden >= _MIN_HIDDEN or sampled <= 0 or exact <= 0:
        return 1.0
    return min(_MOST_MENDED, max(1 / _MOST_MENDED, exact / sampled))


def _runs(mask: Flags) -> Reals:
    """How many stretches the lines along either axis have, on average, for each plane."""
    along = np.count_nonzero(mask[:, :, 1:] & ~mask[:, :, :-1], axis=(1, 2))
    across = np.count_nonzero(mask[:, 1:] & ~mask[:, :-1], axis=(1, 2))
    result: Reals = (along + across) / 2.0
    return result


@dataclass(frozen=True, slots=True)
class _Surface:
    """What faces up or down and is not covered by walls."""

    tops_mm2: float
    bottoms_mm2: float
    bridges_mm2: float


def _surface(part: Posed, columns: Spans, wall: Flags, plan: SectionPlan) -> _Surface:
    flat = wall.reshape(part.z.count, -1)
    in_air = columns.low > plan.layer_height_mm
    bare = ~flat[part.z.nearest(columns.low), columns.ray]
    level = part.facing[columns.low_source] < -LEVEL
    tops = ~flat[part.z.nearest(columns.high), columns.ray]
    return _Surface(
        tops_mm2=float(np.count_nonzero(tops)) * part.cell_mm2,
        bottoms_mm2=float(np.count_nonzero(in_air & bare)) * part.cell_mm2,
        bridges_mm2=float(np.count_nonzero(in_air & level)) * part.cell_mm2,
    )


def _slabs(
    part: Posed, outlines: Outlines, layers: Layers, filling: _Filling, support: Support
) -> tuple[Slab, ...]:
    visible = layers.visible
    perimeter = outlines.perimeter_mm * visible
    swept = float(perimeter.sum()) * part.z.step
    rows = np.stack(
        [
            filling.area_mm2,
            perimeter * _mended(part.lateral_mm2, swept, layers.hidden),
            outlines.loops * visible,
            outlines.islands * visible,
            outlines.corners * visible,
            outlines.turning * visible,
            outlines.short_mm * visible,
            outlines.small_mm * visible,
            outlines.overhang_mm * visible,
            layers.thin_mm,
            filling.wall_mm2,
            filling.skin_mm2,
            filling.sparse_mm2,
            filling.skin_runs,
            filling.sparse_runs,
            filling.sparse_pieces,
            support.area_mm2,
            support.edge_mm,
            outlines.spread_mm,
        ]
    )
    return tuple(Slab(*row) for row in np.maximum(rows, 0.0).round(_DIGITS).T.tolist())
