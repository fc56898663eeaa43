"""Judges how safely a part stands on the bed in a pose.

Two figures decide: how far the part could lean before it falls over, and its height compared with
the area that holds it down.

Cost: O(s) in samples of the surface, whose number is fixed.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.orientation.surface import Standing

MIN_LEAN_DEGREES = 5.0
MAX_SLENDERNESS = 8.0
"""A tube of 150 mm on a foot of 20 mm prints, and is about the limit."""

ENOUGH_MM2 = 25.0
ENOUGH_SHARE = 0.01
"""A square of 5 mm holds a part; 1 % of its surface is enough for a small one."""

_TOUCHES = -0.9
_COMPASS = np.linspace(0.0, np.pi, 36, endpoint=False)
_DIRECTIONS = np.stack([np.cos(_COMPASS), np.sin(_COMPASS)], axis=1)


@dataclass(frozen=True, eq=False)  # no slots, because of the cached property
class Footing:
    """How a pose stands.

    Attributes:
        touching: Numbers of the points that lie on the bed.
        contact_mm2: Area that lies on the bed.
        contact_share: The same as a share of the whole surface.
        slenderness: Height over the side of a square as large as the contact.
    """

    part: Standing
    touching: npt.NDArray[np.intp]
    contact_mm2: float
    contact_share: float
    slenderness: float

    @functools.cached_property
    def lean_degrees(self) -> float:
        """How far the part may lean before it falls; negative if it falls anyway."""
        if not len(self.touching):
            return -90.0
        centroid = self.part.centroid
        feet = self.part.xy_mm(self.touching) - centroid[:2, np.newaxis]
        across = _DIRECTIONS @ feet
        reach_mm = min(float(across.max(axis=1).min()), -float(across.min(axis=1).max()))
        return math.degrees(math.atan2(reach_mm, float(centroid[2])))

    @property
    def is_safe(self) -> bool:
        """Whether the part stays where it is put."""
        return (
            (self.contact_mm2 >= ENOUGH_MM2 or self.contact_share >= ENOUGH_SHARE)
            and self.slenderness <= MAX_SLENDERNESS
            and self.lean_degrees >= MIN_LEAN_DEGREES
        )


def judge_footing(part: Standing, layer_mm: float) -> Footing:
    """Judges how a part stands; points that face down within half a layer of the bed touch it."""
    touching = np.flatnonzero((part.z_mm < layer_mm / 2) & (part.facing < _TOUCHES))
    contact_mm2 = len(touching) * part.area_mm2
    return Footing(
        part=part,
        touching=touching,
        contact_mm2=contact_mm2,
        contact_share=len(touching) / len(part.z_mm),
        slenderness=part.height_mm / math.sqrt(contact_mm2) if contact_mm2 else math.inf,
    )
