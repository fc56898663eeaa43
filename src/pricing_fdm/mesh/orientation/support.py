"""How much support a slicer would build under a pose, estimated column by column.

Whatever faces down more steeply than the threshold, and is no bridge, needs support from there
down to the next surface that faces up, or to the bed.

Cost: that of `columns` and `bridges`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.orientation.bridges import bridged
from pricing_fdm.mesh.orientation.columns import Columns
from pricing_fdm.mesh.orientation.surface import Standing

THRESHOLD_DEGREES = 31.0
"""`support_threshold_angle` of the profiles, from the horizontal; both slicers add a degree."""

_DOWN = -float(np.cos(np.radians(THRESHOLD_DEGREES)))


@dataclass(frozen=True, slots=True)
class Support:
    """What stands under a part.

    Attributes:
        volume_mm3: Of the columns, as if they were solid.
        contact_mm2: Area of the columns' tops.
    """

    volume_mm3: float
    contact_mm2: float


def estimate_support(part: Standing, layer_mm: float) -> Support:
    """Estimates the support; what hangs no higher than a layer needs none."""
    hanging = (part.facing < _DOWN) & (part.z_mm > layer_mm)
    if not hanging.any():
        return Support(0.0, 0.0)
    columns = Columns(part)
    hanging = hanging[columns.order]
    hanging &= ~bridged(columns, hanging, layer_mm)
    rises = columns.rises_to(np.flatnonzero(hanging))
    rises = rises[rises > layer_mm]
    section_mm2 = columns.width_mm**2
    return Support(float(rises.sum()) * section_mm2, len(rises) * section_mm2)
