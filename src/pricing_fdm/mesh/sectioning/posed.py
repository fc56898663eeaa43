"""The part on its grid: turned by 40 degrees, with the positions of lines and planes.

So the scan lines run nearly along the infill's, which lie at 45 degrees, and never along the walls
of a part that lies square on the bed. At 45 degrees themselves, all lines would meet such a wall at
the same place of their cells, and the wall would come out up to 9 % too wide.

Cost: O(n) in triangles and points.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from pricing_fdm.estimate.features import MAX_SLABS
from pricing_fdm.mesh.sectioning.cuts import Axis, Indices, Singles
from pricing_fdm.mesh.triangles import Mesh

CELLS = 4_096
"""Places of the grid in each section."""

MAX_CUTS = 1_000_000
"""Cuts and crossings of one kind; a mesh that would have more gets fewer planes and lines."""

_ENOUGH_CUTS = 50_000
_ENOUGH_SLABS = 32
"""A fine mesh gets no more of either: its sections have more corners and tell no more."""

_FEW_TRIANGLES = MAX_CUTS // MAX_SLABS
_MOST_ALONG = 1_000
_ANGLE = math.atan(2 * math.sqrt(2) - 2)
"""Its tangent is far from every simple fraction."""

_OFF_MIDDLE = 0.491
"""Position of a line in its cell; not the middle, where parts have their joints."""


class Posed:
    """A closed mesh in the pose that is printed.

    Attributes:
        corners: (3, n), numbers of points.
        points: (3, m): along the two directions of infill, and up.
        size_mm: Width, depth and height.
        pitch_mm: Distance of the grid's lines.
        u: Positions along the first direction.
        v: Positions along the second direction.
        z: Middles of the slabs.
    """

    def __init__(self, mesh: Mesh, layer_height_mm: float) -> None:
        """Turns the part and lays the grid over it."""
        x, y, z = mesh.points.T.astype(np.float64)
        z = z - z.min()
        cosine, sine = math.cos(_ANGLE), math.sin(_ANGLE)
        self.corners = np.ascontiguousarray(mesh.faces.T)
        self.size_mm = (float(np.ptp(x)), float(np.ptp(y)), float(z.max()))
        points = np.stack([cosine * x + sine * y, cosine * y - sine * x, z])
        self._corner = points[:2].min(axis=1)
        points[:2] -= self._corner[:, np.newaxis]
        # Half as wide numbers are moved twice as fast; they tell a ten-thousandth of a millimetre.
        self.points = points.astype(np.float32)
        self._of_corner = [self.points.take(each, axis=1) for each in self.corners]
        self._least = (float(x.min()), float(y.min()))
        across, deep, height = self.points.max(axis=1).tolist()
        slabs = min(MAX_SLABS, max(1, round(height / layer_height_mm)))
        pitch: float = max(math.sqrt(across * deep / CELLS), max(across, deep) / _MOST_ALONG)
        if len(mesh.faces) > _FEW_TRIANGLES:
            per_slab = self._extent(2) / height
            slabs = min(slabs, max(_ENOUGH_SLABS, int(_ENOUGH_CUTS / per_slab)))
            slabs = min(slabs, max(1, int(MAX_CUTS / per_slab)))
            # Lines cut triangles, outlines cross lines, and columns pass through surface.
            pitch = max(
                pitch,
                self._extent(1) / MAX_CUTS,
                self.lateral_mm2 * slabs / height / MAX_CUTS,
                math.sqrt(_sum(np.abs(self.normals[2])) / 2 / MAX_CUTS),
            )
        self.pitch_mm = pitch
        self.u, self.v = self._lines(across), self._lines(deep)
        self.z = Axis(height / slabs / 2, height / slabs, slabs)

    def _extent(self, axis: int) -> float:
        """How far all triangles reach along an axis, together."""
        first, second, third = (each[axis] for each in self._of_corner)
        low = np.minimum(np.minimum(first, second), third)
        return _sum(np.maximum(np.maximum(first, second), third) - low)

    def _lines(self, length: float) -> Axis:
        count = max(1, math.ceil(length / self.pitch_mm))
        return Axis(_OFF_MIDDLE * self.pitch_mm, self.pitch_mm, count)

    @property
    def cell_mm2(self) -> float:
        """Area of one place of the grid."""
        return self.pitch_mm**2

    @cached_property
    def normals(self) -> Singles:
        """(3, n), outward, each twice as long as its triangle's area."""
        first, second, third = self._of_corner
        along, across = second - first, third - first
        result: Singles = np.empty_like(along)
        for row, (one, other) in enumerate(((1, 2), (2, 0), (0, 1))):
            np.multiply(along[one], across[other], out=result[row])
            result[row] -= along[other] * across[one]
        return result

    @cached_property
    def _level(self) -> Singles:
        """Length of each normal as seen from above."""
        x, y, _ = self.normals
        result: Singles = np.sqrt(x * x + y * y)
        return result

    @cached_property
    def facing(self) -> Singles:
        """How far each triangle faces up: 1 is level, -1 level from below."""
        z = self.normals[2]
        result: Singles = z / np.maximum(np.sqrt(self._level**2 + z * z), np.float32(1e-12))
        return result

    @property
    def lateral_mm2(self) -> float:
        """Surface as seen from the sides: the length of all outlines, summed over the height."""
        return _sum(self._level) / 2

    @property
    def volume_mm3(self) -> float:
        """Signed; places that several shells cover count several times."""
        # No product of matrices: it would wake threads that wait for each other on a busy machine.
        return sum(_sum(self.normals[2] * each[2]) for each in self._of_corner) / 6

    @cached_property
    def square(self) -> tuple[Indices, Indices]:
        """A grid that lies square on the bed, (y, x), by the numbers of this grid's places.

        Beyond this grid is the number after the last. The other way round, each place's number in
        the square grid.
        """
        cosine, sine = math.cos(_ANGLE), math.sin(_ANGLE)
        x_mm, y_mm = (
            low + (np.arange(math.ceil(size / self.pitch_mm)) + 0.5) * self.pitch_mm
            for low, size in zip(self._least, self.size_mm, strict=False)
        )
        x, y = np.meshgrid(x_mm, y_mm)
        u = cosine * x + sine * y - self._corner[0]
        v = cosine * y - sine * x - self._corner[1]
        place = self.v.nearest(v) * self.u.count + self.u.nearest(u)
        beyond = (np.abs(u / self.pitch_mm - self.u.count / 2) > self.u.count / 2) | (
            np.abs(v / self.pitch_mm - self.v.count / 2) > self.v.count / 2
        )
        place[beyond] = self.u.count * self.v.count
        u, v = np.meshgrid(
            *(np.arange(axis.count) * axis.step + axis.start for axis in (self.u, self.v))
        )
        u, v = u + self._corner[0], v + self._corner[1]
        columns, rows = (
            np.clip((at - low) / self.pitch_mm, 0, count - 1).astype(np.intp)
            for at, low, count in (
                (cosine * u - sine * v, self._least[0], len(x_mm)),
                (sine * u + cosine * v, self._least[1], len(y_mm)),
            )
        )
        return place, rows * len(x_mm) + columns


def _sum(values: Singles) -> float:
    return float(values.sum(dtype=np.float64))
