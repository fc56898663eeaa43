"""How much of the surface hangs over: faces down by more than 45 degrees from the vertical.

An exact sum over all faces. What lies on the bed does not hang, nor does a chamfer of 45 degrees,
however its export was rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.triangles import Mesh, area_columns, corner_columns, dot_columns
from pricing_fdm.model import QuoteWarning

LIMIT_DEGREES = 45.0
"""From the vertical; what every design guide for this process gives as printable in the air."""

ROUNDING_DEGREES = 0.5
"""How much steeper a face must be; a funnel of Voron's has 27 cm2 at 45 degrees and a bit."""

ON_THE_BED_MM = 0.4
"""A face that reaches no higher is carried by the bed or the first layers on it."""

WARN_SHARE = 0.1
WARN_SHARE_MM2 = 200.0
WARN_MM2 = 1000.0
"""Told of from a tenth of the surface on, if that is 2 cm2, and from 10 cm2 on in any case. Parts
that are known to print without support, such as calibration cubes and the Benchy, stay below."""

_STEEP = np.sin(np.radians(LIMIT_DEGREES + ROUNDING_DEGREES))


@dataclass(frozen=True, slots=True)
class Overhang:
    """The surface that hangs over, and all of it."""

    area_mm2: float
    surface_mm2: float

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.area_mm2 / self.surface_mm2 if self.surface_mm2 else 0.0

    def warnings(self) -> Iterator[QuoteWarning]:
        """At most one."""
        noticeable = self.share >= WARN_SHARE and self.area_mm2 >= WARN_SHARE_MM2
        if noticeable or self.area_mm2 >= WARN_MM2:
            yield QuoteWarning(
                "overhangs",
                f"{self.share:.1%} of the surface ({self.area_mm2 / 100:.1f} cm2) faces down by "
                f"more than {LIMIT_DEGREES:g} degrees from the vertical. It needs support or gets "
                "a rough underside. Another pose, or chamfers of 45 degrees, may avoid that.",
            )


def overhang_of(mesh: Mesh) -> Overhang:
    """Measures a mesh that stands on z = 0."""
    surface = hanging = 0.0
    for _, corners in corner_columns(mesh.points, mesh.faces):
        normals = area_columns(corners)
        areas = np.sqrt(dot_columns(normals, normals))
        surface += float(areas.sum())
        down = np.flatnonzero(normals[2] < -_STEEP * areas)
        above = corners[2][:, down].max(axis=0) > ON_THE_BED_MM
        hanging += float(areas[down[above]].sum())
    return Overhang(hanging / 2, surface / 2)
