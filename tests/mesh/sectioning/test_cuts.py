"""Planes cut a closed mesh in closed outlines."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.sectioning.cuts import Axis, Cuts, cut
from pricing_fdm.mesh.weld import weld
from tests.mesh.shapes import cube, torus


def cuts_of(planes: Axis, axis: int = 2) -> Cuts:
    mesh = weld(cube(20))
    return cut(mesh.points.T.astype(np.float64), mesh.faces.T, axis, planes)


def test_each_plane_cuts_each_side_of_a_cube() -> None:
    """Four sides of two triangles each."""
    cuts = cuts_of(Axis(2.5, 5.0, 4))
    assert np.bincount(cuts.plane).tolist() == [8, 8, 8, 8]
    lengths = np.hypot(*(cuts.ends - cuts.starts))
    assert np.bincount(cuts.plane, weights=lengths).tolist() == pytest.approx([80] * 4)


def test_material_lies_to_the_left() -> None:
    """The signed area of an outline is that of the material."""
    cuts = cuts_of(Axis(10.0, 1.0, 1))
    (x0, y0), (x1, y1) = cuts.starts, cuts.ends
    assert (x0 * y1 - x1 * y0).sum() / 2 == pytest.approx(400)


def test_corners_on_a_plane_count_as_above_it() -> None:
    """So a plane through the bottom cuts nothing, and one through the top cuts all sides."""
    cuts = cuts_of(Axis(0.0, 20.0, 2))
    assert np.bincount(cuts.plane, minlength=2).tolist() == [0, 8]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_every_segment_starts_where_another_ends(axis: int) -> None:
    """Both triangles at an edge give the very same point."""
    mesh = weld(torus())
    points = mesh.points.T
    cuts = cut(points, mesh.faces.T, axis, Axis(float(points[axis].min()) + 1.0, 1.7, 8))
    starts, ends = (
        sorted(zip(cuts.plane.tolist(), *each.tolist(), strict=True))
        for each in (cuts.starts, cuts.ends)
    )
    assert len(starts) > 100
    assert starts == ends
