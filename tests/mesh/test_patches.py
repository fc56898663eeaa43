"""Which triangles fill a small loop."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from pricing_fdm.mesh.patches import filled

UP, RIGHT = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)
BACK, FRONT = (0.0, 1.0, 0.0), (0.0, -1.0, 0.0)
TOP_AND_SIDE = [(0, 0, 0), (9, 0, 0), (9, 0, -5), (9, 7, 0)]
"""A triangle of the top and one of the right side, which meet in the edge x = 9."""


def one(corners: npt.ArrayLike, around: npt.ArrayLike) -> tuple[set[frozenset[int]], bool]:
    """The triangles of one loop, and whether they are certain."""
    triangles, certain = filled(
        np.array([corners], dtype=np.float64), np.array([around], dtype=np.float64)
    )
    return {frozenset(each) for each in triangles[0].tolist()}, bool(certain[0])


@pytest.mark.parametrize("first", range(4))
def test_an_edge_of_the_part_is_restored(first: int) -> None:
    """Wherever the loop begins: both faces go on flat up to it."""
    around = [FRONT, FRONT, RIGHT, UP]
    turned = [(each + first) % 4 for each in range(4)]
    triangles, certain = one(
        [TOP_AND_SIDE[each] for each in turned], [around[each] for each in turned]
    )
    assert {frozenset(turned[each] for each in triangle) for triangle in triangles} == {
        frozenset({0, 1, 3}),
        frozenset({1, 2, 3}),
    }
    assert certain


def test_a_hole_whose_faces_do_not_go_on_flat_is_in_doubt() -> None:
    """All of its sides are missing."""
    assert not one(TOP_AND_SIDE, [FRONT, FRONT, BACK, BACK])[1]


@pytest.mark.parametrize("length", [3, 5, 8, 12])
def test_a_flat_loop_is_filled_flat(length: int) -> None:
    """Every corner is used, and all triangles face one way."""
    angles = np.arange(length) * 2 * np.pi / length
    corners = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    triangles, certain = filled(corners[np.newaxis], np.tile(UP, (1, length, 1)))
    assert triangles.shape == (1, length - 2, 3)
    assert certain.all()
    a, b, c = np.moveaxis(corners[triangles[0]], 1, 0)
    areas = np.cross(b - a, c - a)[:, 2] / 2
    assert (areas > 0).all()
    assert areas.sum() == pytest.approx(length / 2 * np.sin(2 * np.pi / length))


def test_a_loop_that_turns_inward_is_not_filled_across_the_outside() -> None:
    """An arrow: the triangle across its notch would fold back."""
    arrow = [(0, 0, 0), (4, -4, 0), (0, 8, 0), (-4, -4, 0)]
    assert one(arrow, [UP] * 4)[0] == {frozenset({0, 1, 2}), frozenset({0, 2, 3})}


def test_loops_are_filled_each_for_itself() -> None:
    """Many of one length are filled at once."""
    corners = np.array([TOP_AND_SIDE, [(0, 0, 0), (4, -4, 0), (0, 8, 0), (-4, -4, 0)]], float)
    triangles, certain = filled(corners, np.array([[FRONT, FRONT, RIGHT, UP], [UP] * 4]))
    assert [{frozenset(each) for each in loop} for loop in triangles.tolist()] == [
        {frozenset({0, 1, 3}), frozenset({1, 2, 3})},
        {frozenset({0, 1, 2}), frozenset({0, 2, 3})},
    ]
    assert certain.tolist() == [True, True]
