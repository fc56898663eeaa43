"""Chooses the pose to print in: the one that our own measure finds cheapest, if it is worth it.

    spread points over the surface -> sides that may lie down -> which of them stand safely
    -> what each costs -> the cheapest that fits, if it saves enough

The caller drew the part in some pose, maybe for a reason that geometry does not tell: the side
that is seen, the direction of load. So that pose wins ties and small differences, and it wins
exactly: no rotation by a hair.

Cost: that of `hull` in points, for each of some forty poses at most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from pricing_fdm.mesh.measure import Measures, box_of
from pricing_fdm.mesh.orientation.candidates import undersides
from pricing_fdm.mesh.orientation.cost import cut, part_usd, support_usd
from pricing_fdm.mesh.orientation.footing import judge_footing
from pricing_fdm.mesh.orientation.pose import Posing, posings
from pricing_fdm.mesh.orientation.support import estimate_support
from pricing_fdm.mesh.orientation.surface import Standing, Surface, sample_surface, set_down
from pricing_fdm.mesh.placing.turning import fits
from pricing_fdm.mesh.triangles import Mesh, Points
from pricing_fdm.mesh.units import FIT_TOLERANCE_MM
from pricing_fdm.model import UNTURNED, BuildVolume, Rotation

MIN_GAIN = 0.05
"""Share of the estimated cost that another pose must save, unless the given one stands unsafely."""


_Bare: TypeAlias = tuple[float, Posing]
"""What a pose costs without support, in USD, and the pose."""


def best_rotation(
    mesh: Mesh, measures: Measures, volume: BuildVolume, layer_height_mm: float
) -> Rotation:
    """The rotation to print with; `UNTURNED` itself where no other is worth it.

    It only chooses which side lies down. How far the part is then turned about the vertical to
    fit the bed is decided for every pose alike, and afterwards.

    Where the given pose does not fit, any other that does is worth it, a safe one first. Where
    none does, the given one stays.

    Args:
        mesh: Closed, with outward normals.
        measures: Of this mesh.
        volume: The printer's box.
        layer_height_mm: Of the print.
    """
    surface = sample_surface(mesh, measures)
    if surface is None:
        return UNTURNED
    reach_mm = box_of(mesh.points).diagonal_mm
    choice = _Choice(mesh.points, volume, surface, layer_height_mm, reach_mm)
    given, *others = posings(mesh.points, undersides(surface.normals))
    safe: list[_Bare] = []
    unsafe: list[Posing] = []
    for posing in filter(choice.may_fit, others):
        part = choice.standing(posing)
        if judge_footing(part, layer_height_mm).is_safe:
            safe.append((choice.part_usd(part), posing))
        else:
            unsafe.append(posing)
    if choice.may_fit(given) and choice.fits(given):
        part = choice.standing(given)
        share = 1.0 - MIN_GAIN if judge_footing(part, layer_height_mm).is_safe else 1.0
        best = choice.cheapest(safe, share * (choice.part_usd(part) + choice.support_usd(part)))
    else:
        best = choice.cheapest(safe) or choice.cheapest(
            [(choice.part_usd(choice.standing(posing)), posing) for posing in unsafe]
        )
    return best.rotation if best else UNTURNED


def in_pose(mesh: Mesh, rotation: Rotation) -> Mesh:
    """The mesh turned; the very same one when the rotation is none."""
    if rotation == UNTURNED:
        return mesh
    turned = mesh.points.astype(np.float64) @ np.array(rotation).T
    return Mesh(turned.astype(np.float32), mesh.faces)


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """Among the poses of one part on one printer.

    Attributes:
        reach_mm: No two points of the part are farther apart.
    """

    points: Points
    volume: BuildVolume
    surface: Surface
    layer_mm: float
    reach_mm: float

    def cheapest(self, among: list[_Bare], limit_usd: float = math.inf) -> Posing | None:
        """The pose that costs least, fits, and costs less than the limit; None if none does.

        Poses are tried in the order of what they cost without support; the first that costs too
        much already ends the search.
        """
        best = None
        for usd, posing in sorted(among, key=lambda each: each[0]):
            if usd >= limit_usd:
                break
            whole_usd = usd + self.support_usd(self.standing(posing))
            if whole_usd < limit_usd and self.fits(posing):
                best, limit_usd = posing, whole_usd
        return best

    def part_usd(self, part: Standing) -> float:
        """What the part costs without support."""
        return part_usd(cut(part, self.layer_mm))

    def support_usd(self, part: Standing) -> float:
        """What its support costs."""
        return support_usd(estimate_support(part, self.layer_mm), self.layer_mm)

    def may_fit(self, posing: Posing) -> bool:
        """Whether it is worth a closer look: nothing longer than the bed's diagonal lies on it.

        The columns of a part that is a kilometre long, by a mistake of its unit, take gigabytes.
        """
        if posing.height_mm > self.volume.z_mm + FIT_TOLERANCE_MM:
            return False
        diagonal_mm = math.hypot(self.volume.x_mm, self.volume.y_mm) + FIT_TOLERANCE_MM
        if self.reach_mm <= diagonal_mm:  # as it is for every part that is not far too large
            return True
        across = self.standing(posing).xy_mm()
        return bool((np.ptp(across, axis=1) <= diagonal_mm).all())

    def fits(self, posing: Posing) -> bool:
        """Whether it fits the printer, turned about the vertical where that helps."""
        across = self.points @ np.array(posing.rotation[:2]).T
        return fits(across, posing.height_mm, self.volume)

    def standing(self, posing: Posing) -> Standing:
        """The surface as it stands then."""
        return set_down(self.surface, posing.rotation, posing.lowest_mm, posing.height_mm)
