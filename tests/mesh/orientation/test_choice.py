"""The choice of a pose, on parts whose best pose anybody sees."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.mesh.orientation.choice import MIN_GAIN, best_rotation, in_pose
from pricing_fdm.mesh.orientation.support import estimate_support
from pricing_fdm.mesh.triangles import Mesh
from pricing_fdm.model import UNTURNED, BuildVolume, Rotation
from tests.mesh.poses import (
    any_rotation,
    cost_usd,
    four_legged_table,
    lathe,
    mesh_of,
    rested,
    standing,
    turned_by,
    whole,
)
from tests.mesh.shapes import box, cube, inside_out, sphere

PRINTER = BuildVolume(200, 200, 200)
LAYER_MM = 0.2
UPSIDE_DOWN: Rotation = ((1, 0, 0), (0, -1, 0), (0, 0, -1))


def chosen(part: Mesh, printer: BuildVolume) -> Rotation:
    return best_rotation(part, whole(part), printer, LAYER_MM)


def down_side(rotation: Rotation) -> tuple[float, ...]:
    """The direction of the part that lies down."""
    return tuple(0.0 - value for value in rotation[2])


def tee() -> Mesh:
    """A plate of 60 x 20 x 4 mm on a stem, standing."""
    stem = box((8, 20, 30), at=(26, 0, 0))
    return mesh_of(stem, box((60, 20, 4), at=(0, 0, 30)))


def ell() -> Mesh:
    """A long foot that hangs in the air from the upper end of a short leg."""
    return mesh_of(box((10, 20, 30)), box((60, 20, 10), at=(0, 0, 30)))


ON_ITS_RIM: Rotation = ((0, 0, 1), (0, 1, 0), (-1, 0, 0))
DISC = lathe([30.0, 30.0], [0.0, 8.0])


@pytest.mark.parametrize(
    ("part", "down"),
    [
        pytest.param(four_legged_table(), {(0, 0, 1)}, id="table lies on its top"),
        pytest.param(tee(), {(0, 0, 1), (0, 1, 0), (0, -1, 0)}, id="T lies on its plate or flat"),
        pytest.param(ell(), {(0, 0, 1), (0, 1, 0), (0, -1, 0)}, id="L lies on its foot or flat"),
        pytest.param(lathe([0.0, 20.0], [0.0, 30.0]), {(0, 0, 1)}, id="cone stands on its base"),
        pytest.param(
            in_pose(DISC, ON_ITS_RIM), {(1, 0, 0), (-1, 0, 0)}, id="disc on its rim is laid flat"
        ),
    ],
)
def test_part_is_laid_where_it_needs_no_support(part: Mesh, down: set[tuple[float, ...]]) -> None:
    """This is what the caller is promised: less support, hence a lower price."""
    rotation = chosen(part, PRINTER)
    assert down_side(rotation) in down
    assert estimate_support(standing(part, rotation), LAYER_MM).volume_mm3 == 0


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(mesh_of(cube()), id="cube"),
        pytest.param(mesh_of(box((60, 40, 10))), id="plate"),
        pytest.param(mesh_of(sphere()), id="ball, which stands badly anyhow"),
        pytest.param(lathe([20.0, 0.0], [0.0, 30.0]), id="cone on its base"),
        pytest.param(in_pose(four_legged_table(), UPSIDE_DOWN), id="table on its top"),
        pytest.param(DISC, id="disc"),
    ],
)
def test_good_pose_is_kept_exactly(part: Mesh) -> None:
    """A caller's own pose is worth something, and a turn by a hair would change the price."""
    assert chosen(part, PRINTER) is UNTURNED


@pytest.mark.parametrize("size", [(10, 10, 150), (150, 10, 100), (10, 150, 100)], ids=str)
def test_part_that_fits_in_one_pose_only_gets_that_one(size: tuple[int, int, int]) -> None:
    """Else a part that the printer can make would be refused."""
    low = BuildVolume(200, 120, 50)
    part = mesh_of(box(size))
    rotation = chosen(part, low)
    extents = np.ptp(in_pose(part, rotation).points, axis=0)
    assert rotation is not UNTURNED
    assert extents[2] == pytest.approx(10)


def test_pose_that_fits_is_taken_even_where_nothing_stands_safely() -> None:
    """A ball on a stick falls over in any pose; support holds it."""
    part = mesh_of(box((2, 2, 60), at=(9, 9, 15)), cube(20.0))
    low = BuildVolume(200, 200, 30)
    rotation = chosen(part, low)
    assert np.ptp(in_pose(part, rotation).points, axis=0)[2] == pytest.approx(20)


def test_cheaper_pose_that_does_not_fit_is_not_taken() -> None:
    """The table would lie on its top, were the bed large enough for it."""
    table = in_pose(four_legged_table(), ((1, 0, 0), (0, 0, -1), (0, 1, 0)))
    narrow = BuildVolume(200, 30, 200)
    assert chosen(table, PRINTER) is not UNTURNED
    rotation = chosen(table, narrow)
    assert np.ptp(in_pose(table, rotation).points, axis=0)[2] > 50


def test_part_that_fits_nowhere_stays_as_it_is() -> None:
    """It is refused next, with the size that its file has."""
    assert chosen(mesh_of(cube(60.0)), BuildVolume(50, 50, 50)) is UNTURNED


def test_what_encloses_nothing_stays_as_it_is() -> None:
    """The judgement of the mesh has the word on it, not the orientation."""
    assert chosen(mesh_of(inside_out(cube())), PRINTER) is UNTURNED


def test_small_gain_is_not_worth_a_turn() -> None:
    """A block that is a little lower on its side saves a few layers, and no support."""
    block = mesh_of(box((20, 19.5, 20)))
    lying = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, -1.0, 0.0))
    saved = 1 - cost_usd(block, lying) / cost_usd(block, UNTURNED)
    assert abs(saved) < MIN_GAIN
    assert chosen(block, PRINTER) is UNTURNED


@settings(max_examples=8, deadline=None)
@given(turn=any_rotation(), part=st.sampled_from([four_legged_table(), tee(), ell()]))
def test_choice_does_not_depend_on_how_the_part_came(turn: Rotation, part: Mesh) -> None:
    """Whoever exports the same part in another pose gets the same price."""
    best = cost_usd(part, chosen(part, PRINTER))
    came = turned_by(part, turn)
    assert cost_usd(came, chosen(came, PRINTER)) == pytest.approx(best, rel=0.08)


@settings(max_examples=12, deadline=None)
@given(
    sizes=st.lists(st.tuples(*[st.floats(2, 60)] * 3), min_size=1, max_size=4),
    turn=any_rotation(),
)
def test_choice_is_never_worse_than_the_given_pose(
    sizes: list[tuple[float, float, float]], turn: Rotation
) -> None:
    """By its own measure, for any heap of blocks; and a second look changes nothing."""
    part = turned_by(mesh_of(*[box(size) for size in sizes]), turn)
    rotation = chosen(part, PRINTER)
    assert rotation == chosen(part, PRINTER)
    if rotation is not UNTURNED:
        assert cost_usd(part, rotation) <= cost_usd(part, UNTURNED) * (1 - MIN_GAIN)
        assert rested(in_pose(part, rotation))


def test_untouched_mesh_is_handed_through() -> None:
    """Points that go through a matrix may change in the last digit."""
    part = mesh_of(cube())
    assert in_pose(part, UNTURNED) is part
