"""The ways to lay a part down."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.orientation.pose import posings
from pricing_fdm.mesh.triangles import CHUNK_TRIANGLES
from pricing_fdm.model import UNTURNED
from tests.mesh.poses import mesh_of
from tests.mesh.shapes import box

DOWN, SIDE = np.array([0.0, 0.0, -1.0]), np.array([1.0, 0.0, 0.0])


def test_heights_are_those_of_the_whole_mesh() -> None:
    """The samples miss the corners, and the first layer is a fifth of a millimetre high."""
    given, side = posings(mesh_of(box((10, 20, 30), at=(5, 0, 7))).points, [DOWN, SIDE])
    assert given.rotation is UNTURNED
    assert (given.lowest_mm, given.height_mm) == (7.0, 30.0)
    assert (side.lowest_mm, side.height_mm) == (-15.0, 10.0)


def test_no_point_of_a_large_mesh_is_overlooked() -> None:
    """They are looked at piece by piece."""
    points = np.zeros((2 * CHUNK_TRIANGLES + 1, 3), dtype=np.float32)
    points[0, 2], points[CHUNK_TRIANGLES, 2], points[-1, 2] = 1.0, -2.0, 3.0
    (given,) = posings(points, [DOWN])
    assert given.lowest_mm == pytest.approx(-2.0)
    assert given.height_mm == pytest.approx(5.0)
