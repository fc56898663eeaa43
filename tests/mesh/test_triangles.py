"""What all of the mesh stage computes with: pieces, selections, products of many vectors."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh import triangles
from pricing_fdm.mesh.triangles import (
    Mesh,
    area_columns,
    corner_columns,
    cross,
    dot_columns,
    select,
    slices,
)
from pricing_fdm.mesh.weld import weld
from tests.mesh import shapes


def test_slices_cover_every_row_once() -> None:
    """The last piece may be shorter."""
    rows = list(range(10))
    assert [rows[part] for part in slices(10, 4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert list(slices(0, 4)) == []


def test_selected_faces_keep_their_points_and_their_order() -> None:
    """Points that only other faces used are gone, so each point is a corner of some face."""
    cube = weld(shapes.cube(20.0))
    keep = np.arange(12) < 2
    kept = select(cube, keep)
    assert len(kept.points) == 4
    assert np.array_equal(kept.points[kept.faces], cube.points[cube.faces[keep]])


def test_a_mesh_whose_points_are_all_used_is_not_copied() -> None:
    """Large meshes are selected from often."""
    cube = weld(shapes.cube(20.0))
    kept = select(Mesh(cube.points, cube.faces), np.ones(12, dtype=np.bool_))
    assert kept.points is cube.points


def test_corners_and_areas_come_for_all_faces_in_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In pieces of any size."""
    monkeypatch.setattr(triangles, "COLUMN_TRIANGLES", 5)
    cube = weld(shapes.cube(20.0))
    corners, normals = [], []
    for part, columns in corner_columns(cube.points, cube.faces):
        assert columns.T.tolist() == cube.points[cube.faces[part]].tolist()
        corners.append(columns)
        normals.append(area_columns(columns))
    assert [piece.shape[2] for piece in corners] == [5, 5, 2]
    areas = np.concatenate(normals, axis=1)
    assert np.sqrt(dot_columns(areas, areas)) / 2 == pytest.approx([200.0] * 12)


def test_cross_products_are_those_of_numpy() -> None:
    """Only faster."""
    first, second = np.random.default_rng(1).random((2, 50, 3))
    assert cross(first, second) == pytest.approx(np.cross(first, second))
