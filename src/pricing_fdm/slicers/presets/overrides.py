"""What a request changes in the profiles, said in each slicer's keys.

Both slicers are told the same. The values are written as the slicers write them into their
G-code, where they are looked for after the slice.
"""

from __future__ import annotations

from pricing_fdm.model import PrintSettings, Supports

_ON, _OFF = "1", "0"
_SOLID = 100

# Neither slicer lays a grid at 100 %: PrusaSlicer stops, OrcaSlicer's own window switches too.
_SOLID_PATTERN = "rectilinear"

# Every overhang, whatever its slope. OrcaSlicer caps at 89 degrees; PrusaSlicer takes it as it is.
_EVERY_OVERHANG_DEGREES = "89"


def orca_overrides(settings: PrintSettings) -> dict[str, str]:
    """The caller's settings in OrcaSlicer's keys.

    `auto` leaves the threshold and the bridges to the process profile; `always` supports every
    overhang at any angle, and bridges.
    """
    overrides = {
        "sparse_infill_density": f"{settings.infill_percent}%",
        "enable_support": _OFF if settings.supports is Supports.NEVER else _ON,
    }
    if settings.infill_percent == _SOLID:
        overrides["sparse_infill_pattern"] = _SOLID_PATTERN
    if settings.supports is Supports.ALWAYS:
        overrides["support_threshold_angle"] = _EVERY_OVERHANG_DEGREES
        overrides["bridge_no_support"] = _OFF
    return overrides


def prusa_overrides(settings: PrintSettings) -> dict[str, str]:
    """The same in PrusaSlicer's keys."""
    overrides = {
        "fill_density": f"{settings.infill_percent}%",
        "support_material": _OFF if settings.supports is Supports.NEVER else _ON,
    }
    if settings.infill_percent == _SOLID:
        overrides["fill_pattern"] = _SOLID_PATTERN
    if settings.supports is Supports.ALWAYS:
        overrides["support_material_threshold"] = _EVERY_OVERHANG_DEGREES
        overrides["dont_support_bridges"] = _OFF
    return overrides
