"""Triangles that lie on each other back to back."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.solids import body_of_each_face
from pricing_fdm.mesh.triangles import Corners, Mesh
from pricing_fdm.mesh.twins import Single, without_twins
from pricing_fdm.mesh.weld import weld
from tests.harness.shapes import box
from tests.mesh import shapes


def single(*bodies: Corners) -> Single:
    return without_twins(weld(np.concatenate(bodies)))


def bodies(mesh: Mesh) -> int:
    return body_of_each_face(mesh, survey(mesh.faces))[1]


@pytest.mark.parametrize(
    ("places", "faces", "parts"),
    [
        pytest.param([(0, 0, 0), (1, 0, 0)], 20, 1, id="common-face"),
        pytest.param(list(itertools.product(range(3), repeat=3)), 108, 1, id="block"),
        pytest.param([(0, 0, 0), (1, 1, 0)], 24, 2, id="common-edge-only"),
        pytest.param(
            [(0, 0, 0), (1, 0, 0), (2, 0, 0), (2, 1, 0), (2, 2, 0), (1, 2, 0), (0, 2, 0), (0, 1, 1),
             (0, 2, 1), (0, 0, 1)],
            10 * 12 - 10 * 4, 1, id="ring-that-also-meets-itself-in-edges",
        ),
    ],
)  # fmt: skip
def test_the_common_faces_of_voxels_go(
    places: list[tuple[int, int, int]], faces: int, parts: int
) -> None:
    """What is left is the surface of what they are together."""
    found = single(*voxels(places))
    assert len(found.mesh.faces) == faces
    assert found.second_sides == 0
    assert survey(found.mesh.faces).open == 0
    assert bodies(found.mesh) == parts


def test_one_of_each_pair_stays_where_a_surface_has_two_sides() -> None:
    """Dropping both would leave nothing of the part."""
    cube = shapes.cube()
    found = single(cube, shapes.inside_out(cube))
    assert found.second_sides == 12
    assert (found.mesh.faces == weld(cube).faces).all()


def test_a_surface_with_some_second_sides_keeps_its_first() -> None:
    """Dropping both of a pair would tear a hole."""
    torus = shapes.torus()
    found = single(torus, shapes.inside_out(torus[40:60]))
    assert found.second_sides == 20
    assert survey(found.mesh.faces).open == 0


def test_each_surface_is_judged_by_itself() -> None:
    """Voxels beside a part with two sides stay what they are."""
    cube = shapes.cube(5.0, at=(50.0, 0.0, 0.0))
    found = single(*voxels([(0, 0, 0), (1, 0, 0)]), cube, shapes.inside_out(cube))
    assert found.second_sides == 12
    assert len(found.mesh.faces) == 20 + 12


def test_a_mesh_without_twins_is_not_copied() -> None:
    """As nearly all are."""
    mesh = weld(shapes.torus())
    assert without_twins(mesh).mesh is mesh


def voxels(places: list[tuple[int, int, int]]) -> list[Corners]:
    """Cubes whose common faces are cut along the same diagonals."""
    return [shapes.soup(box(2.0, 2.0, 2.0, at=(2.0 * x, 2.0 * y, 2.0 * z))) for x, y, z in places]
