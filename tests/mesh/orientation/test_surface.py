"""Points that stand for a surface, and what is summed over them."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.orientation.surface import Surface, sample_surface, set_down
from pricing_fdm.mesh.triangles import Mesh
from tests.mesh.poses import mesh_of, turned_by, whole
from tests.mesh.shapes import box, cube, inside_out, soup, sphere

QUARTER = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))


def sampled(mesh: Mesh) -> Surface | None:
    return sample_surface(mesh, whole(mesh))


def test_points_lie_on_the_surface_and_stand_for_all_of_it() -> None:
    """A sum over the points is a sum over the part."""
    surface = sampled(mesh_of(box((10, 20, 30))))
    assert surface is not None
    assert surface.area_mm2 * surface.points.shape[1] == pytest.approx(2200)
    sides = np.concatenate([surface.points, [[10], [20], [30]] - surface.points])
    assert np.abs(sides.min(axis=0)).max() < 1e-9
    np.testing.assert_allclose(np.linalg.norm(surface.normals, axis=0), 1.0)


@pytest.mark.parametrize("normal", [(1, 0, 0), (0, -1, 0), (0, 0, 1)], ids=str)
def test_every_side_gets_its_share(normal: tuple[int, int, int]) -> None:
    """A side with too few points would seem to need too little support."""
    surface = sampled(mesh_of(box((10, 20, 30))))
    assert surface is not None
    mine = np.array(normal) @ surface.normals > 0.99
    size = {(1, 0, 0): 600, (0, -1, 0): 300, (0, 0, 1): 200}[normal]
    assert mine.sum() * surface.area_mm2 == pytest.approx(size, rel=0.001)
    middle = surface.points[:, mine].mean(axis=1) * (np.array(normal) == 0)
    expected = np.array([5, 10, 15]) * (np.array(normal) == 0)
    np.testing.assert_allclose(middle, expected, rtol=0.01)


def test_centre_of_mass_is_exact_far_from_the_origin() -> None:
    """Parts come from assemblies with the coordinates of the whole machine."""
    heavy_end = mesh_of(box((10, 10, 10), at=(5000, 0, 0)), box((10, 10, 2), at=(5000, 0, 50)))
    surface = sampled(heavy_end)
    assert surface is not None
    np.testing.assert_allclose(surface.centroid, [5005, 5, (5 * 10 + 51 * 2) / 12], atol=1e-4)


def test_points_travel_with_the_part() -> None:
    """The same part in another pose is judged by the same points."""
    part = mesh_of(sphere(), cube(12.0))
    straight, turned = sampled(part), sampled(turned_by(part, QUARTER))
    assert straight is not None
    assert turned is not None
    expected = np.array(QUARTER) @ straight.points
    # Where two triangles meet, a point may fall on the other one.
    assert np.mean(np.abs(turned.points - expected).max(axis=0) < 0.01) > 0.99


def test_set_down_surface_stands_on_the_bed() -> None:
    """Support is counted from z = 0."""
    surface = sampled(mesh_of(box((10, 20, 30), at=(0, 0, 7))))
    assert surface is not None
    part = set_down(surface, QUARTER, 0.0, 20.0)
    assert part.z_mm.min() == pytest.approx(0.0)
    assert part.z_mm.max() == pytest.approx(20.0)
    assert part.xy_mm().min(axis=1) == pytest.approx([0.0, -37.0], abs=0.1)
    np.testing.assert_allclose(part.centroid, [5, -22, 10])
    assert part.area_mm2 == surface.area_mm2


def test_triangle_without_area_gets_no_point() -> None:
    """Repair leaves some in, since the mesh would be open without them."""
    sliver = soup([[0, 0, 0], [5, 0, 0], [10, 0, 0], [10, 0, 0], [5, 0, 0], [0, 0, 0]])
    surface = sampled(mesh_of(cube(), sliver))
    assert surface is not None
    np.testing.assert_allclose(np.linalg.norm(surface.normals, axis=0), 1.0)


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param(inside_out(cube()), id="inside out"),
        pytest.param(
            soup([[0, 0, 0], [9, 0, 0], [0, 9, 0], [0, 9, 0], [9, 0, 0], [0, 0, 0]]), id="flat"
        ),
    ],
)
def test_what_encloses_nothing_has_no_surface(corners: np.ndarray) -> None:
    """It has no centre of mass either."""
    assert sampled(mesh_of(corners)) is None
