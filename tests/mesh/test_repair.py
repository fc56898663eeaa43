"""What is repaired, in which order, and what the caller hears of it."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.repair import Solid, make_solid
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.mesh import shapes


def repaired(corners: Corners) -> Solid:
    return make_solid(weld(corners.copy()))


def one_turned() -> Corners:
    corners = shapes.torus()
    corners[5] = corners[5, ::-1]
    return corners


def slightly_apart() -> Corners:
    corners = shapes.cube()
    corners[::2] += np.float32(0.0002)
    return corners


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param(shapes.cube(), id="cube"),
        pytest.param(shapes.inside_out(shapes.cube()), id="inside-out"),
        pytest.param(shapes.torus(), id="torus"),
        pytest.param(shapes.sphere(), id="ball"),
    ],
)
def test_a_sound_mesh_passes_unaltered(corners: Corners) -> None:
    """Nothing is better left alone than a good part."""
    mesh = weld(corners.copy())
    solid = make_solid(mesh)
    assert solid.mesh is mesh
    assert solid.watertight
    assert solid.bodies == 1
    assert solid.warnings == ()


@pytest.mark.parametrize(
    ("corners", "watertight", "bodies", "codes", "words"),
    [
        pytest.param(shapes.open_cube(), False, 1, ["not_watertight"],
                     "Holes closed here: 1, together 400.00 mm2", id="hole"),
        pytest.param(np.concatenate([shapes.cube(), shapes.cube()[3:5]]), False, 1, ["repaired"],
                     "duplicate triangles dropped: 2", id="duplicates"),
        pytest.param(np.concatenate([shapes.cube(), shapes.cube()]), False, 1, ["repaired"],
                     "duplicate triangles dropped: 12", id="everything-twice"),
        pytest.param(slightly_apart(), False, 1, ["repaired"],
                     "less than 0.001 mm apart", id="gaps-of-rounding"),
        pytest.param(one_turned(), True, 1, ["repaired"],
                     "triangles turned to agree with their neighbours: 1", id="turned"),
        pytest.param(np.concatenate([one_turned()[1:], one_turned()[9:10]]), False, 1,
                     ["not_watertight", "repaired"], "dropped: 1; triangles turned",
                     id="hole-and-turned-and-duplicate"),
        pytest.param(shapes.klein_bottle(), True, 1, ["inconsistent_winding"],
                     "which side is outside: 12", id="one-sided"),
        pytest.param(np.concatenate([shapes.cube(), shapes.cube(at=(20, 20, 0))]), False, 2,
                     [], "", id="common-edge"),
        pytest.param(np.concatenate([shapes.cube(), shapes.inside_out(shapes.cube())]), False, 1,
                     ["repaired"], "second sides of faces dropped, which lie on their first: 12",
                     id="two-sided"),
        pytest.param(np.concatenate([shapes.cube(), shapes.cube(at=(0, 0, 20))]), False, 1,
                     [], "", id="common-face"),
        pytest.param(np.concatenate([shapes.cube(), shapes.cube(at=(50, 0, 0))]), True, 2,
                     [], "", id="two-bodies"),
    ],
)  # fmt: skip
def test_defects_are_mended_and_named(
    corners: Corners, watertight: bool, bodies: int, codes: list[str], words: str
) -> None:
    """A quote for a repaired part must say so."""
    solid = repaired(corners)
    assert solid.watertight is watertight
    assert solid.bodies == bodies
    assert [warning.code for warning in solid.warnings] == codes
    assert words in " ".join(warning.message for warning in solid.warnings)
    assert survey(solid.mesh.faces).open == 0
    assert len(solid.body_of_face) == len(solid.mesh.faces)


def test_a_mesh_that_stays_open_is_refused_with_its_open_edges() -> None:
    """The slicer would slice it in silence and get it wrong."""
    with pytest.raises(ModelInvalid) as caught:
        repaired(np.delete(shapes.cube(), [2, 3, 6, 7], axis=0))
    assert "6 open edges (40.00% of all)" in caught.value.detail
    assert "the holes at (13.33, 10, 13.33) (x, y, z in the file)" in caught.value.detail
    assert "repair tool" in caught.value.detail
    assert caught.value.places == ((13.333, 10.0, 13.333),)


def test_places_are_told_in_the_unit_of_the_file() -> None:
    """Where the caller's own program shows them."""
    solid = make_solid(weld(shapes.open_cube(25.4).copy()), 25.4)
    assert "at (0.5, 0.5, 1) (x, y, z in the file)" in solid.warnings[0].message
    assert solid.warnings[0].places == ((0.5, 0.5, 1.0),)
    assert solid.warnings[0].figures == {"holes": 1, "area_mm2": 645.16}


@pytest.mark.parametrize("moved_mm", [0.0003, 0.001, 0.003, 0.008])
@pytest.mark.parametrize(
    "corners", [shapes.cube(), shapes.torus(), shapes.sphere(16)], ids=["cube", "torus", "ball"]
)
def test_corners_that_differ_in_their_last_digits_are_joined(
    corners: Corners, moved_mm: float
) -> None:
    """Each triangle was rounded for itself; the gaps tell by how much."""
    moves = np.random.default_rng(1).uniform(-moved_mm, moved_mm, corners.shape)
    solid = repaired(corners + moves.astype(np.float32))
    whole = weld(corners.copy())
    assert len(solid.mesh.faces) == len(whole.faces)
    assert len(solid.mesh.points) == len(whole.points)
    assert survey(solid.mesh.faces).watertight
    assert [warning.code for warning in solid.warnings] == ["repaired"]
    assert "points joined that were less than" in solid.warnings[0].message


def test_an_open_mesh_smaller_than_the_grid_is_not_joined_into_nothing() -> None:
    """A part drawn in metres must come to be judged by its size."""
    solid = repaired(shapes.tetrahedron(1e-5)[1:])
    assert len(solid.mesh.faces) == 4


def test_a_triangle_that_is_twice_but_for_rounding_is_dropped() -> None:
    """The copy is found only when their points have been joined."""
    lid, shift = shapes.cube()[2:4], np.array([4e-4, 0, 0], dtype=np.float32)
    solid = repaired(np.concatenate([shapes.open_cube(), lid + shift, lid - shift]))
    assert len(solid.mesh.faces) == len(shapes.cube())
    assert solid.non_manifold == 0
    (warning,) = solid.warnings
    assert "duplicate triangles dropped: 2" in warning.message
