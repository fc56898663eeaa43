"""Whether the surface runs through itself, so that its volume counts some places more than once.

The slicers unite what overlaps, so time, weight and price are right. The volume of the model is a
sum over the surface, and is not. Places that are enclosed twice, or inside out, are found along
scan lines; surfaces that only touch enclose nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing_fdm.mesh.shape.scanlines import Scan
from pricing_fdm.model import QuoteWarning

MIN_SHARE = 0.001
"""Share of the volume from which on it is told of: what the volume is shown to."""

MIN_DEPTH_MM = 0.1
"""Surfaces that cross less deeply are the rounding of an export."""

MIN_SAMPLES = 12
"""Fewer are an accident."""

_DIRECTIONS = 2


class Overlaps:
    """What the scan lines tell of places enclosed more than once."""

    def __init__(self) -> None:
        self._volume_mm3 = 0.0
        self._doubled_mm3 = 0.0
        self._samples = 0

    def look(self, scan: Scan) -> None:
        """Takes in one scan."""
        onward = np.maximum(np.diff(scan.at_mm), 0.0)
        winding = scan.winding[:-1]
        excess = np.where(winding > 0, winding - 1, -winding)
        deep = (excess > 0) & (onward >= MIN_DEPTH_MM)
        self._samples += int(np.count_nonzero(deep))
        self._doubled_mm3 += float((onward * excess)[deep].sum()) * scan.cell_mm2 / _DIRECTIONS
        self._volume_mm3 += float(onward[winding > 0].sum()) * scan.cell_mm2 / _DIRECTIONS

    def warnings(self) -> Iterator[QuoteWarning]:
        """At most one."""
        if self._samples < MIN_SAMPLES or self._doubled_mm3 < MIN_SHARE * self._volume_mm3:
            return
        yield QuoteWarning(
            "self_intersections",
            "Surfaces of the model seem to run through each other: places that make up about "
            f"{self._doubled_mm3 / self._volume_mm3:.1%} of its volume are enclosed more than "
            "once or inside out. The slicer unites what overlaps, and the price follows the "
            "slicer; the stated volume of the model counts such places each time. Unite the "
            "bodies in your CAD program and check the part in a preview.",
        )
