"""Sorts the surface of a pose into columns of a grid: where the part is solid, how high support is.

A column that an overhang touches counts in full, which widens support by one column in all. The
slicers widen it too: by 1.5 mm on each side (`SUPPORT_MATERIAL_MARGIN` in both), and to the next
line of the support's own grid, 2.9 mm; less where the part is in the way.

Cost: O(s log s) in samples of the surface, whose number is fixed.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.orientation.surface import Standing
from pricing_fdm.mesh.triangles import Flags, Reals

COLUMN_MM = 4.5
POINTS_IN_COLUMN = 4.0
"""Points per column and layer of surface, on average; columns are widened until they have them."""

UPRIGHT = 0.05
"""A face whose normal has a smaller z is a wall and carries no support."""

Numbers: TypeAlias = npt.NDArray[np.intp]


class Columns:
    """Points of a surface, sorted by column and height.

    Attributes:
        width_mm: Of a column.
        shape: Of the grid, which has a rim of empty columns.
        order: The points' numbers before they were sorted.
        column: Of each point.
        z: Of each point, above the bed.
        facing: The z of the normal at each point.
    """

    def __init__(self, part: Standing) -> None:
        """Sorts the points of a part's surface."""
        across = part.xy_mm()
        self.width_mm = max(COLUMN_MM, math.sqrt(POINTS_IN_COLUMN * part.area_mm2))
        cells = np.floor((across - across.min(axis=1, keepdims=True)) / self.width_mm)
        xs, ys = cells.astype(np.intp) + 1
        self.shape = (int(xs.max()) + 2, int(ys.max()) + 2)
        column = xs * self.shape[1] + ys
        # One number holds column and height, so one sort orders both.
        self._scale = 0.5 / float(part.z_mm.max() + 1.0)
        keys = column + part.z_mm * self._scale
        self.order: Numbers = np.argsort(keys)
        self._keys = keys[self.order]
        self.column = column[self.order]
        self.z = part.z_mm[self.order]
        self.facing = part.facing[self.order]

    def rises_to(self, hanging: Numbers) -> Reals:
        """The height of the support on each floor that carries some, given the points that hang."""
        numbers = np.arange(len(self.z))
        floors = np.maximum.accumulate(np.where(self.facing > UPRIGHT, numbers, -1))[hanging]
        on_part = (floors >= 0) & (self.column[floors] == self.column[hanging])
        floor_z = np.where(on_part, self.z[floors], 0.0)
        beds = len(self.z) + self.column[hanging]
        rises = np.zeros(len(self.z) + self.shape[0] * self.shape[1])
        np.maximum.at(rises, np.where(on_part, floors, beds), self.z[hanging] - floor_z)
        return rises[rises > 0]

    def solid_at(self, z_mm: float) -> Flags:
        """The columns in which the part is solid at a height, as a grid."""
        everywhere = np.arange(self.shape[0] * self.shape[1])
        beneath = np.searchsorted(self._keys, everywhere + z_mm * self._scale) - 1
        solid: Flags = (beneath >= 0) & (self.column[beneath] == everywhere)
        solid &= self.facing[beneath] <= UPRIGHT
        return solid.reshape(self.shape)

    def grid_of(self, rows: Numbers) -> Flags:
        """The columns of some points, as a grid."""
        grid = np.zeros(self.shape, dtype=np.bool_)
        grid.ravel()[self.column[rows]] = True
        return grid
