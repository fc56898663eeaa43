"""Which corners become one point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_fdm.mesh import weld as weld_module
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.weld import pair_ids, weld, weld_near, without_duplicates
from tests.mesh import shapes


def test_equal_corners_become_one_point_and_the_triangles_stay() -> None:
    """A cube has eight corners, however often the file repeats them."""
    corners = shapes.cube()
    mesh = weld(corners.copy())
    assert len(mesh.points) == 8
    assert (mesh.points[mesh.faces] == corners).all()


def test_minus_zero_is_zero() -> None:
    """CAD programs write both for the same corner; as bits they differ."""
    corners = shapes.cube()
    corners[::2][corners[::2] == 0.0] = -0.0
    assert len(weld(corners).points) == 8


def test_triangles_with_two_equal_corners_are_dropped_with_points_of_their_own() -> None:
    """A needle far away must not stretch the box of the part."""
    needle = shapes.soup([[500, 0, 0], [500, 0, 0], [0, 0, 0]])
    mesh = weld(np.concatenate([needle, shapes.cube()]))
    assert len(mesh.faces) == 12
    assert float(mesh.points.max()) == 20.0


def test_a_mesh_of_collapsed_triangles_comes_out_empty() -> None:
    """The judgement refuses it by name instead of stumbling over it."""
    mesh = weld(shapes.soup([[1, 1, 1]] * 6))
    assert len(mesh.faces) == len(mesh.points) == 0


@pytest.mark.parametrize("offset_mm", [0.0, 0.0005, 0.00025, 0.00099, 12.34567])
def test_gaps_below_half_a_micrometre_are_closed_wherever_the_grid_lies(offset_mm: float) -> None:
    """A pair that straddles a border of the grid must be found all the same."""
    corners = shapes.cube(1.0, at=(offset_mm, offset_mm, offset_mm))
    corners[::2] += np.float32(0.0002)
    mesh = weld(corners)
    closed = weld_near(mesh, survey(mesh.faces).rim_points(), 0.001)
    assert len(closed.points) == 8
    assert survey(closed.faces).watertight


def test_points_farther_apart_stay_apart() -> None:
    """Joining what was drawn apart would change the part."""
    corners = shapes.open_cube()
    corners[::2] += np.float32(0.01)
    mesh = weld(corners)
    assert weld_near(mesh, survey(mesh.faces).rim_points(), 0.005) is mesh


def test_only_true_duplicates_are_dropped() -> None:
    """The same corners in the other turn are the back of a thin wall, not a copy."""
    corners = shapes.cube()
    copies = np.roll(corners[:3], 1, axis=1)
    mesh = weld(np.concatenate([corners, copies, shapes.inside_out(corners[:1])]))
    left = without_duplicates(mesh)
    assert (left.points[left.faces[:12]] == corners).all()
    assert len(left.faces) == 13
    assert without_duplicates(left) is left


@given(
    st.lists(
        st.tuples(st.integers(0, 2**32 - 1) | st.integers(0, 2), st.integers(0, 2)), min_size=1
    )
)
def test_pairs_are_numbered_alike_exactly_when_they_are_equal(pairs: list[tuple[int, int]]) -> None:
    """Welding, and so every figure, rests on this numbering."""
    table = np.array(pairs, dtype=np.uint32)
    ids = pair_ids(table[:, 0], table[:, 1]).tolist()
    assert len(set(zip(pairs, ids, strict=True))) == len(set(pairs)) == len(set(ids))
    assert set(ids) == set(range(len(set(ids))))


def test_points_are_numbered_as_the_file_names_them() -> None:
    """What lies close together in the file lies close together in memory."""
    corners = shapes.torus()
    faces = weld(corners.copy()).faces.ravel()
    _, firsts = np.unique(faces, return_index=True)
    assert (np.diff(firsts) > 0).all()


def test_different_points_with_the_same_hash_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """It happens once in millions of large files; a mesh must not be torn then."""
    corners = shapes.torus()
    expected = weld(corners.copy())
    hashes = weld_module._hashes
    monkeypatch.setattr(weld_module, "_hashes", lambda flat: hashes(flat) % np.uint64(7))
    mesh = weld(corners.copy())
    assert np.array_equal(mesh.points, expected.points)
    assert np.array_equal(mesh.faces, expected.faces)
