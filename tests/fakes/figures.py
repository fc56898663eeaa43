"""Plausible slicing figures from a mesh and settings. Not physics: never a reference for a price.

What holds, and all a test may lean on: the same input gives the same figures; more infill, walls
or support give more filament and more time; thinner layers and slower speeds give more time; a
hole that layers cross loses most of the part without a word. On real parts the grams came out
within an eighth of what the real program said, the times within a factor of two.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from tests.fakes.geometry import Overhang, Solid

# Of the layers that an open edge crosses, the real program loses this share (measured on a cube
# without one of its twelve triangles: 1.00 g instead of 4.21 g).
LOST_SHARE = 0.75
# An overhang flatter than this, this large and this high is a cantilever worth a warning.
CANTILEVER_DEGREES = 5.0
CANTILEVER_MM2 = 100.0

# Seconds a layer takes besides extruding: travels, retractions, the lift.
_LAYER_OVERHEAD_S = 1.0
_INTERFACE_LAYERS = 4
# Half the outline of the box is this many straight lines: made up to meet recorded times.
_LINES_AROUND = 12
# Time against straight lines. Gyroid and crosshatch draw curves and short segments.
_PATTERN_TIME = {"gyroid": 1.9, "crosshatch": 1.5, "honeycomb": 1.6, "3dhoneycomb": 1.6}


class Plan(NamedTuple):
    """The settings that move the figures. Lengths in mm, speeds in mm/s, densities 0 to 1."""

    layer_height: float
    first_layer_height: float
    wall_loops: int
    outer_width: float
    inner_width: float
    infill_width: float
    solid_width: float
    top_thickness: float
    bottom_thickness: float
    infill: float
    pattern: str
    outer_speed: float
    inner_speed: float
    infill_speed: float
    solid_speed: float
    support_speed: float
    first_layer_speed: float
    acceleration: float
    max_volumetric_speed: float
    shortest_layer_s: float
    flow: float
    filament_diameter: float
    filament_density: float
    filament_cost_per_kg: float
    support: Literal["none", "normal", "tree"]
    support_degrees: float
    support_density: float
    brim_width: float
    skirt_loops: int
    purge_mm: float
    prepare_s: float


class Figures(NamedTuple):
    """What a run says of a print; grams and the rest follow from the length."""

    print_time_s: float
    filament_mm: float
    layers: int
    height_mm: float
    support_used: bool
    cantilever: bool
    plan: Plan

    @property
    def filament_mm3(self) -> float:
        """Volume of the filament used."""
        return self.filament_mm * math.pi / 4 * self.plan.filament_diameter**2

    @property
    def grams(self) -> float:
        """Weight of the filament used; 0 when the profile states no density."""
        return self.filament_mm3 * self.plan.filament_density / 1000

    @property
    def cost(self) -> float:
        """Price of the filament used, in the profile's currency."""
        return self.grams * self.plan.filament_cost_per_kg / 1000


def layer_count(height_mm: float, plan: Plan) -> int:
    """How many layers a part of this height has; 0 when it is thinner than half a layer."""
    above = height_mm - plan.first_layer_height
    if height_mm <= plan.first_layer_height / 2:
        return 0
    return 1 + max(0, math.ceil(above / plan.layer_height - 0.5 - 1e-6))


def figures_of(solid: Solid, plan: Plan) -> Figures:
    """Time and filament for one part that stands on the bed."""
    layers = layer_count(solid.box.size[2], plan)
    kept = 1 - LOST_SHARE * min(1.0, solid.lost)
    hanging = solid.overhangs(plan.support_degrees, plan.first_layer_height)
    support_mm3 = _support_mm3(hanging, plan)
    jobs = [(volume * kept, speed, width) for volume, speed, width in _jobs(solid, plan)]
    jobs.append((support_mm3, plan.support_speed, plan.solid_width))
    jobs.append((_around_mm3(solid, plan), plan.first_layer_speed, plan.solid_width))
    printing_s = sum(_seconds(volume, speed, width, plan, solid) for volume, speed, width in jobs)
    printing_s += layers * kept * _LAYER_OVERHEAD_S
    section_mm2 = math.pi / 4 * plan.filament_diameter**2
    return Figures(
        print_time_s=plan.prepare_s + max(printing_s, layers * kept * plan.shortest_layer_s),
        filament_mm=plan.purge_mm + sum(job[0] for job in jobs) * plan.flow / section_mm2,
        layers=layers,
        height_mm=plan.first_layer_height + (layers - 1) * plan.layer_height,
        support_used=support_mm3 > 0,
        cantilever=_cantilever(solid, plan),
        plan=plan,
    )


