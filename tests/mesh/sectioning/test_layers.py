"""Material and walls of each section on the grid."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.sectioning.cuts import cut
from pricing_fdm.mesh.sectioning.layers import Layers, layers_of
from pricing_fdm.mesh.sectioning.outlines import outlines_of
from pricing_fdm.mesh.sectioning.posed import Posed
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.mesh.shapes import box, cube


def layers(*bodies: Corners, wall_mm: float = 1.2) -> tuple[Layers, float]:
    """The layers, and the area of a place."""
    part = Posed(weld(np.concatenate(bodies)), 0.2)
    cuts = cut(part.points, part.corners, 2, part.z)
    outlines = outlines_of(cuts, part.z.count, part.facing, 0.5)
    return layers_of(part, cuts, outlines.normals, wall_mm), part.cell_mm2


def test_walls_lie_along_the_outline_inside_the_material() -> None:
    """Their width is measured square to the outline, however the lines cross it."""
    found, cell_mm2 = layers(box((40, 30, 4)))
    assert not (found.wall & ~found.inside).any()
    assert found.inside[0].sum() * cell_mm2 == pytest.approx(40 * 30, rel=0.01)
    assert found.wall[0].sum() * cell_mm2 == pytest.approx(40 * 30 - 37.6 * 27.6, rel=0.03)
    assert found.visible == pytest.approx(1)
    assert found.hidden == 0


def test_a_part_that_is_thinner_than_its_walls_is_wall_throughout() -> None:
    """No infill is left."""
    found, _ = layers(box((40, 2, 4)))
    assert (found.wall == found.inside).mean() > 0.999


def test_outlines_within_other_shells_are_hidden() -> None:
    """Half of the surface of a cube in a cube of twice its side is a third of both."""
    found, _ = layers(cube(20), cube(10, (5, 5, 0)))
    assert found.visible[5] == pytest.approx(2 / 3, abs=0.03)
    assert found.hidden > 0.1


def test_places_where_walls_meet_are_as_long_as_the_part() -> None:
    """Along a wall of one and a half walls' width; a wide part has none."""
    found, _ = layers(box((40, 1.8, 4)))
    assert found.thin_mm[5] == pytest.approx(40, rel=0.15)
    wide, _ = layers(box((40, 30, 4)))
    assert wide.thin_mm[5] < 6
