"""A pose as columns: where the part is solid, and how high support rises."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.orientation.columns import COLUMN_MM, Columns
from tests.mesh.poses import mesh_of, standing
from tests.mesh.shapes import box

TABLE = mesh_of(box((9, 45, 20)), box((45, 45, 5), at=(0, 0, 20)))
"""A plate that hangs over a wall."""


def test_points_are_sorted_by_column_and_height() -> None:
    """A rim of empty columns lies around them."""
    columns = Columns(standing(TABLE))
    assert columns.width_mm == COLUMN_MM
    same = columns.column[1:] == columns.column[:-1]
    assert (np.diff(columns.column) >= 0).all()
    assert (np.diff(columns.z)[same] >= 0).all()
    grid = columns.grid_of(np.arange(len(columns.z)))
    inside = grid[1:-1, 1:-1]
    assert 0 < inside.sum() == grid.sum()


def test_the_part_is_solid_where_its_wall_stands() -> None:
    """Beneath the plate there is air."""
    columns = Columns(standing(TABLE))
    solid = columns.solid_at(10.0)[1:-1, 1:-1]
    assert solid[0].all()
    assert not solid[3:].any()


def test_support_rises_from_the_bed_to_the_plate() -> None:
    """Once in each column, to the highest of its points."""
    columns = Columns(standing(TABLE))
    rises = columns.rises_to(np.flatnonzero((columns.facing < -0.9) & (columns.z > 1.0)))
    assert rises == pytest.approx([20.0] * len(rises))
    assert len(rises) * COLUMN_MM**2 == pytest.approx(36 * 45, rel=0.3)
