"""Judges a part's shape in the pose that is printed, and measures its overhangs.

A warning is given only where there is no doubt: a plain part has none. Thin walls, pins, holes and
overlaps are looked for in some two dozen horizontal sections, so one may be missed; overhangs are
summed over all faces.

Cost: O(n) in triangles, and that of some two dozen sections and what is looked for in each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.bodies import boxes_of_bodies, pieces_of
from pricing_fdm.mesh.shape.scanlines import Overlaps, scan
from pricing_fdm.mesh.shape.sections import Knife
from pricing_fdm.mesh.shape.small_features import SmallFeatures
from pricing_fdm.mesh.shape.stance import judge_stance
from pricing_fdm.mesh.shape.thin_walls import ThinWalls
from pricing_fdm.mesh.triangles import Ints, Mesh, area_columns, corner_columns, dot_columns
from pricing_fdm.model import QuoteWarning

_ALONG_X_AND_Y = (0, 1)


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a part in the pose that is printed.

    Attributes:
        overhang_share: Share of the surface, 0 to 1, that faces down by more than 45 degrees from
            the vertical; without the surface on the bed.
    """

    overhang_share: float
    warnings: tuple[QuoteWarning, ...]


def judge_shape(mesh: Mesh, body_of_face: Ints, *, line_width_mm: float) -> Shape:
    """Judges a part in the pose that is printed.

    Args:
        mesh: Closed, right side out, lowest point at z = 0.
        body_of_face: Number of the body that each face belongs to, from 0 without gaps.
        line_width_mm: Of one extrusion of the outer wall.
    """
    overhang = overhang_of(mesh)
    pieces = pieces_of(*boxes_of_bodies(mesh, body_of_face))
    knife = Knife(mesh)
    walls, features = ThinWalls(line_width_mm), SmallFeatures(line_width_mm)
    overlaps = Overlaps()
    features.look_at_pieces(pieces)
    for section in knife.sections():
        features.look(section)
        for axis in _ALONG_X_AND_Y:
            lines = scan(section, axis)
            walls.look(section, lines)
            overlaps.look(lines)
    return Shape(
        overhang_share=overhang.share,
        warnings=(
            *walls.warnings(),
            *features.warnings(),
            *overhang.warnings(),
            *judge_stance(knife, body_of_face, pieces),
            *overlaps.warnings(),
        ),
    )


LIMIT_DEGREES = 45.0
"""From the vertical; the limit in every design guide for this process."""

ROUNDING_DEGREES = 0.5
"""How much steeper a face must be, since exports round: a funnel of Voron's has 27 cm2 just beyond
45 degrees."""

ON_THE_BED_MM = 0.4
"""A face up to this height lies on the bed or on its first layers."""

WARN_SHARE = 0.1
WARN_SHARE_MM2 = 200.0
WARN_MM2 = 1000.0
"""There is a warning from a tenth of the surface on if that is 2 cm2, and always from 10 cm2 on.
Parts known to print without support, such as calibration cubes and the Benchy, stay below."""

_STEEP = np.sin(np.radians(LIMIT_DEGREES + ROUNDING_DEGREES))


@dataclass(frozen=True, slots=True)
class Overhang:
    """The overhanging surface, and the whole surface."""

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
                {
                    "share_of_surface": round(self.share, 3),
                    "area_cm2": round(self.area_mm2 / 100, 1),
                },
            )


def overhang_of(mesh: Mesh) -> Overhang:
    """Sums the overhangs of all faces of a mesh that stands on z = 0."""
    surface = hanging = 0.0
    for _, corners in corner_columns(mesh.points, mesh.faces):
        normals = area_columns(corners)
        areas = np.sqrt(dot_columns(normals, normals))
        surface += float(areas.sum())
        down = np.flatnonzero(normals[2] < -_STEEP * areas)
        above = corners[2][:, down].max(axis=0) > ON_THE_BED_MM
        hanging += float(areas[down[above]].sum())
    return Overhang(hanging / 2, surface / 2)
