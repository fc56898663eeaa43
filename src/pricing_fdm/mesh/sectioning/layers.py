"""Each section on the grid: which places are material, and which of these are wall.

A place belongs to a wall if an outline is near along either scan line; how near is measured
square to the outline.

Cost: as `scans`, and O(g) in places of the grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.sectioning.cuts import Axis, Cuts, Indices
from pricing_fdm.mesh.sectioning.posed import Posed
from pricing_fdm.mesh.sectioning.scans import Crossings, Spans, crossed, filled, spans
from pricing_fdm.mesh.triangles import Flags, Reals

_FLATTEST = 0.2
"""Lines that meet an outline at a smaller sine are left to those across."""


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """All sections.

    Attributes:
        inside: (planes, v, u).
        wall: The same; all of it is inside.
        visible: Share of the outlines that lies within no other shell, for each plane.
        hidden: The rest, over all planes.
        thin_mm: Length of the places in which walls meet, for each plane.
    """

    inside: Flags
    wall: Flags
    visible: Reals
    hidden: float
    thin_mm: Reals


def layers_of(part: Posed, cuts: Cuts, normals: Reals, wall_mm: float) -> Layers:
    """Lays the outlines over the grid.

    Args:
        part: What was cut.
        cuts: The segments of the outlines.
        normals: (2, s), outward unit normals of these.
        wall_mm: Width of a wall's lines together.
    """
    planes = part.z.count
    along_u = _Scan(cuts, normals, 0, cells=part.u, lines=part.v, planes=planes, wall_mm=wall_mm)
    along_v = _Scan(cuts, normals, 1, cells=part.v, lines=part.u, planes=planes, wall_mm=wall_mm)
    wall = along_u.wall
    wall |= along_v.wall.transpose(0, 2, 1)
    wall &= along_u.inside
    met = along_u.met + along_v.met
    seen = 2 * (along_u.stretches + along_v.stretches)
    return Layers(
        inside=along_u.inside,
        wall=wall,
        visible=np.where(met > 0, seen / np.maximum(met, 1), 1.0),
        hidden=max(0.0, 1 - float(seen.sum()) / max(1.0, float(met.sum()))),
        thin_mm=np.sqrt(along_u.thin.astype(np.float64) ** 2 + along_v.thin**2) * part.pitch_mm,
    )


class _Scan:
    """All sections, scanned along one axis."""

    def __init__(
        self,
        cuts: Cuts,
        normals: Reals,
        axis: int,
        *,
        cells: Axis,
        lines: Axis,
        planes: int,
        wall_mm: float,
    ) -> None:
        self._cells, self._rays = cells, planes * lines.count
        self._shape = (planes, lines.count, cells.count)
        starts, ends, across, plane = cuts.starts, cuts.ends, 1 - axis, cuts.plane
        segment, line, at = crossed(
            lines, (starts[across], ends[across]), (starts[axis], ends[axis])
        )
        normal = normals[axis]
        ray = plane[segment] * lines.count + line
        reach = cells.step * (cells.count + 1)
        found = spans(Crossings(ray, at, normal[segment] < 0, segment), reach)
        self.met = np.bincount(plane[segment], minlength=planes)
        self.stretches = np.bincount(found.ray // lines.count, minlength=planes)
        self.inside = self._filled(found.ray, found.low, found.high)
        self.wall = self._wall(found, wall_mm / np.maximum(np.abs(normal), _FLATTEST))

    def _wall(self, found: Spans, reach: Reals) -> Flags:
        low_end = np.minimum(found.low + reach[found.low_source], found.high)
        high_start = np.maximum(found.high - reach[found.high_source], found.low)
        plane = found.ray // self._shape[1]
        self.thin = np.bincount(plane[low_end >= high_start], minlength=self._shape[0])
        return self._filled(
            np.concatenate([found.ray, found.ray]),
            np.concatenate([found.low, high_start]),
            np.concatenate([low_end, found.high]),
        )

    def _filled(self, ray: Indices, low: Reals, high: Reals) -> Flags:
        return filled(ray, low, high, self._cells, self._rays).reshape(self._shape)
