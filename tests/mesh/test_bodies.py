"""Which bodies stand apart."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh import bodies
from pricing_fdm.mesh.bodies import Pieces, boxes_of_bodies, pieces_of
from pricing_fdm.mesh.triangles import Corners, Mesh
from tests.mesh import shapes
from tests.mesh.parts import standing


def pieces(*parts: Corners) -> Pieces:
    return pieces_of(*boxes_of_bodies(*standing(*parts)))


def test_each_body_has_its_box() -> None:
    """Also when the file mixes their triangles."""
    mesh, body_of_face = standing(shapes.cube(), shapes.box((1.0, 2.0, 3.0), at=(30.0, -9.0, 7.0)))
    shuffled = np.random.default_rng(7).permutation(len(mesh.faces))
    for order in (np.arange(len(mesh.faces)), shuffled):
        lowest, highest = boxes_of_bodies(Mesh(mesh.points, mesh.faces[order]), body_of_face[order])
        assert lowest.tolist() == [[0.0, 0.0, 0.0], [30.0, -9.0, 7.0]]
        assert highest.tolist() == [[20.0, 20.0, 20.0], [31.0, -7.0, 10.0]]


@pytest.mark.parametrize(
    ("second", "apart"),
    [
        pytest.param(shapes.cube(20.0, (30.0, 0.0, 0.0)), True, id="beside"),
        pytest.param(shapes.cube(20.0, (0.0, 0.0, 20.5)), True, id="above"),
        pytest.param(shapes.cube(20.0, (20.0, 0.0, 0.0)), False, id="touching"),
        pytest.param(shapes.cube(20.0, (10.0, 10.0, 10.0)), False, id="overlapping"),
        pytest.param(shapes.cube(4.0, (8.0, 8.0, 8.0)), False, id="inside"),
    ],
)
def test_bodies_are_one_piece_where_their_boxes_touch(second: Corners, *, apart: bool) -> None:
    """They may be shells of one part."""
    assert (len(pieces(shapes.cube(), second).lowest) == 2) is apart


def test_a_chain_of_bodies_is_one_piece_with_one_box() -> None:
    """The first and the last do not touch."""
    found = pieces(*(shapes.cube(20.0, (20.0 * step, 0.0, 0.0)) for step in range(3)))
    assert set(found.of_body.tolist()) == {0}
    assert found.lowest.tolist() == [[0.0, 0.0, 0.0]]
    assert found.highest.tolist() == [[60.0, 20.0, 20.0]]


def test_very_many_bodies_are_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing each with each would take too long."""
    monkeypatch.setattr(bodies, "MAX_COMPARED", 2)
    found = pieces(*(shapes.cube(2.0, (9.0 * step, 0.0, 0.0)) for step in range(3)))
    assert len(found.lowest) == 1
    assert found.highest.tolist() == [[20.0, 2.0, 2.0]]
