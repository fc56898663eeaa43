"""Pins, holes and pieces that a nozzle cannot form."""

from __future__ import annotations

import pytest

from pricing_fdm.mesh.bodies import boxes_of_bodies, pieces_of
from pricing_fdm.mesh.shape import small_features
from pricing_fdm.mesh.shape.sections import Knife
from pricing_fdm.mesh.shape.small_features import SmallFeatures
from pricing_fdm.mesh.triangles import Corners
from tests.mesh import shapes
from tests.mesh.parts import circle, loft, pins, prism, square, standing, tube


def said_of(*parts: Corners) -> list[str]:
    mesh, body_of_face = standing(*parts)
    features = SmallFeatures(0.42)
    features.look_at_pieces(pieces_of(*boxes_of_bodies(mesh, body_of_face)))
    for section in Knife(mesh).sections():
        features.look(section)
    warnings = list(features.warnings())
    assert {warning.code for warning in warnings} <= {"small_features"}
    return [warning.message for warning in warnings]


@pytest.mark.parametrize(
    ("parts", "figures"),
    [
        pytest.param(pins(0.25, count=3),
                     "pins below 0.84 mm: at least 3, the smallest 0.50 mm.", id="pins"),
        pytest.param([tube(square(20.0), circle(0.3), 5.0)],
                     "holes below 1.00 mm: at least 1, the smallest 0.60 mm.", id="hole"),
        pytest.param([shapes.cube(), shapes.cube(1.5, (30.0, 0.0, 0.0))],
                     "pieces below 2.00 mm: at least 1, the smallest 1.50 mm.", id="piece"),
        pytest.param([*pins(0.4), shapes.cube(1.9, (50.0, 0.0, 0.0))],
                     "pins below 0.84 mm: at least 4, the smallest 0.80 mm; pieces", id="both"),
    ],
)  # fmt: skip
def test_small_features_are_counted_and_measured(parts: list[Corners], figures: str) -> None:
    """How many, and how small the smallest is."""
    (message,) = said_of(*parts)
    assert figures in message


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([shapes.cube()], id="cube"),
        pytest.param([shapes.sphere()], id="sphere"),
        pytest.param(pins(0.5), id="pins-that-hold"),
        pytest.param([tube(square(20.0), circle(0.6), 5.0)], id="hole-that-stays-open"),
        pytest.param([loft(circle(5.0), circle(0.05), 10.0)], id="tip-of-a-cone"),
        pytest.param([shapes.cube(), shapes.inside_out(loft(circle(4.0), circle(0.05), 8.0,
                                                            at=(10.0, 10.0, 5.0)))],
                     id="end-of-a-drilled-hole"),
        pytest.param([shapes.cube(), prism(circle(0.3), 10.0, at=(10.0, 10.0, 5.0))],
                     id="pin-inside-of-a-body"),
        pytest.param([tube(square(20.0), circle(0.3), 20.0), shapes.cube(4.0, (-2.0, -2.0, 0.0)),
                      shapes.box((4.0, 4.0, 16.0), at=(-2.0, -2.0, 4.0))],
                     id="hole-that-is-filled"),
        pytest.param([shapes.cube(), prism(circle(0.04), 20.0, at=(30.0, 0.0, 0.0))],
                     id="fault-of-a-mesh"),
        pytest.param([shapes.cube(), shapes.cube(1.0, (5.0, 5.0, 5.0))], id="piece-inside"),
    ],
)  # fmt: skip
def test_other_small_outlines_are_left_alone(parts: list[Corners]) -> None:
    """Where a cone runs out every part has one."""
    assert said_of(*parts) == []


def test_only_so_many_outlines_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sieve has thousands; saying "at least" is enough."""
    monkeypatch.setattr(small_features, "MAX_LOOKED_AT", 2)
    assert "at least 2" in said_of(*pins(0.25))[0]
    monkeypatch.setattr(small_features, "MAX_LOOKED_THROUGH", 1)
    assert said_of(*pins(0.25)) == []
