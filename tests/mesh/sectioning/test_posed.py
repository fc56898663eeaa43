"""The grid over a part is as fine as the part allows."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.estimate.features import MAX_SLABS
from pricing_fdm.mesh.sectioning.cuts import cut
from pricing_fdm.mesh.sectioning.posed import CELLS, MAX_CUTS, Posed
from pricing_fdm.mesh.weld import weld
from tests.mesh.parts import circle, prism
from tests.mesh.shapes import box, sphere


def test_volume_and_sides_are_those_of_the_solid() -> None:
    """Turned or not, they are what the sampled sums are held to."""
    part = Posed(weld(box((40, 30, 20))), 0.2)
    assert part.volume_mm3 == pytest.approx(40 * 30 * 20)
    assert part.lateral_mm2 == pytest.approx(140 * 20)
    assert part.size_mm == (40, 30, 20)


def test_the_grid_has_a_bounded_number_of_places() -> None:
    """Whatever the part's size; a low part has no more slabs than layers."""
    for size in ((40, 30, 20), (0.5, 0.5, 0.5), (400, 3, 90)):
        part = Posed(weld(box(size)), 0.2)
        assert part.u.count * part.v.count < 1.3 * CELLS + part.u.count + part.v.count
        assert part.z.count == min(MAX_SLABS, max(1, round(size[2] / 0.2)))


def test_many_tall_triangles_get_fewer_planes() -> None:
    """A prism of 40,000 sides would be cut in five million segments, which fill the memory."""
    part = Posed(weld(prism(circle(50, 40_000), 60)), 0.2)
    cuts = cut(part.points, part.corners, 2, part.z)
    assert MAX_CUTS / 4 < len(cuts.plane) <= MAX_CUTS
    assert part.z.count < MAX_SLABS


def test_a_fine_mesh_has_no_more_sections_than_are_needed() -> None:
    """A part of 100,000 triangles is to be told in 50 ms."""
    part = Posed(weld(sphere(220, 30.0)), 0.2)
    assert part.corners.shape[1] > 90_000
    assert 32 <= part.z.count < MAX_SLABS


def test_the_square_grid_leads_to_the_same_places() -> None:
    """Bridges are looked for along the sides of the bed, on a grid that is turned."""
    part = Posed(weld(sphere(24, 15.0)), 0.2)
    place, back = part.square
    v, u = np.divmod(np.arange(part.u.count * part.v.count), part.u.count)
    from_middle = np.hypot(u - part.u.count / 2, v - part.v.count / 2) * part.pitch_mm
    under = from_middle < 14
    there_v, there_u = np.divmod(place.ravel()[back.ravel()][under], part.u.count)
    assert max(abs(there_v - v[under]).max(), abs(there_u - u[under]).max()) <= 1
