"""Which bodies enclose which others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_fdm.mesh import enclosure
from pricing_fdm.mesh.enclosure import Enclosing, enclosing
from pricing_fdm.mesh.measure import box_of, measure
from pricing_fdm.mesh.triangles import Corners
from tests.mesh import shapes
from tests.mesh.parts import standing, turned


def found(*bodies: Corners, asked: npt.ArrayLike) -> Enclosing | None:
    """For the bodies in their order; they share no corners."""
    mesh, body_of_face = standing(*(body.copy() for body in bodies))
    measures = measure(mesh, box_of(mesh.points), body_of_face, len(bodies))
    return enclosing(mesh, body_of_face, measures.volumes_mm3, np.asarray(asked, dtype=np.intp))


def test_all_that_enclose_a_body_are_named() -> None:
    """Whichever way round they are wound; for each of its points."""
    bodies = [shapes.cube(side, at=(-side / 2,) * 3) for side in (30.0, 20.0, 10.0)]
    bodies[1] = shapes.inside_out(bodies[1])
    assert found(*bodies, asked=[2, 0]) == {2: [[0, 1]] * 3, 0: [[]] * 3}


def test_a_box_around_a_body_encloses_nothing() -> None:
    """A peg in the groove of a channel stands in the channel's box."""
    peg = shapes.box((15.0, 10.0, 6.0), at=(12.0, 5.0, 12.0))
    assert found(shapes.channel(), peg, asked=[1]) == {1: [[]] * 3}


@pytest.mark.parametrize("degrees", [0.0, 45.0, 90.0, 30.0])
def test_a_ray_along_edges_and_through_corners_misses_nothing(degrees: float) -> None:
    """A ball in the very middle of another: each ray meets points where many triangles meet."""
    outer = turned(shapes.sphere(16, 20.0), degrees)
    inner = turned(shapes.sphere(16, 10.0), degrees)
    assert found(outer, inner, asked=[1]) == {1: [[0]] * 3}


place = st.tuples(*[st.integers(-6, 6)] * 3)


@given(st.lists(st.tuples(place, st.integers(1, 5)), min_size=2, max_size=6, unique=True))
def test_cubes_enclose_each_other_as_their_coordinates_say(
    cubes: list[tuple[tuple[int, int, int], int]],
) -> None:
    """Also where faces, edges and corners coincide."""
    bodies = [
        shapes.cube(2.0 * half, at=tuple(2.0 * each - half for each in middle))  # type: ignore[arg-type]
        + np.float32(2e-4 * number)  # so that no two share a corner
        for number, (middle, half) in enumerate(cubes)
    ]
    mesh, body_of_face = standing(*bodies)
    volumes = measure(mesh, box_of(mesh.points), body_of_face, len(bodies)).volumes_mm3
    everybody = np.arange(len(bodies))
    places = enclosure._places_within(mesh, body_of_face, volumes, everybody)
    answer = enclosing(mesh, body_of_face, volumes, everybody)
    assert answer is not None
    boxes = [mesh.points[mesh.faces[body_of_face == body]].reshape(-1, 3) for body in everybody]
    for body in everybody.tolist():
        for sample in range(enclosure.SAMPLES):
            at = places[body, sample]
            expected = [
                other
                for other, box in enumerate(boxes)
                if other != body and (box.min(axis=0) < at).all() and (at < box.max(axis=0)).all()
            ]
            assert answer[body][sample] == expected


def test_too_many_questions_are_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take seconds; the caller knows what to do without."""
    bodies = [shapes.cube(), shapes.cube(4.0, at=(8.0, 8.0, 8.0))]
    monkeypatch.setattr(enclosure, "MAX_PAIRS", 3)
    assert found(*bodies, asked=[1]) is None
    monkeypatch.undo()
    monkeypatch.setattr(enclosure, "MAX_ASKED", 1)
    assert found(*bodies, asked=[0, 1]) is None


def test_pairs_are_gone_through_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Millions of them would take gigabytes at once."""
    monkeypatch.setattr(enclosure, "_CHUNK_PAIRS", 2)
    assert found(shapes.sphere(16, 20.0), shapes.sphere(8, 5.0), asked=[1]) == {1: [[0]] * 3}
