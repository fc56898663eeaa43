"""Walls that are thin are called thin, and nothing else is."""

from __future__ import annotations

import re

import pytest

from pricing_fdm.mesh.shape.scanlines import scan
from pricing_fdm.mesh.shape.sections import Knife
from pricing_fdm.mesh.shape.thin_walls import ThinWalls
from pricing_fdm.mesh.triangles import Corners
from tests.mesh import shapes
from tests.mesh.parts import circle, cup, loft, prism, standing, tube, turned


def said_of(*bodies: Corners, line_width_mm: float = 0.42) -> list[str]:
    walls = ThinWalls(line_width_mm)
    for section in Knife(standing(*bodies)[0]).sections():
        for axis in (0, 1):
            walls.look(section, scan(section, axis))
    warnings = list(walls.warnings())
    assert {warning.code for warning in warnings} <= {"thin_walls"}
    return [warning.message for warning in warnings]


def figures(message: str) -> tuple[float, float]:
    """Share in percent, and the thinnest in mm."""
    found = re.search(
        r"about ([\d.]+)% of the walls sampled, the thinnest about ([\d.]+) mm", message
    )
    assert found
    return float(found[1]), float(found[2])


@pytest.mark.parametrize("angle", [0, 10, 30, 45, 60, 90])
@pytest.mark.parametrize("wall_mm", [0.1, 0.4, 0.6, 0.78])
def test_a_thin_wall_is_measured_however_it_stands(wall_mm: float, angle: float) -> None:
    """The figure is the wall's, not the line's way through it."""
    (message,) = said_of(turned(cup(30.0, wall_mm, 20.0), angle))
    share, thinnest_mm = figures(message)
    assert share > 95
    assert thinnest_mm == pytest.approx(wall_mm, abs=0.011)


@pytest.mark.parametrize("wall_mm", [0.8, 0.84, 1.0, 3.0])
@pytest.mark.parametrize("angle", [0, 20, 45])
def test_a_wall_of_two_lines_is_none(wall_mm: float, angle: float) -> None:
    """0.8 mm is what every guide asks for."""
    assert said_of(turned(cup(30.0, wall_mm, 20.0), angle)) == []


def test_the_limit_is_that_of_the_line() -> None:
    """A wider nozzle asks for thicker walls."""
    part = cup(30.0, 1.0, 20.0)
    assert said_of(part) == []
    (message,) = said_of(part, line_width_mm=0.68)
    assert "1.36 mm" in message


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param(tube(circle(15.0), circle(14.5), 20.0), id="round"),
        pytest.param(loft([(0, 0), (30, 0), (30, 0.5), (0, 0.5)],
                          [(0, 10), (30, 10), (30, 10.5), (0, 10.5)], 15.0), id="leaning"),
        pytest.param(tube(circle(15.0, 8), circle(14.46, 8), 9.0), id="octagonal"),
    ],
)  # fmt: skip
def test_thin_walls_of_any_form_are_found(corners: Corners) -> None:
    """A round wall is flat where it is looked at."""
    (message,) = said_of(corners)
    share, thinnest_mm = figures(message)
    assert share > 90
    assert thinnest_mm == pytest.approx(0.5, abs=0.02)


def test_the_share_is_one_of_the_walls() -> None:
    """A thick block and a thin fin of half its walls."""
    block = shapes.box((20.0, 20.0, 10.0))
    fin = shapes.box((19.5, 0.5, 10.0), at=(40.0, 0.0, 0.0))
    ((share, thinnest_mm),) = map(figures, said_of(block, fin))
    assert share == pytest.approx(100 * 39 / (80 + 40), abs=1.0)
    assert thinnest_mm == 0.5


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param(shapes.cube(), id="cube"),
        pytest.param(turned(shapes.cube(), 45.0), id="cube-on-its-corner"),
        pytest.param(turned(shapes.box((20.0, 20.0, 60.0)), 45.0, axis=0), id="ridges-up-and-down"),
        pytest.param(shapes.sphere(), id="sphere"),
        pytest.param(prism(circle(10.0), 20.0), id="cylinder"),
        pytest.param(loft(circle(10.0), circle(0.01), 20.0), id="cone"),
        pytest.param(shapes.tetrahedron(20.0), id="tetrahedron"),
        pytest.param(loft([(0, 0), (30, 0), (30, 20), (0, 20)],
                          [(0, 9.99), (30, 9.99), (30, 10.01), (0, 10.01)], 10.0), id="roof"),
        pytest.param(prism([(0, 0), (20, -6), (20, 6)], 20.0), id="wedge"),
        pytest.param(shapes.torus(), id="torus"),
    ],
)  # fmt: skip
def test_corners_and_ridges_are_no_walls(corners: Corners) -> None:
    """Every solid is thin near a corner; its sides do not look apart there."""
    assert said_of(corners) == []


def test_walls_inside_of_other_bodies_are_none() -> None:
    """The slicer unites them."""
    assert said_of(shapes.cube(), shapes.box((10.0, 0.5, 10.0), at=(5.0, 5.0, 5.0))) == []


def test_a_few_thin_places_of_a_large_part_are_left_unsaid() -> None:
    """A nib on a block is no thin-walled part."""
    assert said_of(shapes.box((60.0, 60.0, 60.0)), shapes.box((1, 0.5, 3), at=(70.0, 0, 0))) == []


def test_surfaces_on_each_other_are_no_wall() -> None:
    """A flap without thickness is another matter; no slicer prints it."""
    assert said_of(shapes.cube(), shapes.box((10.0, 0.005, 20.0), at=(40.0, 0.0, 0.0))) == []


def test_a_level_crossing_of_a_line_has_no_direction() -> None:
    """A sheet that is nearly level is no wall, and divides by nothing."""
    assert said_of(shapes.box((50.0, 50.0, 0.3))) == []
