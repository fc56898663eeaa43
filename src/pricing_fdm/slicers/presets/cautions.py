"""What works in a preset and is probably not meant by the shop's owner."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from decimal import Decimal

from pricing_fdm.gcode_moves import start_moves
from pricing_fdm.shop.faults import Fault
from pricing_fdm.slicers.presets.file import PresetFormat, Profile
from pricing_fdm.slicers.presets.line_width import OUTER, outer_line_width_mm

_WIDTHS = (Decimal("0.85"), Decimal("1.5"))  # of the nozzle; from, and up to but without
_THICKEST = Decimal("0.8")  # of the nozzle
_UNREACHED = Decimal("1.5")  # times what the processes ask for
_USUAL_DENSITIES = (Decimal("0.7"), Decimal(3))
_USUAL_DIAMETERS = (Decimal("1.75"), Decimal("2.85"), Decimal(3))
_SPEEDS = (
    *("outer_wall_speed", "inner_wall_speed", "sparse_infill_speed", "travel_speed"),
    *("internal_solid_infill_speed", "top_surface_speed", "gap_infill_speed", "bridge_speed"),
)
_ACCELERATIONS = (
    *("default_acceleration", "outer_wall_acceleration", "inner_wall_acceleration"),
    *("travel_acceleration", "sparse_infill_acceleration", "bridge_acceleration"),
)
_LIMITS = {
    "machine_max_speed_x": (_SPEEDS, "mm/s"),
    "machine_max_acceleration_extruding": (_ACCELERATIONS, "mm/s2"),
}
_START_GCODES = ("machine_start_gcode", "filament_start_gcode")
_MM3_PER_CM3 = 1000


def line_cautions(process: Profile, machine: Profile) -> Iterator[Fault]:
    """Lines and layers that do not go with the machine's nozzle."""
    nozzle, height = machine.number("nozzle_diameter"), process.number("layer_height")
    if not nozzle or not height:
        return
    width_mm = outer_line_width_mm(machine, process)
    if not _WIDTHS[0] <= Decimal(f"{width_mm:.6f}") / nozzle < _WIDTHS[1]:
        message = (
            f"gives lines of {width_mm:g} mm with a nozzle of {nozzle} mm ({machine.path}); "
            "is this preset for another nozzle?"
        )
        yield process.fault(OUTER, message)
    least = machine.number("min_layer_height") or Decimal(0)
    most = machine.number("max_layer_height") or nozzle * _THICKEST
    if not least <= height <= most:
        message = f"is {height} mm; {machine.path} prints {least} to {most} mm well."
        yield process.fault("layer_height", message)


def filament_cautions(filament: Profile) -> Iterator[Fault]:
    """A density or a diameter that hardly any filament has."""
    density, diameter = filament.number("filament_density"), filament.number("filament_diameter")
    if density and not _USUAL_DENSITIES[0] <= density <= _USUAL_DENSITIES[1]:
        message = f"is {density} g/cm3; only foamed or metal-filled filaments have that."
        yield filament.fault("filament_density", message)
    if diameter and diameter not in _USUAL_DIAMETERS:
        yield filament.fault("filament_diameter", f"is {diameter} mm; 1.75 and 2.85 are usual.")


def limit_cautions(machine: Profile, processes: Iterable[Profile]) -> Iterator[Fault]:
    """Limits of the machine that no process reaches, or that the slicer does not count."""
    if machine.text("emit_machine_limits_to_gcode", default="") == "ignore":
        message = "is ignore: PrusaSlicer leaves the machine's limits out of its estimate."
        yield machine.fault("emit_machine_limits_to_gcode", message)
        return
    asking = list(processes)
    for key, (of_process, unit) in _LIMITS.items():
        limit = machine.number(key)
        asked = [number for each in asking for number in _asked(each, of_process)]
        if limit and asked and min(asked) > 0 and limit >= _UNREACHED * max(asked):
            message = (
                f"is {limit} {unit} and no process asks for more than {max(asked)}: this machine "
                "is priced as a slower one. Raise the speeds of its processes."
            )
            yield machine.fault(key, message)


def start_cautions(machine: Profile, filament: Profile) -> Iterator[Fault]:
    """Start G-code that moves or purges, with what that comes to."""
    gcodes = [preset.text(key, default="") for preset, key in _start_gcodes(machine, filament)]
    relative = machine.text("use_relative_e_distances", default="1") == "1"
    moves = start_moves(gcodes, extrudes_relatively=relative)
    grams = _grams(filament, max(moves.extruded_mm, 0.0))
    if moves.seconds < 1 and grams <= 0:
        return
    message = (
        f"moves and extrudes: about {grams:.2f} g of {filament.name} and {moves.seconds:.0f} s "
        "are charged with every part."
    )
    if machine.format is PresetFormat.PRUSA:
        message += " PrusaSlicer 2.5 counts the time only."
    yield machine.fault(_START_GCODES[0], message)


def _start_gcodes(machine: Profile, filament: Profile) -> Iterator[tuple[Profile, str]]:
    return zip((machine, filament), _START_GCODES, strict=True)


def _grams(filament: Profile, length_mm: float) -> float:
    diameter_mm = float(filament.number("filament_diameter") or 0)
    density = float(filament.number("filament_density") or 0)
    return length_mm * math.pi * diameter_mm**2 / 4 / _MM3_PER_CM3 * density


def _asked(process: Profile, keys: Iterable[str]) -> Iterator[Decimal]:
    """Speeds in mm/s; those in percent of another are never the highest."""
    for key in keys:
        if process.texts(key) and (number := process.number(key)) is not None:
            yield number
