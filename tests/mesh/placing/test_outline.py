"""What a part covers on the bed, by few corners."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.placing.hull import hull_corners
from pricing_fdm.mesh.placing.outline import around, outline_of
from pricing_fdm.mesh.triangles import Reals
from pricing_fdm.model import MOST_CORNERS
from tests.mesh.placing.test_hull import ring


def outside_mm(points: Reals, corners: Reals) -> float:
    """How far the farthest point lies outside of a convex polygon, counter-clockwise."""
    sides = np.roll(corners, -1, axis=0) - corners
    normals = np.stack([sides[:, 1], -sides[:, 0]], axis=1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return float(((points @ normals.T) - (corners * normals).sum(axis=1)).max())


def test_the_outline_is_where_the_clean_stl_is() -> None:
    """A copy is laid by it."""
    box = np.array([(x, y, z) for x in (0, 30) for y in (0, 20) for z in (0, 5)], dtype=np.float32)
    assert outline_of(box, (100.0, 50.0, 0.0)) == ((100, 50), (130, 50), (130, 70), (100, 70))


@pytest.mark.parametrize(
    "points",
    [
        pytest.param(ring(5000, 100.0, 100.0), id="disc"),
        pytest.param(ring(5000, 120.0, 2.0), id="slim-ellipse"),
        pytest.param(np.random.default_rng(2).normal(size=(5000, 2)) * 30, id="cloud"),
        pytest.param(
            np.concatenate([ring(300, 5.0, 5.0), ring(300, 5.0, 5.0) + 90.0]), id="long-hole"
        ),
    ],
)
def test_fewer_corners_cover_the_part_and_little_more(points: Reals) -> None:
    """What stood out would lie in another copy; what is added takes room away."""
    solid = np.column_stack([points, np.zeros(len(points))])
    corners = np.array(outline_of(solid, (0.0, 0.0, 0.0)))
    assert 3 <= len(corners) <= MOST_CORNERS
    assert outside_mm(points, corners) < 5e-4
    assert outside_mm(corners, hull_corners(points)) < 0.3


def test_few_corners_stay_as_they_are() -> None:
    """A box is packed as a box."""
    square = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
    assert np.array_equal(around(square, 4), square)
