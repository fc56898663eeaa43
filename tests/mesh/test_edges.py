"""What the edges of known solids say."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.mesh import shapes


@pytest.mark.parametrize(
    ("corners", "total", "open_edges", "non_manifold", "opposed"),
    [
        pytest.param(shapes.cube(), 18, 0, 0, 0, id="cube"),
        pytest.param(shapes.torus(), 864, 0, 0, 0, id="torus"),
        pytest.param(shapes.inside_out(shapes.cube()), 18, 0, 0, 0, id="cube-inside-out"),
        pytest.param(shapes.open_cube(), 17, 4, 0, 0, id="cube-without-top"),
        pytest.param(shapes.cube()[1:], 18, 3, 0, 0, id="cube-without-a-triangle"),
        pytest.param(shapes.klein_bottle(), 864, 0, 0, 12, id="klein-bottle"),
        pytest.param(
            np.concatenate([shapes.cube(), shapes.cube()[:1]]), 18, 3, 3, 0, id="duplicate"
        ),
        pytest.param(
            np.concatenate([shapes.cube(), shapes.cube(at=(20.0, 20.0, 0.0))]), 35, 0, 1, 0,
            id="two-cubes-with-a-common-edge",
        ),
        pytest.param(
            np.concatenate([shapes.cube()[1:], shapes.inside_out(shapes.cube()[:1])]), 18, 0, 0, 3,
            id="one-triangle-turned",
        ),
    ],
)  # fmt: skip
def test_edges_are_counted(
    corners: Corners, total: int, open_edges: int, non_manifold: int, opposed: int
) -> None:
    """Everything that is repaired, warned of or refused begins with these counts."""
    edges = survey(weld(corners.copy()).faces)
    counted = (edges.total, edges.open, edges.non_manifold, edges.opposed)
    assert counted == (total, open_edges, non_manifold, opposed)
    assert edges.watertight == (open_edges == non_manifold == 0)


def test_the_rim_runs_as_the_missing_triangles_would() -> None:
    """A cap wound the other way would turn the hole's volume against the part's."""
    whole = weld(shapes.cube())
    rim = survey(whole.faces[1:])
    a, b, c = whole.faces[0].tolist()
    missing = {(a, b), (b, c), (c, a)}
    assert set(zip(rim.rim_tails.tolist(), rim.rim_heads.tolist(), strict=True)) == missing
    assert rim.rim_points().tolist() == sorted((a, b, c))


def test_neighbours_are_named_with_their_common_edges() -> None:
    """Bodies are found by walking from face to face."""
    edges = survey(weld(shapes.cube()).faces)
    assert len(edges.left) == len(edges.right) == 18
    assert not edges.twisted.any()
    assert (edges.left != edges.right).all()
