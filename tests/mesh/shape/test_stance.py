"""What may fall over is told of, with its figures."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.bodies import boxes_of_bodies, pieces_of
from pricing_fdm.mesh.shape import sections
from pricing_fdm.mesh.shape.sections import Knife
from pricing_fdm.mesh.shape.stance import judge_stance, least_width
from pricing_fdm.mesh.triangles import Corners
from tests.mesh import shapes
from tests.mesh.parts import circle, loft, prism, standing, tube, turned


def said_of(*parts: Corners) -> list[str]:
    mesh, body_of_face = standing(*parts)
    pieces = pieces_of(*boxes_of_bodies(mesh, body_of_face))
    warnings = list(judge_stance(Knife(mesh), body_of_face, pieces))
    assert {warning.code for warning in warnings} <= {"tall_and_slim"}
    return [warning.message for warning in warnings]


@pytest.mark.parametrize(
    ("parts", "figures"),
    [
        pytest.param([shapes.box((5, 5, 40))], "40.0 mm high on a foot that is 5.0 mm", id="tower"),
        pytest.param([turned(shapes.box((2, 60, 80)), 30)], "80.0 mm high on a foot that is 2.0 mm",
                     id="blade-at-an-angle"),
        pytest.param([shapes.box((5, 5, 40)), shapes.box((5, 5, 60), at=(90, 0, 0))],
                     "60.0 mm high on a foot that is 5.0 mm", id="the-slimmer-of-two"),
        pytest.param([shapes.box((4, 4, 40)), shapes.box((9, 9, 60), at=(90, 0, 0))],
                     "10.0 times as high", id="not-the-taller-one"),
        pytest.param([tube(circle(5.0), circle(4.0), 60.0)], "10.0 mm wide", id="tube"),
        pytest.param([loft(circle(3.0), circle(8.0), 60.0)], "10.0 times as high", id="bottle"),
    ],
)  # fmt: skip
def test_slender_parts_are_told_of(parts: list[Corners], figures: str) -> None:
    """Height, foot and their ratio, for the worst piece."""
    (message,) = said_of(*parts)
    assert figures in message


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([shapes.cube()], id="cube"),
        pytest.param([shapes.box((20, 20, 40))], id="box"),
        pytest.param([shapes.sphere(32, 10.0)], id="ball-on-its-pole"),
        pytest.param([turned(shapes.cube(), 45.0, axis=0)], id="cube-on-its-edge"),
        pytest.param([shapes.box((40, 40, 3)), shapes.box((6, 6, 60), at=(17, 17, 3))],
                     id="on-a-foot"),
        pytest.param([tube(circle(30.0), circle(29.0), 100.0)], id="vase"),
        pytest.param([shapes.box((1, 1, 8))], id="low"),
        pytest.param([prism(circle(10.0), 0.15)], id="flatter-than-a-layer"),
        pytest.param([shapes.cube(), shapes.box((2, 2, 40), at=(50, 0, 10))], id="in-the-air"),
    ],
)  # fmt: skip
def test_steady_parts_are_left_alone(parts: list[Corners]) -> None:
    """A ball stands on little, but is not slim."""
    assert said_of(*parts) == []


def test_a_part_in_too_many_pieces_is_left_unsaid(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not seen is not judged."""
    monkeypatch.setattr(sections, "MAX_SEGMENTS", 7)
    assert said_of(shapes.box((5.0, 5.0, 40.0))) == []


def test_the_least_width_is_not_the_box() -> None:
    """A blade that stands at an angle is as slim as one that stands straight."""
    corners = np.array([(0.0, 0.0), (60.0, 0.0), (60.0, 2.0), (0.0, 2.0), (30.0, 1.0)])
    angle = np.radians(33.3)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    assert least_width(corners @ turn) == pytest.approx(2.0)
    assert least_width(corners[:1]) == 0.0
