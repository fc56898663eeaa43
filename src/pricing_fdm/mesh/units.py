"""How sizes are said, and which unit a caller probably meant.

STL carries no unit: coordinates are millimetres unless the caller says otherwise, and nothing is
scaled in silence. Where the size makes no sense and would in another unit, the answer names that.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.model import BuildVolume, Unit

Size: TypeAlias = tuple[float, float, float]
"""Extents along x, y, z in mm."""

FIT_TOLERANCE_MM = 0.001
"""How far a part may stand over: what rounding to float32 can add, far below what prints."""

_LARGER_UNITS = (("metres", 1000.0), ("inches", 25.4), ("centimetres", 10.0))
_DIVISORS = (25.4, 10.0, 1000.0)


def in_mm(corners: Corners, unit: Unit) -> Corners:
    """The corners in mm; what is no number, or grows beyond float32, is refused later."""
    if unit is Unit.MM:
        return corners
    with np.errstate(over="ignore", invalid="ignore"):
        return corners * np.float32(unit.length_mm)


def length_text(length_mm: float) -> str:
    """`129.98`, `0.03`: to a micrometre, small ones to a nanometre, without idle zeros."""
    digits = 3 if length_mm >= 1 else 6
    return f"{length_mm:.{digits}f}".rstrip("0").rstrip(".")


def size_text(size: Size) -> str:
    """`30 x 20 x 10 mm`, in the order x, y, z."""
    return " x ".join(length_text(side) for side in size) + " mm"


def beyond(size: Size, volume: BuildVolume) -> dict[str, float]:
    """The axes along which a part of this size is too large for the printer, and by how much."""
    room = (volume.x_mm, volume.y_mm, volume.z_mm)
    over = {axis: side - limit for axis, side, limit in zip("xyz", size, room, strict=True)}
    return {axis: excess for axis, excess in over.items() if excess > FIT_TOLERANCE_MM}


def larger_unit_hint(size: Size, volume: BuildVolume) -> str:
    """What a part that is far too small would be if drawn in a larger unit; may be empty."""
    for unit, factor in _LARGER_UNITS:
        scaled = _scaled(size, factor)
        if not beyond(scaled, volume):
            return (
                f"If it was drawn in {unit} (x {factor:g}), it would be {size_text(scaled)}: "
                "name that unit in the request, or export it in millimetres."
            )
    return ""


def smaller_unit_hint(size: Size, volume: BuildVolume) -> str:
    """What a part that is far too large would be if scaled by mistake; may be empty."""
    for divisor in _DIVISORS:
        scaled = _scaled(size, 1 / divisor)
        if not beyond(scaled, volume):
            return (
                f"Divided by {divisor:g} it would be {size_text(scaled)} and fit: check the unit "
                "of the export."
            )
    return ""


def _scaled(size: Size, factor: float) -> Size:
    return size[0] * factor, size[1] * factor, size[2] * factor
