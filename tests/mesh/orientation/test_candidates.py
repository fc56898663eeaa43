"""Which sides may lie down."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_fdm.mesh.orientation.candidates import (
    GIVEN,
    MAX_FACES,
    MIN_SHARE,
    outermost,
    posings,
    rotation_to_bed,
    undersides,
)
from pricing_fdm.mesh.triangles import CHUNK_TRIANGLES, Reals
from pricing_fdm.model import UNTURNED
from tests.mesh.poses import any_rotation, mesh_of
from tests.mesh.shapes import box

AXES = {(x, y, z) for x, y, z in np.concatenate([np.eye(3), -np.eye(3)]).tolist()}


def normals(*directions: tuple[tuple[float, float, float], int]) -> Reals:
    """Points whose normals face in these directions, so many in each, as columns."""
    rows = [np.tile(np.array(each) / np.linalg.norm(each), (n, 1)) for each, n in directions]
    return np.concatenate(rows).T


def test_axes_are_always_tried_and_the_given_pose_first() -> None:
    """Most parts are drawn along the axes; the given pose is what all others are held against."""
    downs = undersides(normals(((0, 0, 1), 100)))
    assert {tuple(down.tolist()) for down in downs} == AXES
    assert downs[0] is GIVEN


@given(turn=any_rotation())
def test_large_face_is_found_exactly(turn: tuple[tuple[float, float, float], ...]) -> None:
    """A tenth of a degree lifts the far end of a long part by half a millimetre."""
    face = np.array(turn)[2]
    scatter = np.random.default_rng(1).normal(size=(500, 3))
    scatter /= np.linalg.norm(scatter, axis=1)[:, np.newaxis]
    downs = undersides(np.concatenate([np.tile(face, (500, 1)), scatter]).T)
    assert min(np.linalg.norm(down - face) for down in downs) < np.radians(0.01) + 1e-9


def test_face_that_is_an_axis_but_for_rounding_is_that_axis() -> None:
    """Its rotation is then made of zeros and ones, and nothing is tilted by a hair."""
    downs = undersides(normals(((1e-6, 2e-6, 1.0), 50), ((1.0, 1e-5, 0), 50)))
    assert {tuple(down.tolist()) for down in downs} == AXES


def test_slightly_tilted_face_is_tried_beside_the_axis() -> None:
    """A part that was exported half a degree askew can be set straight."""
    tilted = (0.0, np.sin(np.radians(0.5)), -np.cos(np.radians(0.5)))
    downs = undersides(normals((tilted, 100)))
    assert len(downs) == len(AXES) + 1
    np.testing.assert_allclose(downs[1], tilted)


def test_neighbouring_facets_of_a_curve_count_once() -> None:
    """Else one rounded edge would take all places."""
    facets = [((np.cos(a), np.sin(a), 0.3), 50) for a in np.radians(np.arange(0, 5, 0.25))]
    assert len(undersides(normals(*facets))) <= len(AXES) + 6


def test_only_the_heaviest_faces_are_tried() -> None:
    """The time does not grow with the number of facets."""
    spread = np.random.default_rng(2).normal(size=(200, 3)).tolist()
    facets = [((x, y, z), 10 + n) for n, (x, y, z) in enumerate(spread)]
    downs = undersides(normals(*facets))
    assert len(downs) == MAX_FACES + len(AXES)
    heaviest = np.array(spread[-1]) / np.linalg.norm(spread[-1])
    np.testing.assert_allclose(downs[1], heaviest)


def test_face_that_is_hardly_there_is_not_tried() -> None:
    """No part stands on a thousandth of its surface."""
    small = int(MIN_SHARE * 10_000) - 1
    assert len(undersides(normals(((0, 0, 1), 10_000), ((1, 1, 1), small)))) == len(AXES)


@given(
    down=st.tuples(*[st.floats(-1, 1)] * 3)
    .filter(lambda each: float(np.linalg.norm(each)) > 0.01)
    .map(lambda each: np.array(each) / np.linalg.norm(each))
)
def test_rotation_brings_the_side_down_and_distorts_nothing(down: Reals) -> None:
    """A matrix that shears would change the price."""
    rotation = np.array(rotation_to_bed(down))
    np.testing.assert_allclose(rotation @ down, [0, 0, -1], atol=1e-7)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-7)
    assert np.linalg.det(rotation) == pytest.approx(1.0)


@pytest.mark.parametrize("down", sorted(AXES), ids=str)
def test_rotation_to_an_axis_is_exact(down: tuple[float, float, float]) -> None:
    """Coordinates are only exchanged, so that no digit changes; and there is no minus zero."""
    rotation = np.array(rotation_to_bed(np.array(down)))
    assert set(np.abs(rotation).ravel().tolist()) == {0.0, 1.0}
    assert not np.signbit(rotation[rotation == 0.0]).any()


def test_given_pose_is_no_rotation_at_all() -> None:
    """The caller of `best_rotation` may ask with `is`."""
    assert rotation_to_bed(GIVEN) is UNTURNED


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
