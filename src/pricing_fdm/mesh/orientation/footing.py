"""How safely a part stands on the bed in a pose.

A pose that prints fast and comes loose halfway is no bargain. Two figures tell: how far the part
could lean before it falls over, and how high it is for the area that holds it down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.orientation.surface import Standing

MIN_LEAN_DEGREES = 5.0
MAX_SLENDERNESS = 8.0
"""A tube of 150 mm on a foot of 20 mm prints, and is about the limit."""

ENOUGH_MM2 = 25.0
ENOUGH_SHARE = 0.01
"""A square of 5 mm holds a part, and a hundredth of its surface holds a small one."""

_TOUCHES = -0.9
_COMPASS = np.linspace(0.0, 2 * np.pi, 72, endpoint=False)
_DIRECTIONS = np.stack([np.cos(_COMPASS), np.sin(_COMPASS)])


@dataclass(frozen=True, slots=True)
class Footing:
    """How a pose stands.

    Attributes:
        contact_mm2: What lies on the bed.
        contact_share: The same as a share of the whole surface.
        lean_degrees: How far it may lean before it falls; negative if it falls anyway.
        slenderness: Height over the side of a square as large as the contact.
    """

    contact_mm2: float
    contact_share: float
    lean_degrees: float
    slenderness: float

    @property
    def is_safe(self) -> bool:
        """Whether the part stays where it is put."""
        return (
            (self.contact_mm2 >= ENOUGH_MM2 or self.contact_share >= ENOUGH_SHARE)
            and self.lean_degrees >= MIN_LEAN_DEGREES
            and self.slenderness <= MAX_SLENDERNESS
        )


def judge_footing(part: Standing, layer_mm: float) -> Footing:
    """Judges how a part stands; what faces down within half a layer of the bed lies on it."""
    touching = (part.points[:, 2] < layer_mm / 2) & (part.facing < _TOUCHES)
    share = float(np.count_nonzero(touching)) / len(touching)
    if not share:
        return Footing(0.0, 0.0, -90.0, math.inf)
    contact_mm2 = share * len(touching) * part.area_mm2
    feet = part.points[touching, :2] - part.centroid[:2]
    reach_mm = float((feet @ _DIRECTIONS).max(axis=0).min())
    lean = math.degrees(math.atan2(reach_mm, float(part.centroid[2])))
    return Footing(contact_mm2, share, lean, part.height_mm / math.sqrt(contact_mm2))
