"""Whether a pose fits when it may be turned about the vertical, and by how much it is turned."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.placing.turning import fits, on_bed, rotation_about_z, turn_for, turned
from pricing_fdm.mesh.triangles import Points, Reals
from pricing_fdm.model import UNTURNED, BuildVolume
from tests.mesh import shapes
from tests.mesh.shapes import PRINTER

WIDE = BuildVolume(300, 100, 100)


def points_of(size: tuple[float, float, float], turned_by: float = 0.0) -> Points:
    corners = shapes.box(size, at=(-700.0, 3.0, 0.0)).reshape(-1, 3)
    return turned(corners.astype(np.float64), turned_by).astype(np.float32)


@pytest.mark.parametrize(
    ("points", "volume", "degrees", "fitting"),
    [
        pytest.param(points_of((10, 20, 30)), PRINTER, 0.0, True, id="as-it-lies"),
        pytest.param(points_of((200, 200, 200)), PRINTER, 0.0, True, id="fills-the-printer"),
        pytest.param(points_of((10, 20, 30), 33), PRINTER, 0.0, True, id="askew-but-small"),
        pytest.param(points_of((90, 290, 50)), WIDE, 90.0, True, id="a-quarter"),
        pytest.param(points_of((260, 20, 50)), PRINTER, 45.0, True, id="diagonal"),
        pytest.param(points_of((190, 190, 50), 20), PRINTER, -20.0, True, id="straightened"),
        pytest.param(points_of((290, 95, 50), 33), WIDE, -33.0, True, id="straightened-long"),
        pytest.param(points_of((270, 20, 50)), PRINTER, 45.0, False, id="diagonal-too-long"),
        pytest.param(points_of((201, 201, 50)), PRINTER, 0.0, False, id="a-millimetre-too-much"),
        pytest.param(points_of((20, 20, 200.01)), PRINTER, 0.0, False, id="too-tall"),
    ],
)
def test_the_least_turn_that_works_is_taken(
    points: Points, volume: BuildVolume, degrees: float, *, fitting: bool
) -> None:
    """As it lies, else a quarter, else whatever leaves the most room."""
    turn = turn_for(points, volume)
    assert turn.degrees == pytest.approx(degrees, abs=1e-3)
    assert fits(points, float(np.ptp(points[:, 2])), volume) is fitting
    placed = turned(points.astype(np.float64), turn.degrees)
    assert (turn.x_mm, turn.y_mm) == pytest.approx(np.ptp(placed, axis=0)[:2], abs=1e-3)


def test_two_columns_are_enough() -> None:
    """Who has only x and y, such as the search for an orientation, need not make up z."""
    flat: Reals = points_of((260, 20, 50))[:, :2].astype(np.float64)
    assert fits(flat, 50.0, PRINTER)
    assert on_bed(turn_for(flat, PRINTER), PRINTER)


def test_a_quarter_turn_is_exact() -> None:
    """A wall along an axis stays along an axis, to the last bit."""
    assert rotation_about_z(90.0) == ((0.0, -1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    assert rotation_about_z(0.0) == UNTURNED
    assert turned(np.array([[3.0, 1.0, 7.0]]), 90.0).tolist() == [[-1.0, 3.0, 7.0]]
    assert turned(np.array([[1.0, 0.0, 7.0]]), 60.0) == pytest.approx(
        np.array([[0.5, 3**0.5 / 2, 7.0]])
    )
