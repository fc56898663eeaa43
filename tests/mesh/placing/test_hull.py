"""The corners of an outline among many points."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.placing import hull
from pricing_fdm.mesh.placing.footprint import roomiest_turn
from pricing_fdm.mesh.placing.hull import NEGLIGIBLE_MM, hull_corners
from pricing_fdm.mesh.triangles import Reals


def ring(points: int, wide: float, deep: float) -> Reals:
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([wide * np.cos(angles), deep * np.sin(angles)], axis=1)


def test_a_fine_ring_keeps_its_width() -> None:
    """Here every point is a corner of the outline; what is left out must not show."""
    turn = roomiest_turn(ring(100_000, 105.0, 105.0), 200, 200)
    assert (turn.x_mm, turn.y_mm) == pytest.approx((210.0, 210.0), abs=2 * NEGLIGIBLE_MM)


@pytest.mark.parametrize(
    "points",
    [
        pytest.param(ring(2000, 140.0, 1.0), id="slim-ring"),
        pytest.param(ring(2000, 9e5, 9e5), id="ring-of-kilometres"),
        pytest.param(np.random.default_rng(1).random((2000, 2)), id="filled-square"),
        pytest.param(np.repeat(ring(3, 1.0, 1.0), 500, axis=0), id="few-points-often"),
        pytest.param(np.stack([np.arange(999.0), 0 * np.arange(999.0)], axis=1), id="a-line"),
    ],
)
def test_thinning_out_leaves_the_corners(monkeypatch: pytest.MonkeyPatch, points: Reals) -> None:
    """A million points are thinned out before the slow part begins."""
    plain = hull.hull_of(points)
    monkeypatch.setattr(hull, "CHUNK_TRIANGLES", 10)
    assert np.array_equal(hull.hull_of(points), plain)


def test_the_slow_part_sees_few_of_many_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """It took two seconds for a million points on a slim ring, for each pose of a part."""
    seen = 0
    chain = hull._chain

    def counted(ordered: Reals) -> list[list[float]]:
        nonlocal seen
        seen = max(seen, len(ordered))
        return chain(ordered)

    monkeypatch.setattr(hull, "_chain", counted)
    slim = ring(200_000, 140.0, 1.0).astype(np.float32).astype(np.float64)
    corners = hull_corners(slim)
    assert np.abs(corners).max(axis=0) == pytest.approx([140.0, 1.0], abs=NEGLIGIBLE_MM)
    assert seen < 50_000
