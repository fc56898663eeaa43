"""What a request changes in the profiles, in PrusaSlicer's keys.

The values are spelt as PrusaSlicer spells them in its G-code, where they are looked for after the
slice.
"""

from __future__ import annotations

from pricing_fdm.model import PrintSettings, Supports

_SOLID_PERCENT = 100


def prusa_overrides(settings: PrintSettings) -> dict[str, str]:
    """The caller's settings in PrusaSlicer's keys; they mean the same as `orca_overrides`."""
    overrides = {
        "fill_density": f"{settings.infill_percent}%",
        "support_material": "0" if settings.supports is Supports.NEVER else "1",
    }
    if settings.infill_percent == _SOLID_PERCENT:  # PrusaSlicer refuses a solid grid
        overrides["fill_pattern"] = "rectilinear"
    if settings.supports is Supports.ALWAYS:
        overrides |= {"support_material_threshold": "89", "dont_support_bridges": "0"}
    return overrides
