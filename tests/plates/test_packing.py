"""Nothing overlaps, nothing is off the bed, and a plate holds what fits."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.model import Bed, Outline, Placement
from pricing_fdm.plates.filling import Filler
from pricing_fdm.plates.packing import Layout, pack
from tests.plates.outlines import Corners, distance_mm, ellipse, placed, rectangle

BED = Bed(rectangle(250, 250))
ROUND = Bed(ellipse(125, 125, 72, (0.0, 0.0)))
CLIPPED = Bed(rectangle(200, 180, -100, -90), (rectangle(40, 30, -100, -90),), edge_mm=3.0)
GAP_MM = 6.0
TOLERANCE_MM = 1e-5


@st.composite
def outlines(draw: st.DrawFn, bed: Bed = BED) -> Outline:
    """A convex polygon in the middle of a bed, of about any size that fits there."""
    corners = draw(st.integers(3, 24))
    angles = sorted(
        draw(st.lists(st.floats(0, 6.28), min_size=corners, max_size=corners, unique_by=round_1))
    )
    wide, deep = draw(st.floats(1, 60)), draw(st.floats(1, 60))
    middle = np.array(bed.outline).mean(axis=0)
    points = [
        (middle[0] + wide * np.cos(angle), middle[1] + deep * np.sin(angle)) for angle in angles
    ]
    return tuple((float(x), float(y)) for x, y in points)


def round_1(angle: float) -> int:
    """Angles that differ by less are one corner."""
    return round(angle * 10)


def faults(
    plates: tuple[Layout, ...], shapes: list[Outline], bed: Bed, gap_mm: float = GAP_MM
) -> list[str]:
    """What is wrong with plates."""
    found = []
    for plate in {plate for plate in plates if len(plate) > 1}:
        copies = [placed(shapes[each.part], each) for each in plate]
        for one, other in itertools.combinations(copies, 2):
            if (gap := distance_mm(one, other)) < gap_mm - TOLERANCE_MM:
                found.append(f"copies {gap} mm apart")
        for copy in copies:
            if outside(copy, bed) > TOLERANCE_MM:
                found.append(f"{outside(copy, bed)} mm off the bed")
            found += [
                "on an excluded area"
                for area in bed.excluded
                if distance_mm(copy, np.array(area)) < bed.edge_mm - TOLERANCE_MM
            ]
    return found


def outside(copy: Corners, bed: Bed) -> float:
    """By how much a copy is too close to the edge of a bed."""
    corners = np.array(bed.outline, dtype=float)
    sides = np.roll(corners, -1, axis=0) - corners
    normals = np.stack([sides[:, 1], -sides[:, 0]]).T
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    reach = (copy @ normals.T).max(axis=0) - (corners * normals).sum(axis=1)
    return float(reach.max()) + bed.edge_mm


@settings(max_examples=25, deadline=None)
@given(data=st.data(), bed=st.sampled_from([BED, ROUND, CLIPPED]), copies=st.integers(1, 60))
def test_copies_keep_their_distance_and_stay_on_the_bed(
    data: st.DataObject, bed: Bed, copies: int
) -> None:
    """Two copies that grow together are scrap, and so is one that is half off the bed."""
    shape = data.draw(outlines(bed))
    plates = pack([(shape, copies)], bed, GAP_MM, 16)
    assert faults(plates, [shape], bed) == []
    assert sum(map(len, plates)) == copies
    assert all(len(plate) <= 16 for plate in plates)
    assert len(set(plates[:-1])) <= 1


@settings(max_examples=25, deadline=None)
@given(data=st.data(), bed=st.sampled_from([BED, CLIPPED]))
def test_several_parts_share_plates_and_keep_their_distance(data: st.DataObject, bed: Bed) -> None:
    """Each copy of each part lies somewhere, once."""
    parts = [(data.draw(outlines(bed)), data.draw(st.integers(1, 9))) for _ in range(3)]
    plates = pack(parts, bed, GAP_MM, 16)
    assert faults(plates, [shape for shape, _ in parts], bed) == []
    laid = Counter(placement.part for plate in plates for placement in plate)
    assert laid == {number: copies for number, (_, copies) in enumerate(parts)}


@settings(max_examples=5, deadline=None)
@given(shape=outlines(), most=st.integers(1, 20))
def test_one_more_copy_never_needs_fewer_plates(shape: Outline, most: int) -> None:
    """Otherwise it could cost less to order more."""
    plates = [len(pack([(shape, copies)], BED, GAP_MM, most)) for copies in range(1, 30)]
    assert plates == sorted(plates)


def test_equal_orders_get_equal_plates() -> None:
    """A plate that was sliced is found again by its layout."""
    parts = [(ellipse(20, 9, 64, (125, 125)), 40), (rectangle(50, 31, 100, 110), 7)]
    assert pack(parts, BED, GAP_MM, 16) == pack(parts, BED, GAP_MM, 16)


@pytest.mark.parametrize(
    ("shape", "on_one_plate"),
    [
        (rectangle(20, 20, 115, 115), 81),
        (rectangle(122, 122, 64, 64), 4),
        (rectangle(122.1, 122, 64, 64), 2),
        (rectangle(250, 250), 1),
        (rectangle(80, 30, 85, 110), 18),
        (((100, 100), (140, 100), (100, 150)), 37),
        (ellipse(20, 20, 500, (125, 125)), 30),
    ],
    ids=["cubes", "four", "no-four", "whole-bed", "bars", "triangles", "discs"],
)
def test_a_plate_holds_what_fits(shape: Outline, on_one_plate: int) -> None:
    """A copy less on each plate is a plate more for the customer to pay."""
    plates = pack([(shape, 100)], BED, GAP_MM, 100)
    assert len(plates[0]) == on_one_plate
    assert sum(map(len, plates)) == 100


def test_a_copy_that_is_alone_stays_where_it_is() -> None:
    """One copy costs what it did before there were plates, also where it takes the whole bed."""
    for shape in (rectangle(250.0005, 40, 0, 105), rectangle(20, 20, 115, 115)):
        assert pack([(shape, 1)], BED, GAP_MM, 16) == ((Placement(0, 0.0, 0.0, 0),),)
    big = pack([(rectangle(250.0005, 200, 0, 25), 3)], BED, GAP_MM, 16)
    assert big == ((Placement(0, 0.0, 0.0, 0),),) * 3


def test_copies_lie_in_the_middle_of_the_bed() -> None:
    """The front left corner is where a printer purges its nozzle."""
    ((one, other),) = pack([(rectangle(20, 20, 115, 115), 2)], BED, GAP_MM, 16)
    assert one.x_mm + other.x_mm == pytest.approx(0, abs=0.3)
    assert one.y_mm + other.y_mm == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize(
    ("shape", "most", "on_one_plate"),
    [
        (ellipse(3, 3, 500, (125, 125)), 16, 16),
        (ellipse(1, 1, 500, (125, 125)), 1000, 1000),
        (ellipse(3, 3, 500, (125, 125)), 1000, 492),
        (rectangle(150, 1, 50, 125), 1000, 50),
    ],
    ids=["of-16", "all-on-one", "as-many-as-fit", "needles"],
)
def test_a_thousand_copies_are_packed_in_a_moment(
    shape: Outline, most: int, on_one_plate: int
) -> None:
    """Packing must not be felt beside slicing: half a second of CPU is the most."""
    start = time.process_time()
    plates = pack([(shape, 1000)], BED, GAP_MM, most)
    assert time.process_time() - start < 0.5
    assert len(plates[0]) == on_one_plate
    assert sum(map(len, plates)) == 1000


def test_copies_laid_on_trial_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With hundreds on a plate, ways to fill it are left out: a customer waits for the answer."""
    laid = Counter[str]()
    filled = Filler.filled

    def count(self: Filler, *wanted: Any) -> Layout:
        plate = filled(self, *wanted)
        laid["on trial"] += len(plate) * len(wanted[1])
        return plate

    monkeypatch.setattr(Filler, "filled", count)
    parts = [(ellipse(2 + size / 20, 2, 64, (100, 100)), 1000) for size in range(3)]
    plates = pack(parts, BED, GAP_MM, 1000)
    full = max(map(len, plates))
    assert full > 500
    assert sum(map(len, plates)) == 3000
    assert laid["on trial"] < 3 * (5_000 + 4 * full) + 2 * 3000


