"""Chooses the pose to print in: the one that our own measure finds cheapest, if it is worth it.

    spread points over the surface -> sides that may lie down -> which of them stand safely
    -> what each costs -> the cheapest that fits, if it saves enough

The caller drew the part in some pose, maybe for a reason that geometry does not tell: the side
that is seen, the direction of load. So that pose wins ties and small differences, and it wins
exactly: no rotation by a hair.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.orientation.candidates import undersides
from pricing_fdm.mesh.orientation.cost import cut, part_usd, support_usd
from pricing_fdm.mesh.orientation.footing import Footing, judge_footing
from pricing_fdm.mesh.orientation.pose import Posing, posings
from pricing_fdm.mesh.orientation.support import estimate_support
from pricing_fdm.mesh.orientation.surface import Standing, Surface, sample_surface, set_down
from pricing_fdm.mesh.placing.turning import fits
from pricing_fdm.mesh.triangles import Mesh, Points
from pricing_fdm.mesh.units import FIT_TOLERANCE_MM
from pricing_fdm.model import UNTURNED, BuildVolume, Rotation

MIN_GAIN = 0.05
"""Share of the estimated cost that another pose must save, unless the given one stands unsafely."""


def best_rotation(mesh: Mesh, volume: BuildVolume, layer_height_mm: float) -> Rotation:
    """The rotation to print with; `UNTURNED` itself where no other is worth it.

    It only chooses which side lies down. How far the part is then turned about the vertical to
    fit the bed is decided for every pose alike, and afterwards.

    Where the given pose does not fit, any other that does is worth it, a safe one first. Where
    none does, the given one stays.

    Args:
        mesh: Closed, with outward normals.
        volume: The printer's box.
        layer_height_mm: Of the print.
    """
    surface = sample_surface(mesh)
    if surface is None:
        return UNTURNED
    choice = _Choice(mesh.points, volume, surface, layer_height_mm)
    given, *others = posings(mesh.points, undersides(surface.normals))
    safe: list[Posing] = []
    unsafe: list[Posing] = []
    for posing in filter(choice.may_fit, others):
        (safe if choice.footing(posing).is_safe else unsafe).append(posing)
    if choice.may_fit(given) and choice.fits(given):
        share = 1.0 - MIN_GAIN if choice.footing(given).is_safe else 1.0
        best = choice.cheapest(safe, share * (choice.part_usd(given) + choice.support_usd(given)))
    else:
        best = choice.cheapest(safe) or choice.cheapest(unsafe)
    return best.rotation if best else UNTURNED


def in_pose(mesh: Mesh, rotation: Rotation) -> Mesh:
    """The mesh turned; the very same one when the rotation is none."""
    if rotation == UNTURNED:
        return mesh
    turned = mesh.points.astype(np.float64) @ np.array(rotation).T
    return Mesh(turned.astype(np.float32), mesh.faces)


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """Among the poses of one part on one printer."""

    points: Points
    volume: BuildVolume
    surface: Surface
    layer_mm: float

    def cheapest(self, among: list[Posing], limit_usd: float = math.inf) -> Posing | None:
        """The pose that costs least, fits, and costs less than the limit; None if none does.

        Poses are tried in the order of what they cost without support; the first that costs too
        much already ends the search.
        """
        best = None
        bare = [(self.part_usd(posing), posing) for posing in among]
        for usd, posing in sorted(bare, key=lambda each: each[0]):
            if usd >= limit_usd:
                break
            whole_usd = usd + self.support_usd(posing)
            if whole_usd < limit_usd and self.fits(posing):
                best, limit_usd = posing, whole_usd
        return best

    def part_usd(self, posing: Posing) -> float:
        """What the part costs without support."""
        return part_usd(cut(self._standing(posing), self.layer_mm))

    def support_usd(self, posing: Posing) -> float:
        """What its support costs."""
        support = estimate_support(self._standing(posing), self.layer_mm)
        return support_usd(support, self.layer_mm)

    def footing(self, posing: Posing) -> Footing:
        """How safely it stands."""
        return judge_footing(self._standing(posing), self.layer_mm)

    def may_fit(self, posing: Posing) -> bool:
        """Whether it is worth a closer look: nothing longer than the bed's diagonal lies on it.

        The columns of a part that is a kilometre long, by a mistake of its unit, take gigabytes.
        """
        if posing.height_mm > self.volume.z_mm + FIT_TOLERANCE_MM:
            return False
        reach_mm = np.ptp(self._standing(posing).points[:, :2], axis=0)
        diagonal_mm = math.hypot(self.volume.x_mm, self.volume.y_mm)
        return bool((reach_mm <= diagonal_mm + FIT_TOLERANCE_MM).all())

    def fits(self, posing: Posing) -> bool:
        """Whether it fits the printer, turned about the vertical where that helps."""
        across = self.points @ np.array(posing.rotation[:2]).T
        return fits(across, posing.height_mm, self.volume)

    def _standing(self, posing: Posing) -> Standing:
        return set_down(self.surface, posing.rotation, posing.lowest_mm, posing.height_mm)
