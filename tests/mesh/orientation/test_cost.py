"""What a pose is expected to cost, by figures that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.orientation.cost import (
    COST_PER_G,
    COST_PER_HOUR,
    INTERFACE_S_PER_MM,
    LAYER_S,
    MIN_LAYER_S,
    MIN_MM_PER_S,
    SUPPORT_S_PER_MM,
    Layers,
    cut,
    part_cost,
    support_cost,
)
from pricing_fdm.mesh.orientation.support import Support
from pricing_fdm.model import UNTURNED, Rotation
from tests.mesh.poses import cost_usd, four_legged_table, lathe, mesh_of, standing
from tests.mesh.shapes import box, cube

UPSIDE_DOWN: Rotation = ((1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0))
FLAT: Rotation = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))
PER_SECOND = COST_PER_HOUR / 3600


def test_block_is_cut_into_its_layers() -> None:
    """Outline, section and skin of a block are known in every layer."""
    layers = cut(standing(mesh_of(box((20, 30, 10)))), 0.2)
    assert len(layers.outline_mm) == 50
    assert layers.outline_mm.mean() == pytest.approx(100, rel=0.001)
    np.testing.assert_allclose(layers.section_mm2[:-1], 600, rtol=0.01)
    assert layers.skin_mm2[0] == pytest.approx(600 * 3, rel=0.01)
    assert layers.skin_mm2[-1] == pytest.approx(600 * 4, rel=0.01)
    np.testing.assert_allclose(layers.skin_mm2[1:-1], 0, atol=1e-6)


@pytest.mark.parametrize(("height", "count"), [(0.21, 2), (0.2, 1), (0.05, 1), (10.0, 50)], ids=str)
def test_last_layer_is_counted_when_it_is_begun(height: float, count: int) -> None:
    """As in the slicers; rounding to float32 begins none."""
    assert len(cut(standing(mesh_of(box((30, 30, height)))), 0.2).outline_mm) == count


def test_section_of_a_cone_shrinks_upwards() -> None:
    """It is what opens beneath less what closes; a wrong sign would fill the air."""
    layers = cut(standing(lathe([20.0, 0.0], [0.0, 30.0])), 0.2)
    assert layers.section_mm2[0] == pytest.approx(np.pi * 400, rel=0.05)
    assert (np.diff(layers.section_mm2[:-1]) <= 1e-6).all()


def test_finer_layers_cost_more() -> None:
    """The same part has twice as many lines in half the height."""
    part = standing(mesh_of(cube()))
    assert part_cost(cut(part, 0.1)) > 1.5 * part_cost(cut(part, 0.2))


def test_small_layer_is_given_time_to_cool() -> None:
    """A needle takes far longer than its lines."""
    lines_mm, thin = 60.0, np.array([20.0])
    slowed = Layers(outline_mm=thin, section_mm2=np.array([0.45 * lines_mm]), skin_mm2=np.zeros(1))
    assert part_cost(slowed) == pytest.approx((MIN_LAYER_S + LAYER_S) * PER_SECOND)


def test_tiny_layer_is_not_slowed_below_the_slowest_speed() -> None:
    """The slicers do not either (`slow_down_min_speed`)."""
    lines_mm = 6.0
    tiny = Layers(
        outline_mm=np.array([2.0]), section_mm2=np.array([0.45 * lines_mm]), skin_mm2=np.zeros(1)
    )
    assert part_cost(tiny) == pytest.approx((lines_mm / MIN_MM_PER_S + LAYER_S) * PER_SECOND)


def test_support_costs_time_and_material() -> None:
    """A thousand cubic millimetres are a seventh of it in plastic: 0.17 g."""
    lines_mm = 1000 / 0.2 * 0.4 / 2.9 / 0.4
    grams = lines_mm * 0.4 * 0.2 * 1.24e-3
    expected = lines_mm * SUPPORT_S_PER_MM * PER_SECOND + grams * COST_PER_G
    assert support_cost(Support(1000.0, 0.0), 0.2) == pytest.approx(expected)
    assert grams == pytest.approx(0.171, rel=0.01)


def test_support_has_dense_layers_under_the_part() -> None:
    """Low support under a wide ceiling is nearly all interface."""
    lines_mm = 900.0 * 4 * 0.4 / 0.9 / 0.4
    least = lines_mm * INTERFACE_S_PER_MM * PER_SECOND
    assert support_cost(Support(0.0, 900.0), 0.2) > least


@pytest.mark.parametrize("dear", [UNTURNED, FLAT], ids=["on its legs", "on its side"])
def test_table_is_cheapest_on_its_top(dear: Rotation) -> None:
    """The measure has to rank what anybody can see."""
    table = four_legged_table()
    assert cost_usd(table, UPSIDE_DOWN) < 0.95 * cost_usd(table, dear)
