"""The checks OrcaSlicer makes on merged settings before it slices.

Values out of their range end with -18 (or 254 when the command line gave them); combinations
that cannot be printed end with -51. The `G92 E0` rule is the one the built-in defaults break.
"""

from __future__ import annotations

import re

from tests.fakes.orca import settings
from tests.fakes.orca.report import VALIDATE_ERROR, Refusal

_MAX_WIDTH_OF_NOZZLE = 5
_WIDTHS = (
    "initial_layer_line_width",
    "inner_wall_line_width",
    "internal_solid_infill_line_width",
    "line_width",
    "outer_wall_line_width",
    "sparse_infill_line_width",
    "support_line_width",
    "top_surface_line_width",
)
_ABOVE_ZERO = ("layer_height", "initial_layer_print_height")
_RANGES: dict[str, tuple[float, float]] = {
    "bottom_shell_layers": (0, 2147483647),
    "brim_width": (0, 100),
    "filament_cost": (0, 2147483647),
    "filament_density": (0, 2147483647),
    "filament_diameter": (1, 2147483647),
    "filament_flow_ratio": (0.01, 2),
    "nozzle_diameter": (0.005, 2147483647),
    "nozzle_temperature": (0, 1500),
    "printable_height": (0, 214700),
    "skirt_loops": (0, 10),
    "sparse_infill_density": (0, 100),
    "support_threshold_angle": (0, 90),
    "top_shell_layers": (0, 2147483647),
    "wall_loops": (0, 1000),
}

_NO_RESET = (
    "Relative extruder addressing requires resetting the extruder position at each layer to"
    ' prevent loss of floating point accuracy. Add "G92 E0" to layer_gcode.'
)
_RESET_IN_ABSOLUTE = (
    '"G92 E0" was found in {}, which is incompatible with absolute extruder addressing.'
)
_TOO_THICK = "Layer height cannot exceed nozzle diameter."


def out_of_range(values: settings.Settings) -> list[str]:
    """One line for each value outside its range, in order of the names."""
    faults = []
    for name in sorted(values):
        if name in _ABOVE_ZERO and settings.number(values, name) <= 0:
            faults.append(f"{name}: invalid value {settings.number(values, name):f}")
        if name in _RANGES:
            low, high = _RANGES[name]
            found = settings.number(values, name, percent_of=100)
            if not low <= found <= high:
                shown = settings.config_text(name, values[name])
                faults.append(f"{name}: {shown} not in range [{low:f},{high:f}]")
    return faults


def check_printable(values: settings.Settings, *, no_check: bool) -> None:
    """Refuses settings that contradict each other.

    With `no_check` a too high layer passes, and other refusals carry their own text.

    Raises:
        Refusal: -51.
    """
    if _too_thick(values) and not no_check:
        raise _refused(_TOO_THICK, no_check=no_check)
    for fault in (_width_fault(values), _extruder_fault(values)):
        if fault:
            raise _refused(fault, no_check=no_check)


def _too_thick(values: settings.Settings) -> bool:
    nozzle = settings.number(values, "nozzle_diameter")
    return any(settings.number(values, name) > nozzle + 1e-9 for name in _ABOVE_ZERO)


def _width_fault(values: settings.Settings) -> str:
    nozzle = settings.number(values, "nozzle_diameter")
    layer = settings.number(values, "layer_height")
    for name in _WIDTHS:
        width = settings.number(values, name, percent_of=nozzle)
        if width and width <= layer:
            return "Too small line width"
        if width > nozzle * _MAX_WIDTH_OF_NOZZLE:
            return "Too large line width"
    return ""


def _extruder_fault(values: settings.Settings) -> str:
    resets = {
        name: bool(re.search(r"(?im)^[^;\n]*\bG92\s+E0", settings.first(values, name)))
        for name in ("before_layer_change_gcode", "layer_change_gcode")
    }
    if settings.first(values, "use_relative_e_distances") == "1":
        marlin = settings.first(values, "gcode_flavor") in {"marlin", "marlin2"}
        return _NO_RESET if marlin and not any(resets.values()) else ""
    if resets["before_layer_change_gcode"]:
        return _RESET_IN_ABSOLUTE.format("before_layer_gcode")
    return _RESET_IN_ABSOLUTE.format("layer_gcode") if resets["layer_change_gcode"] else ""


def _refused(text: str, *, no_check: bool) -> Refusal:
    return Refusal(
        VALIDATE_ERROR,
        plate=1,
        log=f"got error when validate: {text}\n",
        stderr=f"{text}\n",
        message=text if no_check else "",
    )
