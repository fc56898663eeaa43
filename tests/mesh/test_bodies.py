"""Which bodies stand apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_fdm.mesh import bodies
from pricing_fdm.mesh.bodies import Boxes, Pieces, boxes_of_bodies, lie_within, pieces_of
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


def boxes(rows: list[list[int]]) -> Boxes:
    """Each row is a corner and the extents from there."""
    numbers = np.array(rows, dtype=np.float64).reshape(-1, 6)
    return numbers[:, :3], numbers[:, :3] + numbers[:, 3:]


def some_boxes(largest: int) -> st.SearchStrategy[list[list[int]]]:
    number = st.integers(0, largest)
    return st.lists(st.lists(number, min_size=6, max_size=6), max_size=20)


@given(some_boxes(3), some_boxes(5))
def test_boxes_lie_in_others_as_a_plain_comparison_says(
    inner: list[list[int]], outer: list[list[int]]
) -> None:
    """Also where they are equal: a body is inside out, or it is a cavity, and the price differs."""
    (low, high), (from_mm, to_mm) = boxes(inner), boxes(outer)
    held = [
        bool(((from_mm <= lowest) & (highest <= to_mm)).all(axis=1).any())
        for lowest, highest in zip(low, high, strict=True)
    ]
    assert lie_within((low, high), (from_mm, to_mm)).tolist() == held


def test_outer_boxes_are_gone_through_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million of them would take gigabytes at once."""
    monkeypatch.setattr(bodies, "COLUMN_TRIANGLES", 2)
    outer = boxes([[10 * each, 0, 0, 2, 2, 2] for each in range(5)])
    inner = boxes([[10 * each, 0, 0, 1, 2, 2] for each in (0, 3, 4, 5)])
    assert lie_within(inner, outer).tolist() == [True, True, True, False]


def test_very_many_bodies_are_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing each with each would take too long."""
    monkeypatch.setattr(bodies, "MAX_COMPARED", 2)
    found = pieces(*(shapes.cube(2.0, (9.0 * step, 0.0, 0.0)) for step in range(3)))
    assert len(found.lowest) == 1
    assert found.highest.tolist() == [[20.0, 2.0, 2.0]]
