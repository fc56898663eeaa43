"""How much support is expected under shapes of which one can tell it by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.orientation.columns import COLUMN_MM
from pricing_fdm.mesh.orientation.support import Support, estimate_support, spanned
from pricing_fdm.mesh.triangles import Corners, Flags, Mesh
from tests.mesh.poses import LAYER_MM, mesh_of, standing
from tests.mesh.shapes import box, cube, soup


def support_of(*bodies: Corners) -> Support:
    return estimate_support(standing(mesh_of(*bodies)), LAYER_MM)


def wedge(degrees: float, length: float = 60.0, width: float = 60.0) -> Mesh:
    """A wall whose front leans out over the bed, rising at this angle from the horizontal."""
    height = length * np.tan(np.radians(degrees))
    outline = [(0.0, 0.0), (length, height), (-20.0, height), (-20.0, 0.0)]
    near = np.array([(x, 0.0, z) for x, z in outline])
    far = near + np.array([0.0, width, 0.0])
    triangles = []
    for here in range(4):
        there = (here + 1) % 4
        triangles += [near[here], far[there], near[there], near[here], far[here], far[there]]
    flat = [0, 1, 2, 0, 2, 3]
    corners = np.concatenate([soup(triangles), soup(near[flat]), soup(far[flat])[:, ::-1]])
    return mesh_of(corners)


def test_plate_on_a_post_needs_support_from_the_bed_up() -> None:
    """The plain case: area times height, and a rim, by which the slicers widen support."""
    plate, post = box((60, 60, 4), at=(0, 0, 30)), box((60, 10, 30), at=(0, 25, 0))
    support = support_of(plate, post)
    assert 50 * 60 * 30 <= support.volume_mm3 <= (50 + 2 * COLUMN_MM) * (60 + COLUMN_MM) * 30
    assert support.contact_mm2 == pytest.approx(support.volume_mm3 / 30, rel=0.01)


def test_support_stands_on_the_part_where_the_part_is_beneath() -> None:
    """Down to the bed it would be four times as much."""
    floor, post = box((60, 60, 30)), box((60, 10, 10), at=(0, 25, 30))
    support = support_of(floor, post, box((60, 60, 4), at=(0, 0, 40)))
    assert 50 * 60 * 10 <= support.volume_mm3 <= (50 + 2 * COLUMN_MM) * (60 + COLUMN_MM) * 10


@pytest.mark.parametrize(
    ("degrees", "needed"),
    [
        pytest.param(25, True, id="flatter than the threshold"),
        pytest.param(35, False, id="steeper"),
        pytest.param(45, False, id="half"),
    ],
)
def test_threshold_is_that_of_the_profiles(degrees: float, *, needed: bool) -> None:
    """30 degrees from the horizontal, and the one degree that the slicers add."""
    support = estimate_support(standing(wedge(degrees)), LAYER_MM)
    assert (support.volume_mm3 > 0) is needed


def test_what_lies_on_the_bed_needs_nothing() -> None:
    """Nor does a step that is no higher than a layer."""
    assert support_of(cube()) == Support(0.0, 0.0)
    assert support_of(cube(), box((40, 20, 10), at=(0, 0, 0.15))) == Support(0.0, 0.0)


def test_lid_between_two_walls_is_bridged() -> None:
    """Both slicers draw lines from wall to wall (`bridge_no_support`)."""
    walls = box((10, 60, 30)), box((10, 60, 30), at=(50, 0, 0))
    lid = box((60, 60, 4), at=(0, 0, 30))
    whole = 40 * 60 * 30
    assert support_of(*walls, lid).volume_mm3 < 0.35 * whole
    assert support_of(walls[0], lid).volume_mm3 > whole


def test_lid_all_around_needs_no_support_at_all() -> None:
    """A hollow block has no loose edges."""
    walls = [box((60, 10, 30), at=(0, y, 0)) for y in (0, 50)]
    walls += [box((10, 60, 30), at=(x, 0, 0)) for x in (0, 50)]
    assert support_of(*walls, box((60, 60, 4), at=(0, 0, 30))).volume_mm3 == 0


def grid(*rows: str) -> tuple[Flags, Flags]:
    """A ceiling from a drawing, and what stands beneath it: `o` hangs, `x` is held."""
    cells = np.array([[" ", *row, " "] for row in ["     ", *rows, "     "]])
    return np.isin(cells, ["o", "x"]), cells == "x"


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        pytest.param(("xooox", "xooox", "xooox"), 6, id="loose edges stay"),
        pytest.param(("xxxxx", "xooox", "xxxxx"), 0, id="held all around"),
        pytest.param(("xoooo", "xoooo", "xoooo"), 12, id="held on one side"),
        pytest.param(("ooooo", "xooox", "ooooo"), 13, id="held in the middle only"),
        pytest.param(("     ", "xooox", "     "), 3, id="too narrow for infill"),
        pytest.param(("xo ox", "xo ox", "xo ox"), 4, id="gap where no point fell"),
        pytest.param(("xxxxx", "ooooo", "xxxxx"), 2, id="held across"),
    ],
)
def test_bridge_leaves_only_what_is_loose(rows: tuple[str, ...], left: int) -> None:
    """By hand, on a drawing of the ceiling."""
    ceiling, beneath = grid(*rows)
    assert np.count_nonzero(ceiling & ~spanned(ceiling, beneath)) == left
