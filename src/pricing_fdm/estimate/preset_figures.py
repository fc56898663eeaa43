"""The figures of flattened presets that decide time and filament, of either slicer.

Presets have OrcaSlicer's keys or PrusaSlicer's; the table below names both. A percentage is one of
the figure that the table names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from pricing_fdm.estimate.features import SectionPlan
from pricing_fdm.model import PrintSettings, Supports

Values = Mapping[str, str | tuple[str, ...]]

_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(%?)")
_ROUNDED_END = 0.2146
"""A line is rounded at its sides: 1 - pi / 4."""
_ALL_ANGLES = 89.0


@dataclass(frozen=True, slots=True)
class PresetFigures:
    """Lengths in mm, speeds in mm/s, accelerations in mm/s2, a density in g/cm3.

    Attributes:
        infill_share: Of sparse infill, 0 to 1.
        flow_cap_mm3_s: Most plastic that the nozzle melts.
        flow_ratio: Plastic laid down for each part of the geometry.
        min_layer_s: The slicer slows down a layer that takes less.
        min_speed: But not below this.
        overhang_speed: Of walls over air.
    """

    layer_height: float
    first_layer_height: float
    walls: float
    top_layers: float
    bottom_layers: float
    outer_width: float
    inner_width: float
    sparse_width: float
    solid_width: float
    support_width: float
    outer_speed: float
    inner_speed: float
    small_speed: float
    overhang_speed: float
    sparse_speed: float
    solid_speed: float
    top_speed: float
    bridge_speed: float
    support_speed: float
    interface_speed: float
    first_layer_speed: float
    travel_speed: float
    z_speed: float
    outer_acceleration: float
    inner_acceleration: float
    infill_acceleration: float
    travel_acceleration: float
    jerk: float
    retraction: float
    retraction_speed: float
    lift: float
    infill_share: float
    flow_cap_mm3_s: float
    flow_ratio: float
    density: float
    min_layer_s: float
    min_speed: float
    support_spacing: float
    support_gap: float
    support_angle: float
    interface_layers: float
    interface_spacing: float


# name: (OrcaSlicer's key, PrusaSlicer's key, what a missing value is, what a percentage is of)
_KEYS: dict[str, tuple[str, str, float | str, str]] = {
    "layer_height": ("layer_height", "layer_height", 0.2, ""),
    "first_layer_height": (
        "initial_layer_print_height",
        "first_layer_height",
        "layer_height",
        "layer_height",
    ),
    "walls": ("wall_loops", "perimeters", 2, ""),
    "top_layers": ("top_shell_layers", "top_solid_layers", 4, ""),
    "bottom_layers": ("bottom_shell_layers", "bottom_solid_layers", 3, ""),
    "line_width": ("line_width", "extrusion_width", 0.45, "width"),
    "inner_width": ("inner_wall_line_width", "perimeter_extrusion_width", "line_width", "width"),
    "outer_width": (
        "outer_wall_line_width",
        "external_perimeter_extrusion_width",
        "line_width",
        "width",
    ),
    "sparse_width": ("sparse_infill_line_width", "infill_extrusion_width", "line_width", "width"),
    "solid_width": (
        "internal_solid_infill_line_width",
        "solid_infill_extrusion_width",
        "line_width",
        "width",
    ),
    "support_width": (
        "support_line_width",
        "support_material_extrusion_width",
        "line_width",
        "width",
    ),
    "inner_speed": ("inner_wall_speed", "perimeter_speed", 60, ""),
    "outer_speed": ("outer_wall_speed", "external_perimeter_speed", 30, "inner_speed"),
    "small_speed": ("small_perimeter_speed", "small_perimeter_speed", 15, "inner_speed"),
    "overhang_speed": ("overhang_4_4_speed", "bridge_speed", 50, "outer_speed"),
    "sparse_speed": ("sparse_infill_speed", "infill_speed", 80, ""),
    "solid_speed": ("internal_solid_infill_speed", "solid_infill_speed", 20, "sparse_speed"),
    "top_speed": ("top_surface_speed", "top_solid_infill_speed", 15, "solid_speed"),
    "bridge_speed": ("bridge_speed", "bridge_speed", 60, ""),
    "support_speed": ("support_speed", "support_material_speed", 60, ""),
    "interface_speed": (
        *("support_interface_speed", "support_material_interface_speed"),
        *("support_speed", "support_speed"),
    ),
    "first_layer_speed": ("initial_layer_speed", "first_layer_speed", 30, "inner_speed"),
    "travel_speed": ("travel_speed", "travel_speed", 130, ""),
    "z_speed": ("machine_max_speed_z", "machine_max_feedrate_z", 12, ""),
    "most_acceleration": (
        *("machine_max_acceleration_extruding", "machine_max_acceleration_extruding"),
        *(1500, ""),
    ),
    "default_acceleration": ("default_acceleration", "default_acceleration", 0, ""),
    "inner_acceleration": ("inner_wall_acceleration", "perimeter_acceleration", 0, ""),
    "outer_acceleration": ("outer_wall_acceleration", "external_perimeter_acceleration", 0, ""),
    "infill_acceleration": ("sparse_infill_acceleration", "infill_acceleration", 0, ""),
    "travel_acceleration": ("travel_acceleration", "travel_acceleration", 0, ""),
    "jerk": ("machine_max_jerk_x", "machine_max_jerk_x", 10, ""),
    "retraction": ("retraction_length", "retract_length", 0, ""),
    "retraction_speed": ("retraction_speed", "retract_speed", 40, ""),
    "lift": ("z_hop", "retract_lift", 0, ""),
    "infill_share": ("sparse_infill_density", "fill_density", 20, ""),
    "flow_cap_mm3_s": ("filament_max_volumetric_speed", "filament_max_volumetric_speed", 0, ""),
    "flow_ratio": ("filament_flow_ratio", "extrusion_multiplier", 1, ""),
    "density": ("filament_density", "filament_density", 0, ""),
    "cooling": ("slow_down_for_layer_cooling", "cooling", 1, ""),
    "min_layer_s": ("slow_down_layer_time", "slowdown_below_layer_time", 5, ""),
    "min_speed": ("slow_down_min_speed", "min_print_speed", 10, ""),
    "support_spacing": ("support_base_pattern_spacing", "support_material_spacing", 2.5, ""),
    "support_gap": ("support_top_z_distance", "support_material_contact_distance", 0.2, ""),
    "support_angle": ("support_threshold_angle", "support_material_threshold", 45, ""),
    "interface_layers": (
        *("support_interface_top_layers", "support_material_interface_layers"),
        *(2, ""),
    ),
    "interface_spacing": (
        *("support_interface_spacing", "support_material_interface_spacing"),
        *(0.2, ""),
    ),
}
_NO_CAP_MM3_S = 1000.0


def is_read(key: str) -> bool:
    """Whether an estimate looks at a setting, by OrcaSlicer's key."""
    return key in {keys[0] for keys in _KEYS.values()}


