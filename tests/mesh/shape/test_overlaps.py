"""Places enclosed twice are told of; touching is not overlapping."""

from __future__ import annotations

import re

import numpy as np
import pytest

from pricing_fdm.mesh.shape.overlaps import Overlaps
from pricing_fdm.mesh.shape.scanlines import scan
from pricing_fdm.mesh.shape.sections import Knife
from pricing_fdm.mesh.triangles import Corners
from tests.mesh import shapes
from tests.mesh.parts import prism, standing, turned

BOW_TIE = [(0.0, 0.0), (20.0, 20.0), (20.0, 0.0), (0.0, 20.0)]


def said_of(*bodies: Corners) -> list[str]:
    overlaps = Overlaps()
    for section in Knife(standing(*bodies)[0]).sections():
        for axis in (0, 1):
            overlaps.look(scan(section, axis))
    warnings = list(overlaps.warnings())
    assert {warning.code for warning in warnings} <= {"self_intersections"}
    return [warning.message for warning in warnings]


@pytest.mark.parametrize(
    ("bodies", "percent"),
    [
        pytest.param([shapes.cube(), shapes.cube(20.0, (10.0, 10.0, 0.0))], 100 / 7, id="overlap"),
        pytest.param([shapes.cube(), shapes.cube(10.0, (5.0, 5.0, 5.0))], 12.5, id="nested"),
        pytest.param([turned(shapes.cube(), 20.0), turned(shapes.cube(), 20.0) + np.float32(0.01)],
                     100.0, id="doubled"),
        pytest.param([prism(BOW_TIE, 20.0)], 100.0, id="one-surface-through-itself"),
    ],
)  # fmt: skip
def test_what_is_enclosed_twice_or_inside_out_is_told_of(
    bodies: list[Corners], percent: float
) -> None:
    """The share says how far the stated volume is off."""
    (message,) = said_of(*bodies)
    found = re.search(r"about ([\d.]+)% of its volume", message)
    assert found
    assert float(found[1]) == pytest.approx(percent, rel=0.03)


@pytest.mark.parametrize(
    "bodies",
    [
        pytest.param([shapes.cube()], id="cube"),
        pytest.param([shapes.torus()], id="torus"),
        pytest.param([shapes.cube(), shapes.cube(20.0, (20.0, 0.0, 0.0))], id="face-to-face"),
        pytest.param([shapes.cube(), shapes.cube(20.0, (20.0, 20.0, 0.0))], id="edge-to-edge"),
        pytest.param([shapes.cube(), shapes.cube(20.0, (19.96, 0.0, 0.0))], id="rounded-export"),
        pytest.param([shapes.cube(), shapes.inside_out(shapes.cube(10.0, (5.0, 5.0, 5.0)))],
                     id="cavity"),
        pytest.param([turned(shapes.channel(), 33.0), shapes.cube(5.0, (60.0, 0.0, 0.0))],
                     id="apart"),
    ],
)  # fmt: skip
def test_sound_bodies_are_left_alone(bodies: list[Corners]) -> None:
    """Touching encloses nothing twice."""
    assert said_of(*bodies) == []


def test_a_few_crossings_are_left_unsaid() -> None:
    """Less than is shown of the volume."""
    assert said_of(shapes.cube(80.0), shapes.cube(2.0, (79.0, 40.0, 40.0))) == []
