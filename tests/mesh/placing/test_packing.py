"""Rectangles side by side on a bed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_fdm.mesh.placing.packing import Sides, Spot, pack

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
