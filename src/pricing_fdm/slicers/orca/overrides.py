"""What a request changes in the profiles, in OrcaSlicer's keys.

The values are spelt as OrcaSlicer spells them in its G-code, where they are looked for after the
slice.
"""

from __future__ import annotations

from pricing_fdm.model import PrintSettings, Supports

_SOLID_PERCENT = 100


def orca_overrides(settings: PrintSettings) -> dict[str, str]:
    """The caller's settings in OrcaSlicer's keys.

    `auto` leaves the threshold and the bridges to the process profile. `always` supports every
    overhang, and bridges.
    """
    overrides = {
        "sparse_infill_density": f"{settings.infill_percent}%",
        "enable_support": "0" if settings.supports is Supports.NEVER else "1",
    }
    if settings.infill_percent == _SOLID_PERCENT:  # as OrcaSlicer's own window does
        overrides["sparse_infill_pattern"] = "rectilinear"
    if settings.supports is Supports.ALWAYS:  # OrcaSlicer caps the angle at 89 degrees
        overrides |= {"support_threshold_angle": "89", "bridge_no_support": "0"}
    return overrides
