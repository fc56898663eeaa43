"""Whether the part fits the printer, in the pose it has."""

from __future__ import annotations

from pricing_fdm.errors import ModelExceedsBuildVolume
from pricing_fdm.mesh.units import Size, beyond, length_text, size_text, smaller_unit_hint
from pricing_fdm.model import BuildVolume

UNIT_DOUBT = 5.0
"""A part so many times larger than the printer was probably scaled by mistake."""


def require_fit(size: Size, volume: BuildVolume) -> None:
    """Refuses a part that stands over the printer's box on any axis.

    Raises:
        ModelExceedsBuildVolume: With the sizes of both, and by how much it is too large.
    """
    over = beyond(size, volume)
    if not over:
        return
    by = ", ".join(f"{length_text(excess)} mm along {axis}" for axis, excess in over.items())
    detail = (
        f"The part measures {size_text(size)}, the printer prints {volume} (x, y, z): "
        f"too large by {by}."
    )
    room = (volume.x_mm, volume.y_mm, volume.z_mm)
    if any(side > UNIT_DOUBT * limit for side, limit in zip(size, room, strict=True)):
        detail = f"{detail} {smaller_unit_hint(size, volume)}".rstrip()
    raise ModelExceedsBuildVolume(detail)
