"""What a preset must say for its slice to be priced, beyond being a well-formed file.

Each rule prevents a slice that the slicer would refuse at request time (OrcaSlicer's exit 205, 239)
or, worse, make with a default of its own: 0 g/cm3, 2 mm3/s, 100 mm of height.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.presets.conditions import ConditionError, holds
from pricing_fdm.slicers.presets.file import PresetFormat, Profile, ProfileKind, unescaped
from pricing_fdm.slicers.presets.line_width import outer_line_width_mm

_RESETTING_FLAVORS = ("marlin", "marlin2")
_RESET = "G92 E0"
_LAYER_GCODES = ("before_layer_change_gcode", "layer_change_gcode")
_AUTOMATIC_SUPPORTS = ("normal(auto)", "tree(auto)")
_UM_PER_MM = 1000
_WIDEST_NOZZLE_MM = 100
_DENSITIES = (Decimal("0.2"), Decimal(12))  # foamed plastic; plastic full of metal

_GRAMS = "grams follow from it"
_ABOVE_ZERO = {
    "filament_density": _GRAMS,
    "filament_diameter": "volume follows from it",
    "filament_flow_ratio": _GRAMS,
}
_ORCA_ABOVE_ZERO = {"filament_max_volumetric_speed": "left out, OrcaSlicer prints at 2 mm3/s"}


def machine_faults(machine: Profile) -> Iterator[Fault]:
    """The nozzle, and the rule of relative extrusion that OrcaSlicer checks at every slice."""
    nozzles = machine.texts("nozzle_diameter")
    nozzle = machine.number("nozzle_diameter")
    if nozzle is None or not 0 < nozzle < _WIDEST_NOZZLE_MM:
        message = f"must be a number above zero and below {_WIDEST_NOZZLE_MM}, in mm."
        yield machine.fault("nozzle_diameter", message)
    elif len(nozzles) > 1 and machine.format is PresetFormat.PRUSA:
        message = f"describes {len(nozzles)} extruders; prices are made for one: keep the first."
        yield machine.fault("nozzle_diameter", message)
    if machine.format is PresetFormat.ORCA:
        yield from _extrusion_faults(machine)


def _extrusion_faults(machine: Profile) -> Iterator[Fault]:
    if machine.text("gcode_flavor", default="marlin") not in _RESETTING_FLAVORS:
        return
    relative = machine.text("use_relative_e_distances", default="1") == "1"
    resets = any(_RESET in "".join(machine.texts(key)) for key in _LAYER_GCODES)
    if relative != resets:
        rule = "is 1, so {} must" if relative else "is 0, so no layer G-code may"
        message = f"{rule.format(_LAYER_GCODES[0])} contain {_RESET}."
        yield machine.fault("use_relative_e_distances", message)


def process_faults(process: Profile, layer_thickness_um: int) -> Iterator[Fault]:
    """A process must have the layer height that it is offered for."""
    height, offered = process.number("layer_height"), Decimal(layer_thickness_um) / _UM_PER_MM
    if not process.texts("layer_height"):
        yield process.fault("layer_height", "is missing.")
    elif height != offered:
        message = f"is {process.text('layer_height')}, but the shop offers it for {offered} mm."
        yield process.fault("layer_height", message)
    supports = process.text("support_type", default="normal(auto)")
    if process.format is PresetFormat.ORCA and supports not in _AUTOMATIC_SUPPORTS:
        message = f"must be {' or '.join(_AUTOMATIC_SUPPORTS)}; nobody paints supports."
        yield process.fault("support_type", message)


def filament_faults(filament: Profile) -> Iterator[Fault]:
    """Figures that decide weight and time must be there and above zero."""
    is_orca = filament.format is PresetFormat.ORCA
    for key, reason in {**_ABOVE_ZERO, **(_ORCA_ABOVE_ZERO if is_orca else {})}.items():
        number = filament.number(key)
        if number is None or number <= 0:
            yield filament.fault(key, f"must be a number above zero: {reason}.")
    density = filament.number("filament_density")
    if density and density > 0 and not _DENSITIES[0] <= density <= _DENSITIES[1]:
        message = f"is {density} g/cm3, which no filament has: plastics have 0.9 to 1.5."
        yield filament.fault("filament_density", message)
    if not any(filament.texts("filament_type")):
        yield filament.fault("filament_type", "is missing; every G-code is checked for it.")


def machine_fit_faults(preset: Profile, machine: Profile) -> Iterator[Fault]:
    """A process or filament must be meant for the machine, and lay lines that its nozzle can."""
    if preset.format is not machine.format:
        message = f"is no {machine.format} file as the printer's {machine.path} is."
        yield preset.fault("", message)
    elif preset.format is PresetFormat.ORCA:
        yield from _named_machine_faults(preset, machine)
    else:
        yield from _condition_faults(preset, machine)


def lines_faults(process: Profile, machine: Profile) -> Iterator[Fault]:
    """Line width and layer height that the machine's nozzle cannot lay at all."""
    try:
        outer_line_width_mm(machine, process)
    except ShopError as error:
        yield from error.faults
    nozzle, height = machine.number("nozzle_diameter"), process.number("layer_height")
    if nozzle and height and height > nozzle:
        message = f"is {height} mm, above the nozzle's {nozzle} mm; no slicer accepts that."
        yield process.fault("layer_height", message)


def _named_machine_faults(preset: Profile, machine: Profile) -> Iterator[Fault]:
    """OrcaSlicer refuses a process that does not name its machine; a filament may name none."""
    names = preset.texts("compatible_printers")
    if machine.name not in names and (names or "compatible_printers" in _needed(preset)):
        message = f'must contain the machine\'s name, "{machine.name}".'
        yield preset.fault("compatible_printers", message)


def _needed(preset: Profile) -> tuple[str, ...]:
    return ("compatible_printers",) if preset.kind is ProfileKind.PROCESS else ()


def _condition_faults(preset: Profile, machine: Profile) -> Iterator[Fault]:
    key = "compatible_printers_condition"
    condition = str(preset.values.get(key, ""))
    if condition.startswith('"'):  # as PrusaSlicer exports it
        condition = unescaped(condition[1:-1])
    if not condition:
        return
    settings = {name: str(value) for name, value in machine.values.items()}
    try:
        if not holds(condition, settings):
            message = f"is {condition}, so it is for another printer than {machine.path}."
            yield preset.fault(key, message)
    except ConditionError as error:
        message = f"cannot be judged ({error}); take it out if the preset is for this printer."
        yield preset.fault(key, message)
