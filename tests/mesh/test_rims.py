"""The loops around holes."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.rims import simple_loops
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.mesh import shapes


def loops(corners: Corners) -> list[list[tuple[float, ...]]]:
    """The points of each loop."""
    mesh = weld(corners.copy())
    edges = survey(mesh.faces)
    return [
        [tuple(mesh.points[edges.rim_tails[edge]].tolist()) for edge in loop]
        for loop in simple_loops(mesh, edges)
    ]


def grid(cells: int, missing: list[tuple[int, int]]) -> Corners:
    """A sheet of squares, without some, and a lid below that closes it around its edge."""
    triangles: list[tuple[float, float, float]] = []
    for x in range(cells):
        for y in range(cells):
            if (x, y) not in missing:
                a, b, c, d = (x, y, 0), (x + 1, y, 0), (x + 1, y + 1, 0), (x, y + 1, 0)
                triangles += [a, b, c, a, c, d]
    rim = [(at, 0, 0) for at in range(cells)] + [(cells, at, 0) for at in range(cells)]
    rim += [(cells - x, cells - y, 0) for x, y, _ in rim]
    for here, there in zip(rim, rim[1:] + rim[:1], strict=True):
        triangles += [(cells / 2, cells / 2, -9), there, here]
    return shapes.soup(triangles)


@pytest.mark.parametrize(
    ("missing", "sizes"),
    [
        pytest.param([(1, 1)], [4], id="one"),
        pytest.param([(1, 1), (3, 3)], [4, 4], id="apart"),
        pytest.param([(1, 1), (2, 2)], [4, 4], id="touching-in-a-point"),
        pytest.param([(1, 2), (2, 1)], [4, 4], id="touching-in-the-other-direction"),
        pytest.param([(1, 1), (2, 2), (1, 3), (3, 1), (3, 3)], [4] * 5, id="a-checkerboard"),
        pytest.param([(1, 2), (2, 1), (3, 2), (2, 3)], [4] * 4, id="around-a-square"),
        pytest.param([(1, 1), (1, 2)], [6], id="two-in-one"),
    ],
)
def test_each_hole_has_its_loop(missing: list[tuple[int, int]], sizes: list[int]) -> None:
    """Also where holes touch; what is left between them is no hole."""
    found = loops(grid(5, missing))
    assert sorted(map(len, found)) == sizes
    for loop in found:
        x, y, _ = np.array(loop).T
        area = (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2
        assert area == (len(loop) - 2) / 2


def test_a_closed_mesh_has_no_loops() -> None:
    """As it should be."""
    assert loops(shapes.torus()) == []
