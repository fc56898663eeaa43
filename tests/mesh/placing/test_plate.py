"""Which bodies belong together, and how they are laid out anew."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_fdm.mesh.placing.plate import GAP_MM, Sides, Spot, groups_of, lay_out, pack
from pricing_fdm.mesh.repair import Solid, make_solid
from pricing_fdm.mesh.triangles import Corners, Points
from pricing_fdm.mesh.weld import weld
from pricing_fdm.model import BuildVolume
from tests.mesh import shapes
from tests.mesh.shapes import PRINTER

NESTED = [shapes.box((30, 30, 30)), shapes.inside_out(shapes.box((10, 10, 10), at=(10, 10, 10)))]
LINKED = [shapes.torus(), shapes.soup(shapes.torus()[:, :, [0, 2, 1]] + np.array([30, 0, 0]))]
TOUCHING = [shapes.cube(), shapes.cube(at=(20, 0, 0))]
STACKED = [shapes.cube(), shapes.cube(at=(0, 0, 25))]
FAR_STACK = [shapes.cube(at=(100, 0, 0)), shapes.cube(at=(100, 0, 25))]


def solid_of(*bodies: Corners) -> Solid:
    return make_solid(weld(np.concatenate(bodies)))


def laid_out(solid: Solid, volume: BuildVolume) -> Points | None:
    groups = groups_of(solid.mesh, solid.body_of_face, volume)
    return lay_out(solid.mesh.points, groups, volume)


@pytest.mark.parametrize(
    ("bodies", "groups"),
    [
        pytest.param([shapes.cube()], 1, id="one"),
        pytest.param([shapes.cube(), shapes.cube(at=(30, 0, 0))], 2, id="apart"),
        pytest.param(NESTED, 1, id="a-cavity-stays-in-its-body"),
        pytest.param(LINKED, 1, id="a-chain-stays-a-chain"),
        pytest.param(TOUCHING, 1, id="touching"),
        pytest.param(STACKED, 2, id="one-above-the-other"),
        pytest.param([*TOUCHING, shapes.cube(at=(0, 40, 0)), *FAR_STACK], 4, id="some-of-each"),
    ],
)
def test_bodies_that_meet_belong_together(bodies: list[Corners], groups: int) -> None:
    """Torn apart, a hinge or a chain would be another product."""
    solid = solid_of(*bodies)
    assert len(groups_of(solid.mesh, solid.body_of_face, PRINTER)) == groups


def test_a_group_keeps_its_places_and_is_set_down() -> None:
    """Only whole groups move; what floated in the air alone stands on the bed then."""
    solid = solid_of(*TOUCHING, shapes.cube(at=(300, 40, 70)))
    placed = laid_out(solid, PRINTER)
    assert placed is not None
    alone = solid.mesh.points[:, 0] >= 300
    pair, single = placed[~alone], placed[alone]
    assert np.ptp(pair, axis=0).tolist() == [40.0, 20.0, 20.0]
    assert np.ptp(single, axis=0).tolist() == [20.0, 20.0, 20.0]
    assert pair[:, 2].min() == single[:, 2].min() == 0.0
    assert single[:, 0].min() - pair[:, 0].max() == pytest.approx(GAP_MM)
    before = solid.mesh.points[~alone]
    assert pair - pair[0] == pytest.approx(before - before[0])


def test_groups_are_turned_a_quarter_where_that_makes_room() -> None:
    """The middle one lies across the others in the file."""
    bodies = [shapes.box((190, 60, 10)), shapes.box((60, 190, 10), at=(200, 0, 0)),
              shapes.box((190, 60, 10), at=(300, 0, 0))]  # fmt: skip
    placed = laid_out(solid_of(*bodies), PRINTER)
    assert placed is not None
    assert np.ptp(placed, axis=0).tolist() == pytest.approx([190.0, 192.0, 10.0])


def test_groups_are_turned_by_any_angle_where_they_fit_no_other_way() -> None:
    """Beside a diagonal there is no room for a second one's box."""
    solid = solid_of(shapes.box((260, 10, 10)), shapes.box((20, 20, 10), at=(300, 0, 0)))
    groups = groups_of(solid.mesh, solid.body_of_face, PRINTER)
    assert [round(group.turn.degrees, 3) for group in groups] == [45.0, 0.0]
    assert all(group.fits for group in groups)
    assert lay_out(solid.mesh.points, groups, PRINTER) is None
    roomy = lay_out(solid.mesh.points, groups, BuildVolume(191, 220, 200))
    assert roomy is not None
    assert np.ptp(roomy, axis=0).tolist() == pytest.approx([190.919, 216.919, 10], abs=1e-3)


