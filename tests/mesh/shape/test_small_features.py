"""Pins, holes and pieces that a nozzle cannot form."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.bodies import boxes_of_bodies, pieces_of
from pricing_fdm.mesh.shape import small_features
from pricing_fdm.mesh.shape.sections import Knife, Section
from pricing_fdm.mesh.shape.small_features import SmallFeatures, outlines_of, windings_at
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


def section_of(*bodies: Corners) -> Section:
    section = Knife(standing(*bodies)[0]).cut(5.0)
    assert section is not None
    return section


def test_each_outline_is_told_by_itself() -> None:
    """Negative areas are holes."""
    plate = tube(square(20.0), circle(2.0), 10.0)
    outlines = outlines_of(section_of(plate, shapes.box((3.0, 4.0, 9.0), at=(50.0, 0.0, 0.0))))
    order = np.argsort(outlines.areas_mm2)
    hole_mm2 = -24 * 4.0 * np.sin(2 * np.pi / 48)
    assert outlines.areas_mm2[order] == pytest.approx([hole_mm2, 12.0, 400.0], rel=1e-5)
    assert outlines.sizes_mm[order] == pytest.approx([4.0, 4.0, 20.0], rel=1e-6)
    assert outlines.centres[order] == pytest.approx(
        np.array([[0.0, 0.0], [51.5, 2.0], [0.0, 0.0]]), abs=1e-6
    )
    assert outlines.leans == pytest.approx(0.0, abs=1e-6)


def test_walls_lean_by_the_sine_of_their_angle() -> None:
    """A cone of 45 degrees leans by 0.71 all around."""
    outlines = outlines_of(section_of(loft(circle(20.0), circle(5.0), 15.0)))
    assert outlines.leans == pytest.approx(np.sqrt(0.5), abs=0.01)


def test_an_outline_without_length_does_not_lean() -> None:
    """Slivers have sections, too."""
    sliver = shapes.soup([(0, 0, 0), (0, 0, 20), (0, 0, 10)])
    outlines = outlines_of(section_of(sliver, sliver[:, ::-1].copy()))
    assert outlines.leans.tolist() == [0.0]
    assert outlines.sizes_mm.tolist() == [0.0]


def test_places_are_enclosed_as_often_as_bodies_hold_them() -> None:
    """What another body fills is no hole."""
    section = section_of(
        shapes.cube(), shapes.cube(20.0, (10.0, 0.0, 0.0)), shapes.inside_out(shapes.cube(4.0))
    )
    places = np.array([[5.0, 10.0], [15.0, 10.0], [25.0, 10.0], [31.0, 10.0], [-1.0, 10.0]])
    assert windings_at(section, places).tolist() == [1, 2, 1, 0, 0]
    assert windings_at(section, places[:0]).tolist() == []
