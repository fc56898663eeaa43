"""The ways to lay a part down."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.orientation.pose import outermost, posings
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


def test_only_what_cannot_be_outermost_is_left_out() -> None:
    """A large mesh is looked at through boxes around neighbours; its heights stay exact."""
    steps = np.linspace(-20.0, 20.0, 50)
    points = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3).astype(np.float32)
    points[777] = 25.0, 3.0, -22.0
    downs = np.random.default_rng(5).normal(size=(3, 6))
    downs /= np.linalg.norm(downs, axis=0)
    few = outermost(points, downs)
    assert len(few) < len(points) / 4
    assert (few @ downs).max(axis=0) == pytest.approx((points @ downs).max(axis=0), abs=1e-9)
    assert (few @ downs).min(axis=0) == pytest.approx((points @ downs).min(axis=0), abs=1e-9)
