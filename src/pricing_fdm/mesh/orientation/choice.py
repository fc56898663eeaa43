"""Chooses the pose to print in: the one with the lowest estimated cost, if it saves enough.

    points over the surface -> sides that may lie down -> those that stand safely
    -> estimated cost of each -> the cheapest that fits, if it saves enough

The caller may have a reason for the given pose that geometry does not show, such as the visible
side or the direction of load. So the given pose wins ties and small differences, and is then kept
exactly.

Cost: that of `hull` in points, for each of some forty poses at most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from pricing_fdm.mesh.measure import Measures, box_of
from pricing_fdm.mesh.orientation.candidates import Posing, posings, undersides
from pricing_fdm.mesh.orientation.cost import cut, part_cost, support_cost
from pricing_fdm.mesh.orientation.footing import judge_footing
from pricing_fdm.mesh.orientation.support import estimate_support
from pricing_fdm.mesh.orientation.surface import Standing, Surface, sample_surface, set_down
from pricing_fdm.mesh.placing.turning import fits
from pricing_fdm.mesh.triangles import Mesh, Points
from pricing_fdm.mesh.units import FIT_TOLERANCE_MM
from pricing_fdm.model import UNTURNED, BuildVolume, Rotation

MIN_GAIN = 0.05
"""Share of the estimated cost that another pose must save, unless the given one stands unsafely."""

_Bare: TypeAlias = tuple[float, Posing]
"""What a pose costs without support, and the pose."""


def best_rotation(
    mesh: Mesh,
    measures: Measures,
    volume: BuildVolume,
    layer_height_mm: float,
    *,
    given_needs_support: bool = True,
) -> Rotation:
    """The rotation to print with; `UNTURNED` itself if no other pose saves enough.

    It only chooses which side lies down. Turning about the vertical to fit the bed comes later.
    If the given pose does not fit, any other that fits is taken, a safe one first. If none fits,
    the given one stays.

    Args:
        mesh: Closed, with outward normals.
        measures: Of this mesh.
        volume: The printer's box.
        layer_height_mm: Of the print.
        given_needs_support: Whether the given pose is printed with support; else it costs none.
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
            safe.append((choice.part_cost(part), posing))
        else:
            unsafe.append(posing)
    if choice.may_fit(given) and choice.fits(given):
        part = choice.standing(given)
        share = 1.0 - MIN_GAIN if judge_footing(part, layer_height_mm).is_safe else 1.0
        support = choice.support_cost(part) if given_needs_support else 0.0
        best = choice.cheapest(safe, share * (choice.part_cost(part) + support))
    else:
        best = choice.cheapest(safe) or choice.cheapest(
            [(choice.part_cost(choice.standing(posing)), posing) for posing in unsafe]
        )
    return best.rotation if best else UNTURNED


def in_pose(mesh: Mesh, rotation: Rotation) -> Mesh:
    """The mesh turned; the same object for `UNTURNED`."""
    if rotation == UNTURNED:
        return mesh
    turned = mesh.points.astype(np.float64) @ np.array(rotation).T
    return Mesh(turned.astype(np.float32), mesh.faces)


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """Judges the poses of one part on one printer.

    Attributes:
        reach_mm: No two points of the part are farther apart.
    """

    points: Points
    volume: BuildVolume
    surface: Surface
    layer_mm: float
    reach_mm: float

    def cheapest(self, among: list[_Bare], limit: float = math.inf) -> Posing | None:
        """The cheapest pose that fits and costs less than the limit, or None.

        Poses are tried in the order of their cost without support. The first whose cost without
        support reaches the limit ends the search.
        """
        best = None
        for cost, posing in sorted(among, key=lambda each: each[0]):
            if cost >= limit:
                break
            whole = cost + self.support_cost(self.standing(posing))
            if whole < limit and self.fits(posing):
                best, limit = posing, whole
        return best

    def part_cost(self, part: Standing) -> float:
        """The cost of the part without support."""
        return part_cost(cut(part, self.layer_mm))

    def support_cost(self, part: Standing) -> float:
        """The cost of its support."""
        return support_cost(estimate_support(part, self.layer_mm), self.layer_mm)

    def may_fit(self, posing: Posing) -> bool:
        """Whether the pose is neither too high nor longer than the bed's diagonal.

        A part that is a kilometre long, by a mistake of its unit, would take gigabytes of columns.
        """
        if posing.height_mm > self.volume.z_mm + FIT_TOLERANCE_MM:
            return False
        diagonal_mm = math.hypot(self.volume.x_mm, self.volume.y_mm) + FIT_TOLERANCE_MM
        if self.reach_mm <= diagonal_mm:  # as it is for every part that is not far too large
            return True
        across = self.standing(posing).xy_mm()
        return bool((np.ptp(across, axis=1) <= diagonal_mm).all())

    def fits(self, posing: Posing) -> bool:
        """Whether the pose fits the printer, turned about the vertical where that helps."""
        across = self.points @ np.array(posing.rotation[:2]).T
        return fits(across, posing.height_mm, self.volume)

    def standing(self, posing: Posing) -> Standing:
        """The surface in that pose."""
        return set_down(self.surface, posing.rotation, posing.lowest_mm, posing.height_mm)
