"""The roomiest turn about the vertical, against known shapes and against trying every angle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_fdm.mesh.placing.footprint import roomiest_turn
from pricing_fdm.mesh.triangles import Reals


def rectangle(x: float, y: float, turned_by: float = 0.0) -> Reals:
    return spun(np.array([[0.0, 0.0], [x, 0.0], [x, y], [0.0, y]]), turned_by)


def spun(points: Reals, degrees: float) -> Reals:
    angle = math.radians(degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    matrix: Reals = np.array([[cosine, sine], [-sine, cosine]])
    return points @ matrix


def extents(points: Reals, degrees: float) -> Reals:
    spread: Reals = np.ptp(spun(points, degrees), axis=0)
    return spread


@pytest.mark.parametrize(
    ("points", "bed", "degrees", "size"),
    [
        pytest.param(rectangle(260, 10), (200, 200), 45.0, (190.919, 190.919), id="diagonal"),
        pytest.param(rectangle(260, 10, 45), (300, 300), 0.0, (190.919, 190.919), id="as-it-lies"),
        pytest.param(rectangle(190, 150, 30), (200, 160), -30.0, (190, 150), id="smallest-box"),
        pytest.param(rectangle(150, 190, 30), (200, 160), 60.0, (190, 150), id="a-quarter-more"),
        pytest.param(rectangle(220, 120), (220, 120), 0.0, (220, 120), id="no-room-left"),
        pytest.param(rectangle(300, 0), (220, 220), 45.0, (212.132, 212.132), id="a-line"),
        pytest.param(rectangle(0, 0), (220, 220), 0.0, (0, 0), id="a-point"),
    ],
)
def test_known_shapes_take_the_turn_with_the_most_room(
    points: Reals, bed: tuple[float, float], degrees: float, size: tuple[float, float]
) -> None:
    """Of equally good turns the smallest is taken, so that nothing turns for no reason."""
    turn = roomiest_turn(points, *bed)
    assert turn.degrees == pytest.approx(degrees, abs=1e-4)
    assert (turn.x_mm, turn.y_mm) == pytest.approx(size, abs=1e-3)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.floats(50, 300),
    st.floats(50, 300),
)
def test_no_angle_leaves_more_room(seed: int, count: int, width: float, depth: float) -> None:
    """A turn that is missed is a part that is refused though it can be printed."""
    points = np.random.default_rng(seed).normal(size=(count, 2)) * (90.0, 30.0)
    turn = roomiest_turn(points, width, depth)
    assert -90.0 < turn.degrees <= 90.0
    assert (turn.x_mm, turn.y_mm) == pytest.approx(extents(points, turn.degrees), abs=1e-6)
    angles = np.radians(np.arange(0.0, 180.0, 0.25))
    x, y = points[:, :1], points[:, 1:]
    xs = np.ptp(x * np.cos(angles) - y * np.sin(angles), axis=0)
    ys = np.ptp(x * np.sin(angles) + y * np.cos(angles), axis=0)
    tried = np.minimum(width - xs, depth - ys).max()
    assert min(width - turn.x_mm, depth - turn.y_mm) >= tried - 1e-5


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param(lambda rng: rng.random((100_000, 2)) * (260, 10), id="filled"),
        pytest.param(lambda rng: rng.random((100_000, 1)) * (260, 0), id="along-one-side"),
        pytest.param(lambda rng: rectangle(260, 10)[rng.integers(0, 4, 100_000)], id="repeated"),
    ],
)
def test_points_inside_the_outline_change_nothing(inner: object) -> None:
    """A mesh has a million points, its outline a dozen corners."""
    assert callable(inner)
    points = np.concatenate([inner(np.random.default_rng(7)), rectangle(260, 10)])
    assert roomiest_turn(points, 200, 200) == roomiest_turn(rectangle(260, 10), 200, 200)
