"""What is one body where bodies touch."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.solids import body_of_each_face
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.mesh import shapes
from tests.mesh.parts import turned


def bodies_of(*bodies: Corners) -> list[set[int]]:
    """For each of the given bodies the numbers that its faces got."""
    corners = np.concatenate(bodies)
    mesh = weld(corners)
    body_of_face, count = body_of_each_face(mesh, survey(mesh.faces))
    assert len(mesh.faces) == len(corners)
    assert set(body_of_face.tolist()) == set(range(count))
    ends = np.cumsum([len(body) for body in bodies])
    return [set(part.tolist()) for part in np.split(body_of_face, ends[:-1])]


def voxels(*places: tuple[int, int, int]) -> list[Corners]:
    return [shapes.cube(2.0, at=(2.0 * x, 2.0 * y, 2.0 * z)) for x, y, z in places]


@pytest.mark.parametrize(
    "places",
    [
        pytest.param([(0, 0, 0), (1, 1, 0)], id="common-edge"),
        pytest.param([(0, 0, 0), (1, 1, 1)], id="common-corner"),
        pytest.param([(0, 0, 0), (1, 0, 0)], id="common-face"),
        pytest.param([(0, 0, 0), (1, 1, 0), (0, 1, 1), (1, 0, 1)], id="checkerboard"),
        pytest.param(list(itertools.product(range(3), repeat=3)), id="block"),
    ],
)
@pytest.mark.parametrize("degrees", [0.0, 33.0])
def test_bodies_that_touch_are_told_apart(
    places: list[tuple[int, int, int]], degrees: float
) -> None:
    """Each voxel is closed by itself, wherever the others are and however they are turned."""
    cubes = [turned(turned(cube, degrees), degrees, axis=0) for cube in voxels(*places)]
    assert sorted(map(sorted, bodies_of(*cubes))) == [[number] for number in range(len(cubes))]


def test_faces_at_an_edge_without_order_are_one_body() -> None:
    """Where more wedges begin than end, nothing tells them apart; a sheet must not become many."""
    cube = shapes.cube(2.0)
    fin = shapes.soup([[0, 0, 0], [0, 2, 0], [-2, 0, 0]])
    assert bodies_of(cube, fin) == [{0}, {0}]