def duration(seconds: float) -> str:
    """A time as both slicers print it: `1d 2h 3m 4s`, leading zero units left out."""
    if seconds <= 1:
        return f"{seconds:f}s"
    whole = int(seconds)
    units = (whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "m")
    shown: list[str] = []
    for amount, unit in units:
        if amount or shown:
            shown.append(f"{amount}{unit}")
    return " ".join([*shown, f"{whole % 60}s"])


def _jobs(solid: Solid, plan: Plan) -> list[tuple[float, float, float]]:
    """Volume (mm3), speed and line width of walls, flat faces and infill."""
    outer = solid.side_mm2 * plan.outer_width if plan.wall_loops else 0.0
    inner = solid.side_mm2 * plan.inner_width * max(0, plan.wall_loops - 1)
    flat = solid.flat_mm2 * (plan.top_thickness + plan.bottom_thickness)
    wanted = outer + inner + flat
    if not wanted:
        return [(solid.volume_mm3 * plan.infill, plan.infill_speed, plan.infill_width)]
    # Shells overlap at corners and cannot outgrow the part: a soft minimum of both.
    shell = wanted / (1 + (wanted / solid.volume_mm3) ** 4) ** 0.25 if solid.volume_mm3 else 0.0
    share = shell / wanted
    return [
        (outer * share, plan.outer_speed, plan.outer_width),
        (inner * share, plan.inner_speed, plan.inner_width),
        (flat * share, plan.solid_speed, plan.solid_width),
        ((solid.volume_mm3 - shell) * plan.infill, _infill_speed(plan), plan.infill_width),
    ]


def _infill_speed(plan: Plan) -> float:
    return plan.infill_speed / _PATTERN_TIME.get(plan.pattern, 1.0)


def _support_mm3(hanging: list[Overhang], plan: Plan) -> float:
    if plan.support == "none":
        return 0.0
    columns = sum(facet.area_mm2 * facet.height_mm for facet in hanging) * plan.support_density
    interface = sum(facet.area_mm2 for facet in hanging) * _INTERFACE_LAYERS * plan.layer_height
    return (columns + interface) * (0.6 if plan.support == "tree" else 1.0)


def _around_mm3(solid: Solid, plan: Plan) -> float:
    """Brim and skirt: one layer around the box."""
    length_x, length_y, _ = solid.box.size
    lines_mm = plan.brim_width + plan.skirt_loops * plan.solid_width
    return 2 * (length_x + length_y) * lines_mm * plan.first_layer_height


def _seconds(volume: float, speed: float, width: float, plan: Plan, solid: Solid) -> float:
    """Time to lay a volume in short lines, each with a ramp up and down."""
    section = width * plan.layer_height
    speed = min(max(speed, 1.0), plan.max_volumetric_speed / section)
    line = max(1.0, (solid.box.size[0] + solid.box.size[1]) / _LINES_AROUND)
    if speed * speed <= plan.acceleration * line:
        per_line = line / speed + speed / plan.acceleration
    else:
        per_line = 2 * math.sqrt(line / plan.acceleration)
    return volume / section / line * per_line


def _cantilever(solid: Solid, plan: Plan) -> bool:
    """Whether a flat overhang is left hanging; the real program looks at layers instead."""
    if plan.support != "none":
        return False
    flat = solid.overhangs(CANTILEVER_DEGREES, plan.first_layer_height)
    return sum(facet.area_mm2 for facet in flat) > CANTILEVER_MM2