def test_a_group_that_cannot_fit_is_known() -> None:
    """Its size is named in the refusal."""
    solid = solid_of(shapes.cube(), shapes.box((250, 240, 10), at=(40, 0, 0)),
                     shapes.box((10, 10, 201), at=(0, 300, 0)))  # fmt: skip
    groups = groups_of(solid.mesh, solid.body_of_face, PRINTER)
    assert [group.fits for group in groups] == [True, False, False]
    assert groups[1].size == (250.0, 240.0, 10.0)


BED = (200.0, 200.0)


def sides_of(rectangle: Sides, spot: Spot) -> Sides:
    return (rectangle[1], rectangle[0]) if spot.turned else rectangle


def faults(rectangles: list[Sides], spots: list[Spot], bed: Sides, gap_mm: float) -> list[str]:
    """What is wrong with a layout, judged without the skyline."""
    placed = [
        (spot.x_mm, spot.y_mm, *sides_of(each, spot))
        for each, spot in zip(rectangles, spots, strict=True)
    ]
    over = [
        f"{each} is off the bed"
        for each in placed
        if min(each[:2]) < 0 or each[0] + each[2] > bed[0] + 0.0011
        or each[1] + each[3] > bed[1] + 0.0011
    ]  # fmt: skip
    near = [
        f"{one} is too near to {other}"
        for one, other in itertools.combinations(placed, 2)
        if one[0] < other[0] + other[2] + gap_mm - 1e-9
        and other[0] < one[0] + one[2] + gap_mm - 1e-9
        and one[1] < other[1] + other[3] + gap_mm - 1e-9
        and other[1] < one[1] + one[3] + gap_mm - 1e-9
    ]
    return over + near


@pytest.mark.parametrize(
    "rectangles",
    [
        pytest.param([BED], id="one-fills-the-bed"),
        pytest.param([(97.0, 97.0)] * 4, id="four-quarters"),
        pytest.param([(200.0, 60.0), (60.0, 200.0), (200.0, 60.0)], id="one-needs-a-turn"),
        pytest.param([(180.0, 90.0), (80.0, 90.0), (80.0, 90.0)], id="two-beside-below-one"),
        pytest.param([(97.0, 130.0)] * 2 + [(62.0, 64.0)] * 3, id="three-behind-two"),
        pytest.param([(190.0, 40.0), (120.0, 30.0), (130.0, 140.0)], id="by-longer-side-only"),
        pytest.param([(60.0, 130.0), (120.0, 90.0), (190.0, 60.0)], id="by-area-only"),
        pytest.param([(80.0, 70.0), (90.0, 130.0), (160.0, 50.0)], id="by-shorter-side-only"),
        pytest.param([(10.0, 10.0)] * 144, id="a-hundred-and-forty-four"),
    ],
)
def test_what_fits_is_laid_out(rectangles: list[Sides]) -> None:
    """With a gap between all, and nothing over the edge."""
    spots = pack(rectangles, BED, 6.0)
    assert spots is not None
    assert faults(rectangles, spots, BED, 6.0) == []


@pytest.mark.parametrize(
    "rectangles",
    [
        pytest.param([(201.0, 10.0)], id="too-wide-either-way"),
        pytest.param([(98.0, 98.0)] * 4, id="no-room-for-the-gap"),
        pytest.param([(120.0, 120.0)] * 2, id="two-large-ones"),
        pytest.param([(10.0, 10.0)] * 170, id="one-too-many"),
    ],
)
def test_what_does_not_fit_is_said(rectangles: list[Sides]) -> None:
    """The caller orders in two files then."""
    assert pack(rectangles, BED, 6.0) is None


def test_the_same_rectangles_always_get_the_same_spots() -> None:
    """The same file must have the same price."""
    rectangles = [(30.0, 40.0), (50.0, 20.0), (30.0, 40.0)]
    assert pack(rectangles, BED, 6.0) == pack(rectangles, BED, 6.0)
    assert pack(rectangles, BED, 6.0) == [
        Spot(56.0, 0.0, turned=True),
        Spot(0.0, 0.0, turned=False),
        Spot(102.0, 0.0, turned=True),
    ]


@given(
    st.lists(st.tuples(st.floats(1, 120), st.floats(1, 120)), min_size=1, max_size=12),
    st.tuples(st.floats(100, 300), st.floats(100, 300)),
)
def test_no_layout_overlaps_or_stands_over(rectangles: list[Sides], bed: Sides) -> None:
    """The slicer would print one part into the other without a word."""
    spots = pack(rectangles, bed, 6.0)
    assert spots is None or faults(rectangles, spots, bed, 6.0) == []