def test_sides_that_only_nearly_lie_on_a_line_are_no_way_into_another_copy() -> None:
    """Corners are rounded; one that is not convex by that made copies overlap by 10 mm."""
    quads = (
        (83.13598, 88.2532), (91.13603, 85.25320748), (92.38602, 85.25320835),
        (104.60850, 85.2532083), (107.1233, 85.2532729), (108.136, 85.2532338),
        (117.13599, 88.2532513), (117.136011, 113.2532434), (114.43595, 113.2532919),
        (89.07907, 113.2532219), (83.41443, 113.2532186), (83.1360002, 113.25319),
        (83.1360097, 97.2532),
    )  # fmt: skip
    plates = pack([(quads, 100)], BED, GAP_MM, 100)
    assert faults(plates, [quads], BED) == []
    assert len(plates[0]) == 42


def test_parts_that_do_not_fill_a_plate_share_one() -> None:
    """Also several copies of each: only what is full is a part's own."""
    small, tall = rectangle(20, 20, 115, 115), rectangle(30, 40, 110, 105)
    (plate,) = pack([(small, 3), (tall, 2)], BED, GAP_MM, 16)
    assert Counter(copy.part for copy in plate) == {0: 3, 1: 2}
    *full, rest = pack([(small, 18), (tall, 2)], BED, GAP_MM, 16)
    assert [Counter(copy.part for copy in each) for each in full] == [{0: 16}]
    assert Counter(copy.part for copy in rest) == {0: 2, 1: 2}


def test_single_copies_of_many_parts_share_plates() -> None:
    """An order may hold fifty parts; fifty plates would be a price for fifty set-ups."""
    parts = [(rectangle(20 + size, 15, 100, 100), 1) for size in range(50)]
    start = time.process_time()
    plates = pack(parts, BED, GAP_MM, 16)
    assert time.process_time() - start < 5
    assert [len(plate) for plate in plates] == [16, 16, 16, 2]
    assert faults(plates, [shape for shape, _ in parts], BED) == []


@pytest.mark.parametrize(
    "shape",
    [
        ((5, 5), (-500, 9), (900, -40)),
        ((9e4, 9e4), (9e4 + 1, 9e4), (9e4, 9e4 + 1)),
        ((125, 125), (125 + 1e-7, 125), (125, 125 + 1e-7)),
        ((120, 120), (130, 120), (125, 121), (130, 130), (120, 130)),
        ((120, 130), (130, 130), (130, 120), (120, 120)),
    ],
    ids=["off-the-bed", "far-away", "a-speck", "not-convex", "clockwise"],
)
def test_an_outline_that_is_a_lie_is_packed_all_the_same(shape: Outline) -> None:
    """A child that was taken over may state it; the service must neither fail nor hang."""
    assert sum(map(len, pack([(shape, 40)], BED, GAP_MM, 16))) == 40
