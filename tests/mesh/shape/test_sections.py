"""Sections are what a slicer sees: closed, with the material to the left."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.shape import sections
from pricing_fdm.mesh.shape.sections import Knife, Section
from pricing_fdm.mesh.triangles import Corners
from tests.mesh import shapes
from tests.mesh.parts import circle, loft, pins, prism, standing, turned


def cut(corners: Corners, height_mm: float) -> Section:
    section = Knife(standing(corners)[0]).cut(height_mm)
    assert section is not None
    return section


def area_mm2(section: Section) -> float:
    (x_from, y_from), (x_to, y_to) = section.starts.T, section.ends.T
    return float((x_from * y_to - y_from * x_to).sum()) / 2


@pytest.mark.parametrize(
    ("corners", "height_mm", "area"),
    [
        pytest.param(shapes.cube(), 7.0, 400.0, id="cube"),
        pytest.param(shapes.cube(at=(500.0, -90.0, 3.0)), 7.0, 400.0, id="far-from-the-origin"),
        pytest.param(turned(shapes.cube(), 30.0), 7.0, 400.0, id="turned"),
        pytest.param(shapes.channel(20.0), 15.0, 200.0, id="concave"),
        pytest.param(loft([(0, 0), (10, 0), (0, 10)], [(0, 0), (2, 0), (0, 2)], 8), 4.0, 18.0,
                     id="tapered"),
        pytest.param(np.concatenate([shapes.cube(), shapes.inside_out(shapes.cube(10, (5, 5, 5)))]),
                     10.0, 300.0, id="cavity"),
    ],
)  # fmt: skip
def test_a_section_encloses_its_area_to_the_left(
    corners: Corners, height_mm: float, area: float
) -> None:
    """Which side is material decides what is a pin and what is a hole."""
    assert area_mm2(cut(corners, height_mm)) == pytest.approx(area, rel=1e-5)


@pytest.mark.parametrize("height_mm", [5.0, 10.0, 20.0, 1e-9, 12.345])
def test_outlines_are_closed_at_every_height(height_mm: float) -> None:
    """Also where points, edges and whole faces lie in the plane; nothing may leak there."""
    upper = shapes.box((10.0, 10.0, 10.0), at=(5.0, 5.0, 10.0))
    section = cut(np.concatenate([shapes.cube(10.0), upper, shapes.sphere(16, 10.0)]), height_mm)
    ends_at = np.empty((section.joints, 2))
    ends_at[section.end_joints] = section.ends
    assert (ends_at[section.start_joints] == section.starts).all()
    starting = np.bincount(section.start_joints, minlength=section.joints)
    assert (starting == np.bincount(section.end_joints, minlength=section.joints)).all()


def test_normals_look_outward_and_faces_are_named() -> None:
    """A wall is recognised by its two sides looking apart."""
    mesh, _ = standing(shapes.cube(at=(-10.0, -10.0, 0.0)))
    section = Knife(mesh).cut(5.0)
    assert section is not None
    middles = (section.starts + section.ends) / 2
    assert (np.einsum("ij,ij->i", middles, section.normals[:, :2]) > 9.9).all()
    assert np.linalg.norm(section.normals, axis=1) == pytest.approx(1.0)
    z = mesh.points[mesh.faces[section.faces], 2]
    assert (z.min(axis=1) < 5.0).all()
    assert (z.max(axis=1) >= 5.0).all()


def test_a_face_without_area_has_no_direction() -> None:
    """Slivers stay in a mesh, since it would be open without them."""
    corners = shapes.cube()
    sliver = shapes.soup([(0, 0, 0), (0, 0, 20), (0, 0, 10)])
    section = cut(np.concatenate([corners, sliver, sliver[:, ::-1]]), 5.0)
    assert np.isfinite(section.normals).all()
    assert area_mm2(section) == pytest.approx(400.0)


def test_there_is_nothing_above_the_part() -> None:
    """And nothing under it."""
    knife = Knife(standing(shapes.cube())[0])
    assert knife.cut(20.1) is None
    assert knife.cut(0.0) is None


def test_a_section_in_too_many_pieces_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No part needs them; a crafted one must not cost more than it is worth."""
    monkeypatch.setattr(sections, "MAX_SEGMENTS", 47)
    knife = Knife(standing(prism(circle(10.0, 24), 20.0))[0])
    assert knife.cut(5.0) is None
    assert list(knife.sections()) == []


def test_sections_stand_for_the_whole_height() -> None:
    """Shares are shares of the walls, wherever the planes lie."""
    mesh, _ = standing(*pins(1.0))
    knife = Knife(mesh)
    spans = [section.span_mm for section in knife.sections()]
    assert sum(spans) == pytest.approx(11.0)
    assert min(spans) > 0


def test_planes_are_the_same_every_time() -> None:
    """The same file gets the same warnings."""
    first, second = (
        [each.starts.tolist() for each in Knife(standing(shapes.sphere())[0]).sections()]
        for _ in range(2)
    )
    assert first == second


def test_a_short_pin_on_a_tall_part_is_cut() -> None:
    """Even distances alone would miss it: it stands between two levels that have points."""
    mesh, _ = standing(shapes.box((9.0, 9.0, 150.0)), prism(circle(1.0), 3.0, at=(4.0, 4.0, 150.0)))
    sizes = [np.ptp(section.starts[:, 0]) for section in Knife(mesh).sections()]
    assert min(sizes) == pytest.approx(2.0)


def test_a_part_with_points_at_all_levels_gets_no_more_planes() -> None:
    """Time is bounded whatever the part."""
    mesh, _ = standing(shapes.sphere(64, 50.0))
    planes = len(list(Knife(mesh).sections()))
    assert planes <= sections.EVEN_PLANES + sections.LEVEL_PLANES


@pytest.mark.parametrize("height_mm", [0.1, 0.3, 0.7, 12.345, 16.1])
def test_a_height_between_two_float32_numbers_parts_them(height_mm: float) -> None:
    """The points are float32 and the heights are not; rounding either would move faces over."""
    height = np.float32(height_mm)
    around = (
        height,
        np.nextafter(height, np.float32(-np.inf)),
        np.nextafter(height, np.float32(99)),
    )
    border = sections._float32_from(height_mm)
    for z in around:
        assert bool(z < border) == (float(z) < height_mm)
