"""Outlines one by one: size, which side the material is, how steep the walls are."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.shape.outlines import outlines_of, windings_at
from pricing_fdm.mesh.shape.sections import Knife, Section
from pricing_fdm.mesh.triangles import Corners
from tests.mesh import shapes
from tests.mesh.parts import circle, loft, square, standing, tube


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
