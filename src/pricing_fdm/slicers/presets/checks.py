"""What a profile must say for its slice to be priced, beyond being a well-formed file.

Each rule prevents a slice that OrcaSlicer would refuse at request time (exit 205, 239) or, worse,
make with a default of its own: 0 g/cm3, 2 mm3/s, 100 mm of height.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from pricing_fdm.model import PrintQuality
from pricing_fdm.slicers.presets.file import Profile

_RESETTING_FLAVORS = ("marlin", "marlin2")
_RESET = "G92 E0"
_LAYER_GCODES = ("before_layer_change_gcode", "layer_change_gcode")
_AUTOMATIC_SUPPORTS = ("normal(auto)", "tree(auto)")
_ABOVE_ZERO = {
    "filament_density": "grams follow from it",
    "filament_diameter": "volume follows from it",
    "filament_flow_ratio": "grams follow from it",
    "filament_max_volumetric_speed": "left out, OrcaSlicer prints at 2 mm3/s",
}


def machine_faults(machine: Profile) -> Iterator[str]:
    """The rule of relative extrusion, which OrcaSlicer checks at every slice."""
    if machine.text("gcode_flavor", default="marlin") not in _RESETTING_FLAVORS:
        return
    relative = machine.text("use_relative_e_distances", default="1") == "1"
    resets = any(_RESET in "".join(machine.texts(key)) for key in _LAYER_GCODES)
    if relative and not resets:
        yield f"use_relative_e_distances is 1, so {_LAYER_GCODES[0]} must contain {_RESET}."
    if resets and not relative:
        yield f"use_relative_e_distances is 0, so no layer G-code may contain {_RESET}."


def process_faults(process: Profile, thickness: int, machine: Profile | None) -> Iterator[str]:
    """A process must name the machine and have the layer height that it is offered for."""
    if machine and machine.name not in process.texts("compatible_printers"):
        yield f'compatible_printers must contain the machine\'s name, "{machine.name}".'
    height = _number(process, "layer_height")
    if height != PrintQuality("", thickness).height_mm:
        yield (
            f"layer_height is {process.text('layer_height')}, but it is offered for {thickness} um."
        )
    if process.text("support_type", default="normal(auto)") not in _AUTOMATIC_SUPPORTS:
        yield f"support_type must be {' or '.join(_AUTOMATIC_SUPPORTS)}; nobody paints supports."


def filament_faults(filament: Profile) -> Iterator[str]:
    """Figures that decide weight and time must be there and above zero."""
    for key, reason in _ABOVE_ZERO.items():
        number = _number(filament, key)
        if number is None or number <= 0:
            yield f"{key} must be a number above zero: {reason}."
    if not any(filament.texts("filament_type")):
        yield "filament_type is missing; every G-code is checked for it."


def _number(profile: Profile, key: str) -> Decimal | None:
    try:
        number = Decimal(next(iter(profile.texts(key)), ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
