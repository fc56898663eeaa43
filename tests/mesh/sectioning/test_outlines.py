"""Outlines are joined to loops, and their corners counted."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.sectioning.cuts import Axis, cut
from pricing_fdm.mesh.sectioning.outlines import Outlines, outlines_of
from pricing_fdm.mesh.sectioning.posed import Posed
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.mesh.parts import circle, loft, prism
from tests.mesh.shapes import box, cube, inside_out

PLANE = Axis(5.0, 1.0, 1)


def outlines(*bodies: Corners) -> Outlines:
    mesh = weld(np.concatenate(bodies))
    part = Posed(mesh, 0.2)
    return outlines_of(cut(part.points, part.corners, 2, PLANE), 1, part.facing, 0.5)


def test_a_hole_is_a_loop_and_no_island() -> None:
    """An outer outline turns to the left, a hole to the right."""
    found = outlines(cube(20), inside_out(box((4, 4, 20), (8, 8, 0))), cube(9, (40, 0, 0)))
    assert (found.loops[0], found.islands[0]) == (3, 2)
    assert found.perimeter_mm[0] == pytest.approx(80 + 16 + 36)


def test_the_head_brakes_in_sharp_corners_only() -> None:
    """A right angle counts as one corner, a polygon of many sides as none."""
    assert outlines(cube(20)).corners[0] == pytest.approx(4)
    assert 2 < outlines(prism(circle(10, 12), 10)).corners[0] < 10
    assert outlines(prism(circle(10, 200), 10)).corners[0] == pytest.approx(0, abs=0.01)


def test_loops_that_no_nozzle_can_follow_are_not_counted() -> None:
    """Text and scans have hundreds of them; the head does not travel there."""
    assert outlines(cube(20), box((0.2, 0.2, 10), (30, 0, 0))).loops[0] == 1


def test_short_segments_are_those_that_turn() -> None:
    """A straight side in many pieces slows nothing down."""
    assert outlines(prism(circle(3, 60), 10)).short_mm[0] == pytest.approx(6 * np.pi, rel=0.01)
    assert outlines(cube(20)).short_mm[0] == pytest.approx(0, abs=0.5)


def test_loops_below_41_mm_are_small() -> None:
    """Both slicers print them more slowly."""
    found = outlines(cube(20), inside_out(box((4, 4, 20), (8, 8, 0))), cube(9, (40, 0, 0)))
    assert found.small_mm[0] == pytest.approx(16 + 36)


def test_an_outline_over_air_counts_by_the_square_of_its_share() -> None:
    """A cone that widens by a line's width a layer hangs; one that narrows does not."""
    wide = outlines(loft(circle(5), circle(25), 10))  # 2 mm aside for each mm of height
    assert wide.overhang_mm[0] == pytest.approx(wide.perimeter_mm[0], rel=0.01)
    steep = outlines(loft(circle(5), circle(15), 10))
    assert steep.overhang_mm[0] == pytest.approx(steep.perimeter_mm[0] / 4, rel=0.02)
    assert outlines(loft(circle(25), circle(5), 10)).overhang_mm[0] == 0


def test_segments_are_joined_where_many_share_an_edge() -> None:
    """Two cubes in the same place, and two that touch along an edge."""
    for other in (cube(20), cube(20, (20, 20, 0))):
        found = outlines(cube(20), other)
        assert found.loops[0] == 2
        assert found.turning[0] == pytest.approx(2)
        assert found.perimeter_mm[0] == pytest.approx(160)
