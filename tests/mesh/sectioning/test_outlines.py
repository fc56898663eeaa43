"""Outlines are joined to loops, and their corners counted."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.sectioning.cuts import Axis, cut
from pricing_fdm.mesh.sectioning.outlines import Outlines, outlines_of
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.mesh.parts import circle, prism
from tests.mesh.shapes import box, cube, inside_out

PLANE = Axis(5.0, 1.0, 1)


def outlines(*bodies: Corners) -> Outlines:
    mesh = weld(np.concatenate(bodies))
    return outlines_of(cut(mesh.points.T.astype(np.float64), mesh.faces.T, 2, PLANE), 1)


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
