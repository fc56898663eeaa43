"""What sections of a part tell the estimate: plain values, without numpy.

A child that reads models measures them (`mesh.sectioning`), and the service reads them here. It
does not believe a child: every figure is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from annotated_types import Ge, Interval, Len

VERSION = 2
"""Of sections, features and terms.

Raise it when a part would be measured otherwise. Models of another version are not read, and labels
of another version are measured anew.
"""

MAX_SLABS = 64
"""Slabs of a part that are measured; each stands for one or more printed layers."""

Amount: TypeAlias = Annotated[float, Interval(ge=0, le=1e9)]


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """What of the presets decides which places are wall, skin, infill and support.

    Attributes:
        line_mm: Width of a wall's outer line.
        wall_mm: How wide all lines of a wall are together.
        top_mm: Thickness of the solid layers below a surface that faces up.
        bottom_mm: The same above a surface that faces down.
        support_angle_degrees: A surface that is flatter, seen from the horizontal, is supported;
            0: nothing is.
        support_if_needed: Only a part that needs support gets any (`supports: auto`).
        support_bridges: Ceilings that lines can span are supported, too.
        support_gap_mm: Between a surface and its support.
    """

    layer_height_mm: float
    first_layer_mm: float
    line_mm: float
    wall_mm: float
    top_mm: float
    bottom_mm: float
    support_angle_degrees: float
    support_if_needed: bool
    support_bridges: bool
    support_gap_mm: float


@dataclass(frozen=True, slots=True)
class Slab:
    """One horizontal slab of the part, by the section through its middle.

    Attributes:
        area_mm2: Covered by material, once where shells overlap.
        perimeter_mm: Of all outlines.
        loops: Closed outlines.
        islands: Outer ones of these.
        corners: Sharp corners, by how much they slow the head down; 1 for a right angle.
        turning: All turning of the outlines, in full turns.
        short_mm: Length of outlines in short segments that turn.
        small_mm: Length of the loops that are printed at the speed for small perimeters.
        overhang_mm: Length of outlines over air; one that is half over air counts a quarter.
        thin_mm: Length of places so thin that their walls meet in the middle.
        wall_mm2: Covered by the lines of walls.
        skin_mm2: Solid infill of tops and bottoms, without walls.
        sparse_mm2: What is left for sparse infill.
        skin_runs: Stretches of skin along scan lines, for each mm2 of a scan line's width.
        sparse_runs: The same of sparse infill.
        sparse_pieces: Pieces of sparse infill that are filled without lifting off.
        support_mm2: Covered by support columns.
        support_edge_mm: Outline of that.
        spread_mm: Mean distance from island to island.
    """

    area_mm2: Amount
    perimeter_mm: Amount
    loops: Amount
    islands: Amount
    corners: Amount
    turning: Amount
    short_mm: Amount
    small_mm: Amount
    overhang_mm: Amount
    thin_mm: Amount
    wall_mm2: Amount
    skin_mm2: Amount
    sparse_mm2: Amount
    skin_runs: Amount
    sparse_runs: Amount
    sparse_pieces: Amount
    support_mm2: Amount
    support_edge_mm: Amount
    spread_mm: Amount


@dataclass(frozen=True, slots=True)
class Sections:
    """The part in the pose that is printed.

    Attributes:
        slab_mm: Thickness of each slab.
        tops_mm2: Surface that faces up and is not covered by walls, seen from above.
        bottoms_mm2: The same facing down, without what lies on the bed.
        bridges_mm2: Level bottoms in the air.
        support_tops_mm2: Where support meets the part from below.
        support_floors_mm2: Where support stands on the part.
        overlap_share: Length of surface that lies within other shells, as a share.
        needs_support: As the flow decides for `supports: auto`.
    """

    height_mm: Annotated[float, Interval(gt=0, le=1e5)]
    width_mm: Amount
    depth_mm: Amount
    triangles: Annotated[int, Ge(1)]
    bodies: Annotated[int, Ge(1)]
    slab_mm: Annotated[float, Interval(gt=0, le=1e5)]
    tops_mm2: Amount
    bottoms_mm2: Amount
    bridges_mm2: Amount
    support_tops_mm2: Amount
    support_floors_mm2: Amount
    overlap_share: Annotated[float, Interval(ge=0, le=1)]
    needs_support: bool
    slabs: Annotated[tuple[Slab, ...], Len(1, MAX_SLABS)]
