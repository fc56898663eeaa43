"""Where a part is placed, and what is said of one that finds no place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pricing_fdm.errors import ModelExceedsBuildVolume
from pricing_fdm.mesh.placing.fit import Placement, place
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.repair import make_solid
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from pricing_fdm.model import UNTURNED, BuildVolume, Orientation
from tests.harness.models import known, paths
from tests.mesh import shapes
from tests.mesh.shapes import PRINTER

TALL = BuildVolume(200, 200, 400)


def placed(
    corners: Corners,
    volume: BuildVolume = PRINTER,
    orientation: Orientation = Orientation.KEEP,
    unit_hint: str = "",
) -> Placement:
    solid = make_solid(weld(corners.copy()))
    return place(
        solid.mesh, solid.body_of_face, volume, orientation=orientation, unit_hint=unit_hint
    )


def refusal(
    corners: Corners,
    volume: BuildVolume = PRINTER,
    orientation: Orientation = Orientation.KEEP,
    unit_hint: str = "",
) -> str:
    with pytest.raises(ModelExceedsBuildVolume) as caught:
        placed(corners, volume, orientation, unit_hint)
    return caught.value.detail


def standing(placement: Placement) -> tuple[list[float], list[float]]:
    """Lowest and highest corner of the part on the bed."""
    points = placement.mesh.points + np.array(placement.move_mm)
    return points.min(axis=0).tolist(), points.max(axis=0).tolist()


@pytest.mark.parametrize("size", [(200.0, 200.0, 200.0), (0.1, 200.0009, 1.0), (20.0, 20.0, 20.0)])
def test_a_part_that_fits_is_left_as_it_lies(size: tuple[float, float, float]) -> None:
    """Also one as large as the printer: OrcaSlicer takes it when it is centred."""
    solid = make_solid(weld(shapes.box(size)))
    placement = place(solid.mesh, solid.body_of_face, PRINTER)
    assert placement.mesh is solid.mesh
    assert placement.rotation is UNTURNED
    assert placement.warnings == ()


def test_the_part_is_centred_and_set_down() -> None:
    """The slicer moves nothing."""
    volume = BuildVolume(250, 210, 200, origin_x_mm=-125, origin_y_mm=10)
    low, high = standing(placed(shapes.box((30, 20, 10), at=(-700, 3, -12.5)), volume))
    assert low == [-15.0, 105.0, 0.0]
    assert high == [15.0, 125.0, 10.0]


@pytest.mark.parametrize(
    ("size", "volume", "degrees"),
    [
        pytest.param((90, 290, 50), BuildVolume(300, 100, 100), 90.0, id="a-quarter"),
        pytest.param((260, 20, 50), PRINTER, 45.0, id="diagonal"),
        pytest.param((230, 40, 50), BuildVolume(220, 180, 60), 36.439, id="wherever-it-fits"),
    ],
)
def test_a_part_that_is_too_long_is_turned_on_the_bed(
    size: tuple[float, float, float], volume: BuildVolume, degrees: float
) -> None:
    """A print shop would do it without asking."""
    corners = shapes.box(size, at=(-1e4, 3e4, -7))
    placement = placed(corners, volume)
    low, high = standing(placement)
    assert low == pytest.approx(
        [(volume.x_mm - placement.box.size_mm[0]) / 2, (volume.y_mm - placement.box.size_mm[1]) / 2,
         0], abs=1e-3,
    )  # fmt: skip
    assert high[0] <= volume.x_mm
    assert high[1] <= volume.y_mm
    assert high[2] == pytest.approx(size[2])
    turn = np.array(placement.rotation)
    assert np.degrees(np.arctan2(turn[1, 0], turn[0, 0])) == pytest.approx(degrees, abs=0.01)
    original = make_solid(weld(corners)).mesh
    moved = (original.points - original.points[0]).astype(np.float64) @ turn.T
    assert placement.mesh.points - placement.mesh.points[0] == pytest.approx(moved, abs=1e-4)
    assert placement.mesh.points.dtype == np.float32


def test_both_sizes_the_excess_and_the_best_turn_are_named() -> None:
    """The caller must see at once which side to shorten, and that turning was tried."""
    assert refusal(shapes.box((290, 130, 200.5))) == (
        "The part measures 290 x 130 x 200.5 mm, the printer prints 200 x 200 x 200 mm "
        "(x, y, z): too large by 90 mm along x, 0.5 mm along z. "
        "No turn on the bed helps; at best it covers 290 x 130 mm."
    )


def test_only_the_height_is_named_where_a_turn_mends_the_rest() -> None:
    """Shortening the side that fits diagonally would be work for nothing."""
    assert refusal(shapes.box((260, 20, 200.5)), orientation=Orientation.AUTO) == (
        "The part measures 260 x 20 x 200.5 mm, the printer prints 200 x 200 x 200 mm "
        "(x, y, z): too large by 0.5 mm along z."
    )


@pytest.mark.parametrize(
    ("size", "volume"),
    [
        pytest.param((20, 20, 250), PRINTER, id="standing-diagonal-when-laid-down"),
        pytest.param((190, 150, 210), BuildVolume(220, 220, 200), id="laid-on-its-back"),
        pytest.param((390, 60, 50), TALL, id="lying-fits-standing"),
        pytest.param((60, 390, 50), TALL, id="lying-fits-standing-on-the-other-end"),
    ],
)
def test_a_pose_that_was_kept_is_told_that_another_would_fit(
    size: tuple[float, float, float], volume: BuildVolume
) -> None:
    """The caller forbade tipping and may not know the price of it."""
    corners = shapes.box(size)
    assert refusal(corners, volume).endswith(
        "It would fit on another side: order it with orientation `auto`."
    )
    assert "auto" not in refusal(corners, volume, Orientation.AUTO)


def test_a_guess_at_the_unit_is_the_last_word() -> None:
    """Nobody sends a part of three metres on purpose; how to turn it is beside the point."""
    detail = refusal(shapes.box((3000, 100, 100)), unit_hint="Divided by 25.4 it would fit.")
    assert detail.endswith("too large by 2800 mm along x. Divided by 25.4 it would fit.")


PAIR = np.concatenate([shapes.box((150, 90, 20)), shapes.box((150, 90, 20), at=(0, 160, 5))])
STACK = np.concatenate([shapes.cube(120.0), shapes.box((60, 60, 90), at=(0, 0, 130))])
HINGE = np.concatenate([shapes.box((190, 190, 9)), shapes.box((190, 190, 9), at=(190, 0, 0))])


def test_bodies_that_fit_as_they_lie_stay_where_they_are() -> None:
    """Also where one floats: who sent them so may mean it."""
    corners = np.concatenate([shapes.cube(), shapes.cube(at=(30, 0, 50))])
    placement = placed(corners)
    assert placement.warnings == ()
    assert placement.box.size_mm == (50.0, 20.0, 70.0)
    row = np.concatenate([shapes.box((120, 10, 5)), shapes.box((120, 10, 5), at=(140, 0, 0))])
    assert np.array(placed(row).rotation)[1, 0] == pytest.approx(0.5**0.5, abs=1e-4)


def test_bodies_are_laid_out_anew_where_that_helps() -> None:
    """A print shop would push them together; the quote says that it was done."""
    placement = placed(PAIR)
    (warning,) = placement.warnings
    assert warning.code == "rearranged"
    assert warning.message == (
        "The 2 separate parts of the file do not fit the printer as they lie (150 x 250 x 25 mm). "
        "They were set down and laid out anew on one plate, 6 mm apart (150 x 186 x 20 mm). "
        "Bodies that touch or reach into each other stay together as one part."
    )
    assert placement.rotation is UNTURNED
    assert standing(placement) == ([25.0, 7.0, 0.0], [175.0, 193.0, 20.0])
    assert len(placement.mesh.faces) == 24


def test_bodies_above_each_other_come_to_stand_beside_each_other() -> None:
    """Together 220 mm high, each of them prints."""
    placement = placed(STACK)
    assert [warning.code for warning in placement.warnings] == ["rearranged"]
    assert placement.box.size_mm == (186.0, 120.0, 120.0)


@pytest.mark.parametrize(
    ("corners", "words"),
    [
        pytest.param(
            np.concatenate([shapes.cube(150.0), shapes.cube(150.0, at=(160, 0, 0))]),
            "The 2 separate parts of the file together measure 310 x 150 x 150 mm, the printer "
            "prints 200 x 200 x 200 mm (x, y, z). Each of them fits alone, but all of them find "
            "no room on one plate, not even laid out anew with 6 mm between them. Order them "
            "separately, one file each.",
            id="no-room-together",
        ),
        pytest.param(
            np.concatenate([HINGE, shapes.cube(at=(0, 300, 0))]),
            "Parts that do not fit alone, in any turn on the bed: 1, the longest with "
            "380 x 190 x 9 mm. Bodies that touch or reach into each other stay together as one",
            id="one-does-not-fit-alone",
        ),
        pytest.param(
            np.concatenate([shapes.box((10, 10, 220)), shapes.cube(at=(50, 0, 0))]),
            "It would fit on another side: order it with orientation `auto`.",
            id="all-fit-laid-down",
        ),
        pytest.param(HINGE, "The part measures 380 x 190 x 9 mm", id="touching-bodies-are-one"),
    ],
)
def test_bodies_that_find_no_room_are_refused_in_words(corners: Corners, words: str) -> None:
    """The way out is to order them separately, or to see which one is too large."""
    assert words in refusal(corners)


@pytest.mark.parametrize(
    "path", paths([model for model in known(".stl") if model[1]["fits_200_cube"] == "no"])
)
def test_real_parts_that_no_turn_makes_fit_are_refused(path: Path) -> None:
    """Their sheet says that they fit a 200 mm bed in no turn."""
    _, reading = read_model(path, 2_000_000)
    detail = refusal(reading.corners)
    assert "No turn on the bed helps" in detail


@pytest.mark.parametrize(
    "path", paths([model for model in known(".stl") if 190 < max(model[1]["box_mm"]) <= 200])
)
def test_a_real_part_near_the_limit_stays_as_it_lies(path: Path) -> None:
    """192.6 mm long: it fits, and nothing must be turned."""
    _, reading = read_model(path, 2_000_000)
    assert placed(reading.corners).rotation is UNTURNED