def preset_figures(values: Values, settings: PrintSettings) -> PresetFigures:
    """Reads the figures.

    Args:
        values: Machine, process and filament preset together, under their own keys.
        settings: What the request changes.
    """
    found = _found({**values, **dict(settings.overrides)})
    found["infill_share"] = settings.infill_percent / 100
    found["flow_cap_mm3_s"] = found["flow_cap_mm3_s"] or _NO_CAP_MM3_S
    if not found["cooling"]:
        found["min_layer_s"] = 0.0
    most = found["most_acceleration"] or 1500.0
    for name in ("inner", "outer", "infill", "travel"):
        key = f"{name}_acceleration"
        found[key] = min(found[key] or found["default_acceleration"] or most, most)
    return PresetFigures(**{each.name: found[each.name] for each in fields(PresetFigures)})


def section_plan(figures: PresetFigures, supports: Supports) -> SectionPlan:
    """What the sections of a part are measured by."""
    angle = {Supports.NEVER: 0.0, Supports.ALWAYS: _ALL_ANGLES}.get(
        supports, figures.support_angle or 45.0
    )
    height = figures.layer_height
    outer, inner = spacing(figures.outer_width, height), spacing(figures.inner_width, height)
    lines = figures.outer_width / 2 + outer / 2 + max(0.0, figures.walls - 1) * inner
    return SectionPlan(
        layer_height_mm=height,
        first_layer_mm=figures.first_layer_height,
        line_mm=figures.outer_width,
        wall_mm=lines if figures.walls else 0.0,
        top_mm=figures.top_layers * height,
        bottom_mm=figures.bottom_layers * height,
        support_angle_degrees=angle,
        support_if_needed=supports is Supports.AUTO,
        support_bridges=supports is Supports.ALWAYS,
        support_gap_mm=figures.support_gap,
    )


def spacing(width: float, height: float) -> float:
    """Distance between lines that lie side by side; their section is this times the height."""
    return max(width - height * _ROUNDED_END, width / 2)


def _found(values: Values) -> dict[str, float]:
    is_orca = "sparse_infill_density" in values
    found: dict[str, float] = {}
    nozzle = _number(values, "nozzle_diameter", "", {}) or 0.4
    for name, (orca, prusa, default, whole) in _KEYS.items():
        # A width in percent is one of the nozzle in OrcaSlicer, of the layer in PrusaSlicer.
        whole_of = {"width": nozzle if is_orca else found.get("layer_height", nozzle), **found}
        number = _number(values, orca if is_orca else prusa, whole, whole_of)
        if number is None or (name.endswith("_width") and number == 0):
            number = found[default] if isinstance(default, str) else float(default)
        found[name] = number
    return found


def _number(values: Values, key: str, whole: str, known: Mapping[str, float]) -> float | None:
    value = values.get(key, "")
    match = _NUMBER.match(value if isinstance(value, str) else next(iter(value), ""))
    if match is None:
        return None
    number = float(match[1])
    return number / 100 * known.get(whole, 100.0) if match[2] else number
