"""Terms of time and filament from sections and presets, in plain Python.

Each term is what a kind of line would cost if only the geometry and the machine's limits mattered.
A model weighs the terms with coefficients that are never negative, so more infill never costs less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pricing_fdm.estimate.features import Sections, Slab
from pricing_fdm.estimate.preset_figures import PresetFigures, spacing

FILAMENT_TERMS = (
    *("wall", "outline", "skin", "skin_ends", "sparse", "sparse_ends"),
    *("support", "support_edge", "interface"),
)
"""Volumes in mm3."""

SUPPORT_TERMS = ("support", "support_edge", "interface")

TIME_TERMS = (
    *("outer_wall", "inner_wall", "corner", "skin", "sparse", "top", "bridge", "first_layer"),
    *("overhang", "support", "travel", "retraction", "turn", "support_pull", "layer", "cooling"),
)
"""Times in s."""


_ONE_LINE = 1.3
_TWO_LINES = 1.8
"""How many lines wide a wall is that is printed in one line, and in two."""

_SUPPORT_PIECE_MM = 50.0
"""Outline of support for each piece of it, as PrusaSlicer prints it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a part would take, by kind."""

    filament_mm3: dict[str, float]
    time_s: dict[str, float]


def terms(part: Sections, figures: PresetFigures) -> Terms:
    """All terms of a part."""
    height = figures.layer_height
    layers = part.slab_mm / height
    filament = dict.fromkeys(FILAMENT_TERMS, 0.0)
    time = dict.fromkeys(TIME_TERMS, 0.0)
    for slab in part.slabs:
        for key, volume in _filament(slab, figures).items():
            filament[key] += volume * part.slab_mm
        of_layer = _layer_time(slab, figures)
        for key, seconds in of_layer.items():
            time[key] += seconds * layers
    interface = (part.support_tops_mm2 + part.support_floors_mm2) * height
    filament["interface"] = interface * figures.interface_layers
    flow = figures.flow_ratio
    filament = {key: volume * flow for key, volume in filament.items()}
    _whole(part, figures, time)
    return Terms(filament, time)


def _whole(part: Sections, figures: PresetFigures, time: dict[str, float]) -> None:
    # The uppermost layer, and the first one above sparse infill, which is a bridge.
    time["top"] = part.tops_mm2 * (
        _extra(figures, figures.top_speed) + _extra(figures, figures.bridge_speed)
    )
    time["bridge"] = part.bridges_mm2 * _extra(figures, figures.bridge_speed)
    first = part.slabs[0]
    time["first_layer"] = first.skin_mm2 * _extra(figures, figures.first_layer_speed)
    time["first_layer"] += first.wall_mm2 * _extra(
        figures, figures.first_layer_speed, figures.inner_speed
    )
    interface = (part.support_tops_mm2 + part.support_floors_mm2) * figures.interface_layers
    line = figures.support_width + figures.interface_spacing
    time["support"] += interface / line / figures.interface_speed


def _extra(figures: PresetFigures, speed: float, usual: float = 0.0) -> float:
    """What a mm2 of one layer takes longer at a lower speed than the usual one."""
    width = spacing(figures.solid_width, figures.layer_height)
    usual = _capped(figures, usual or figures.solid_speed)
    return max(0.0, 1 / _capped(figures, speed) - 1 / usual) / width


def _filament(slab: Slab, figures: PresetFigures) -> dict[str, float]:
    height = figures.layer_height
    density = figures.infill_share
    cover = spacing(figures.support_width, height) / max(
        figures.support_spacing, figures.support_width
    )
    return {
        "wall": slab.wall_mm2,
        "outline": slab.perimeter_mm * figures.outer_width,
        "skin": slab.skin_mm2,
        "skin_ends": slab.skin_runs * figures.solid_width,
        "sparse": slab.sparse_mm2 * density,
        "sparse_ends": slab.sparse_runs * density * figures.sparse_width,
        "support": slab.support_mm2 * cover,
        "support_edge": slab.support_edge_mm * figures.support_width,
    }


def _layer_time(slab: Slab, figures: PresetFigures) -> dict[str, float]:
    """Seconds of one layer."""
    height = figures.layer_height
    inner_spacing = spacing(figures.inner_width, height)
    outer = slab.perimeter_mm * _both_sides(slab, figures)
    inner = max(0.0, slab.wall_mm2 - outer * spacing(figures.outer_width, height)) / inner_spacing
    small = min(1.0, slab.small_mm / max(slab.perimeter_mm, 1e-9))
    outer_speed = _mixed(figures, figures.outer_speed, figures.outer_width, small)
    inner_speed = _mixed(figures, figures.inner_speed, figures.inner_width, small)
    over_air = 1 / min(figures.overhang_speed, inner_speed) - 1 / inner_speed
    walls = max(figures.walls, 1.0)
    corner_s = slab.corners * (
        _braking(outer_speed, figures.outer_acceleration, figures.jerk)
        + (walls - 1) * _braking(inner_speed, figures.inner_acceleration, figures.jerk)
    )
    skin = _hatching(
        slab.skin_mm2,
        slab.skin_runs,
        spacing(figures.solid_width, height),
        figures.solid_speed,
        figures,
    )
    sparse_lines = spacing(figures.sparse_width, height) / max(figures.infill_share, 0.01)
    sparse = _hatching(
        slab.sparse_mm2, slab.sparse_runs, sparse_lines, figures.sparse_speed, figures
    )
    support = _hatching(
        slab.support_mm2,
        slab.support_edge_mm / 3,
        max(figures.support_spacing, figures.support_width),
        figures.support_speed,
        figures,
    )
    support += slab.support_edge_mm / figures.support_speed
    pieces = slab.loops + slab.sparse_pieces
    hop = math.sqrt(max(slab.area_mm2, 0.0)) / 2 + slab.spread_mm
    away = _trapezoid(hop, figures.travel_speed, figures.travel_acceleration, figures.jerk)
    beside = _trapezoid(1.0, figures.travel_speed, figures.travel_acceleration, figures.jerk)
    pull = 2 * figures.retraction / max(figures.retraction_speed, 1.0)
    pull += 2 * figures.lift / max(figures.z_speed, 0.1)
    seconds = {
        "outer_wall": outer / outer_speed,
        "inner_wall": inner / inner_speed,
        "corner": corner_s,
        "skin": skin,
        "sparse": sparse,
        "overhang": slab.overhang_mm * walls * over_air,
        "support": support,
        "travel": pieces * away + slab.loops * walls * beside,
        "retraction": (1 + pieces) * pull,
        "turn": slab.turning * (pull + away),
        "support_pull": slab.support_edge_mm / _SUPPORT_PIECE_MM * (pull + away),
        "layer": 1.0 if slab.area_mm2 or slab.support_mm2 else 0.0,
    }
    total = sum(seconds.values()) - seconds["layer"]
    slowest = (outer + inner + slab.skin_mm2 / 0.4) / max(figures.min_speed, 1.0)
    seconds["cooling"] = max(0.0, min(figures.min_layer_s, max(slowest, total)) - total)
    return seconds


def _both_sides(slab: Slab, figures: PresetFigures) -> float:
    """Share of the outline that has a line of its own; a thin wall has one for both sides."""
    lines = 2 * slab.wall_mm2 / max(slab.perimeter_mm, 1e-9) / figures.outer_width
    return 0.5 + 0.5 * min(1.0, max(0.0, (lines - _ONE_LINE) / (_TWO_LINES - _ONE_LINE)))


def _capped(figures: PresetFigures, speed: float, width: float = 0.0) -> float:
    section = spacing(width or figures.solid_width, figures.layer_height) * figures.layer_height
    return max(1.0, min(speed, figures.flow_cap_mm3_s / section))


def _mixed(figures: PresetFigures, speed: float, width: float, small: float) -> float:
    """The mean speed of walls of which a share is small loops."""
    usual = _capped(figures, speed, width)
    return 1 / ((1 - small) / usual + small / min(usual, figures.small_speed))


def _braking(speed: float, acceleration: float, jerk: float) -> float:
    """What one right corner costs."""
    slow = min(speed, jerk / math.sqrt(2))
    return (speed - slow) ** 2 / (speed * acceleration)


def _trapezoid(length: float, speed: float, acceleration: float, jerk: float) -> float:
    """Time of one straight line from slow to slow."""
    slow = min(speed, jerk / 2)
    full = (speed**2 - slow**2) / acceleration
    if length >= full:
        return length / speed + (speed - slow) ** 2 / (speed * acceleration)
    peak = math.sqrt(slow**2 + length * acceleration)
    return 2 * (peak - slow) / acceleration


def _hatching(
    area: float, runs: float, distance: float, speed: float, figures: PresetFigures
) -> float:
    """Time to fill an area with lines at a distance from each other."""
    length, lines = area / distance, runs / distance
    if length <= 0:
        return 0.0
    speed = _capped(figures, speed)
    each = length / max(lines, 1.0)
    # Lines of one area differ in length; half of the mean and one and a half of it stand for them.
    acceleration, jerk = figures.infill_acceleration, figures.jerk
    count = max(lines, 1.0) / 2
    return count * (
        _trapezoid(each / 2, speed, acceleration, jerk)
        + _trapezoid(each * 1.5, speed, acceleration, jerk)
    )
