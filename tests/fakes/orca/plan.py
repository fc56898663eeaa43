"""Turns merged OrcaSlicer settings into what the figures need."""

from __future__ import annotations

import re
from typing import Literal

from tests.fakes.figures import Plan
from tests.fakes.orca import settings

# An automatic line width (0) is this much of the nozzle's diameter.
_AUTO_WIDTH = 1.125
# Heating and homing take no time in the estimate; the start G-code's moves take about this.
_PREPARE_S = 31.0
_UNLIMITED = 1e5  # what a limit of 0 stands for


def plan_of(values: settings.Settings) -> Plan:
    """Collects the settings that move time and filament."""

    def number(name: str, percent_of: float = 1.0) -> float:
        return settings.number(values, name, percent_of)

    layer, nozzle = number("layer_height"), number("nozzle_diameter")

    def width(name: str) -> float:
        return number(name, nozzle) or number("line_width", nozzle) or _AUTO_WIDTH * nozzle

    def thickness(side: str) -> float:
        layers = number(f"{side}_shell_layers")
        return max(layers * layer, number(f"{side}_shell_thickness")) if layers else 0.0

    support = _support(values)
    line = width("support_line_width")
    return Plan(
        layer_height=layer,
        first_layer_height=number("initial_layer_print_height"),
        wall_loops=int(number("wall_loops")),
        outer_width=width("outer_wall_line_width"),
        inner_width=width("inner_wall_line_width"),
        infill_width=width("sparse_infill_line_width"),
        solid_width=width("internal_solid_infill_line_width"),
        top_thickness=thickness("top"),
        bottom_thickness=thickness("bottom"),
        infill=number("sparse_infill_density"),
        pattern=settings.first(values, "sparse_infill_pattern"),
        outer_speed=number("outer_wall_speed"),
        inner_speed=number("inner_wall_speed"),
        infill_speed=number("sparse_infill_speed"),
        solid_speed=number("internal_solid_infill_speed"),
        support_speed=number("support_speed"),
        first_layer_speed=number("initial_layer_speed"),
        acceleration=min(
            number("default_acceleration") or _UNLIMITED,
            number("machine_max_acceleration_extruding") or _UNLIMITED,
        ),
        max_volumetric_speed=number("filament_max_volumetric_speed") or _UNLIMITED,
        shortest_layer_s=number("slow_down_layer_time") * number("slow_down_for_layer_cooling"),
        flow=number("filament_flow_ratio"),
        filament_diameter=number("filament_diameter"),
        filament_density=number("filament_density"),
        filament_cost_per_kg=number("filament_cost"),
        support=support,
        support_degrees=number("support_threshold_angle") or 30.0,
        support_density=line / (line + number("support_base_pattern_spacing")),
        brim_width=_brim(values),
        skirt_loops=int(number("skirt_loops")),
        purge_mm=_purged_mm(settings.first(values, "machine_start_gcode")),
        prepare_s=_PREPARE_S,
    )


def _support(values: settings.Settings) -> Literal["none", "normal", "tree"]:
    kind = settings.first(values, "support_type")
    if settings.first(values, "enable_support") != "1" or "auto" not in kind:
        return "none"
    return "tree" if kind.startswith("tree") else "normal"


def _brim(values: settings.Settings) -> float:
    fixed = settings.first(values, "brim_type") in {"outer_only", "outer_and_inner"}
    return settings.number(values, "brim_width") if fixed else 0.0


def _purged_mm(start_gcode: str) -> float:
    """Filament that the start G-code lays, read as relative moves."""
    moves = re.findall(r"(?m)^G1\b[^;\n]*\bE(-?[\d.]+)", start_gcode)
    return max(0.0, sum(float(length) for length in moves))
