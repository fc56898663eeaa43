"""How safely parts stand, by figures that can be checked by hand."""

from __future__ import annotations

import math

import pytest

from pricing_fdm.mesh.orientation.footing import Footing, judge_footing
from pricing_fdm.mesh.triangles import Mesh
from tests.mesh.poses import LAYER_MM, four_legged_table, lathe, mesh_of, standing
from tests.mesh.shapes import box, cube, sphere


def footing(mesh: Mesh) -> Footing:
    return judge_footing(standing(mesh), LAYER_MM)


def test_block_stands_on_its_whole_base() -> None:
    """Contact is an area, the lean an angle to the nearest edge, slenderness a ratio."""
    block = footing(mesh_of(box((20, 40, 60))))
    assert block.contact_mm2 == pytest.approx(800, rel=0.01)
    assert block.contact_share == pytest.approx(800 / 8800, rel=0.01)
    assert block.lean_degrees == pytest.approx(math.degrees(math.atan(10 / 30)), abs=0.5)
    assert block.slenderness == pytest.approx(60 / math.sqrt(800), rel=0.01)


@pytest.mark.parametrize(
    ("part", "safe"),
    [
        pytest.param(mesh_of(cube()), True, id="cube"),
        pytest.param(mesh_of(cube(1.0)), True, id="tiny cube"),
        pytest.param(four_legged_table(), True, id="table on four legs"),
        pytest.param(mesh_of(sphere()), False, id="ball"),
        pytest.param(lathe([0.0, 20.0], [0.0, 30.0]), False, id="cone on its tip"),
        pytest.param(mesh_of(box((8, 8, 100))), False, id="mast"),
        pytest.param(
            mesh_of(box((10, 20, 10)), box((60, 20, 10), at=(0, 0, 10))), False, id="falls over"
        ),
        pytest.param(
            mesh_of(box((2, 2, 5), at=(29, 29, 0)), box((60, 60, 10), at=(0, 0, 5))),
            False,
            id="plate on a pin",
        ),
    ],
)
def test_safe_is_what_stays_where_it_is_put(part: Mesh, *, safe: bool) -> None:
    """A part is never turned to a pose in which it would come loose."""
    assert footing(part).is_safe is safe


def test_part_without_a_flat_spot_touches_nothing() -> None:
    """There is no area to divide by."""
    tip = footing(lathe([0.0, 20.0], [0.0, 30.0]))
    assert (tip.contact_mm2, tip.contact_share) == (0.0, 0.0)
    assert tip.slenderness == math.inf
