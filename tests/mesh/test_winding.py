"""Which way round the triangles run."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh import enclosure
from pricing_fdm.mesh.components import components, consecutive
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.measure import box_of, measure
from pricing_fdm.mesh.triangles import Corners, Mesh
from pricing_fdm.mesh.weld import weld
from pricing_fdm.mesh.winding import agreed, inside_out, turn_bodies
from tests.mesh import shapes


def made_to_agree(corners: Corners) -> Mesh:
    mesh = weld(corners.copy())
    return agreed(mesh, survey(mesh.faces))


def turned(*bodies: Corners) -> list[bool]:
    """Which of the bodies, in their order, are found to be inside out."""
    mesh = weld(np.concatenate(bodies))
    edges = survey(mesh.faces)
    body_of_face, count = consecutive(components(len(mesh.faces), edges.left, edges.right))
    volumes = measure(mesh, box_of(mesh.points), body_of_face, count).volumes_mm3
    flags = inside_out(volumes, mesh, body_of_face)
    firsts = np.cumsum([0] + [len(body) for body in bodies[:-1]])
    return [bool(flag) for flag in flags[body_of_face[firsts]]]


@pytest.mark.parametrize("share", [0.03, 0.3, 0.49])
def test_a_minority_of_turned_triangles_is_turned_back(share: float) -> None:
    """Neighbours must agree, and the majority knows where outside is."""
    corners = shapes.torus()
    wrong = np.random.default_rng(3).random(len(corners)) < share
    mixed = corners.copy()
    mixed[wrong] = mixed[wrong][:, ::-1]
    mesh = made_to_agree(mixed)
    assert survey(mesh.faces).opposed == 0
    whole = weld(corners.copy())
    assert all(
        np.array_equal(np.unique(mesh.points[one], axis=0), np.unique(whole.points[other], axis=0))
        for one, other in zip(mesh.faces, whole.faces, strict=True)
    )
    volume = measure(mesh, box_of(mesh.points), np.zeros(len(mesh.faces), dtype=np.int32), 1)
    assert volume.volumes_mm3[0] > 0


def test_each_surface_decides_for_itself() -> None:
    """One body's turned triangles must not turn another body over."""
    one = shapes.cube()
    one[0] = one[0, ::-1]
    other = shapes.inside_out(shapes.cube(at=(50.0, 0.0, 0.0)))
    mesh = made_to_agree(np.concatenate([one, other]))
    expected = weld(np.concatenate([shapes.cube(), other]))
    assert survey(mesh.faces).opposed == 0
    assert (mesh.faces[12:] == expected.faces[12:]).all()


def test_the_first_triangle_stays_where_as_many_say_otherwise() -> None:
    """Which half is turned must not hang on how the search for surfaces goes about it."""
    half = shapes.torus()
    half[: len(half) // 2] = half[: len(half) // 2, ::-1]
    mesh, before = made_to_agree(half), weld(half.copy())
    assert survey(mesh.faces).opposed == 0
    assert (mesh.faces[0] == before.faces[0]).all()


def test_a_one_sided_surface_is_left_as_it_is() -> None:
    """A Klein bottle has no outside; nothing is made up."""
    corners = shapes.klein_bottle()
    mesh = made_to_agree(corners)
    assert (mesh.points[mesh.faces] == corners).all()


CUBE = shapes.cube()
INSERT = shapes.cube(4.0, at=(8.0, 8.0, 8.0))
CAVITY = shapes.inside_out(INSERT)
CHANNEL = shapes.channel()
IN_CHANNEL = shapes.inside_out(shapes.box((15.0, 10.0, 6.0), at=(12.0, 5.0, 12.0)))
AGAINST_CHANNEL = shapes.inside_out(shapes.box((20.0, 20.0, 10.0), at=(10.0, 0.0, 10.0)))
IN_WALL = shapes.inside_out(shapes.box((15.0, 10.0, 6.0), at=(12.0, 5.0, 2.0)))
ASIDE = shapes.inside_out(shapes.cube(4.0, at=(50.0, 8.0, 8.0)))


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        pytest.param([CUBE], [False], id="sound"),
        pytest.param([shapes.inside_out(CUBE)], [True], id="inside-out"),
        pytest.param([CUBE, CAVITY], [False, False], id="cavity"),
        pytest.param(
            [shapes.inside_out(CUBE), shapes.inside_out(CAVITY)], [True, True],
            id="hollow-and-wholly-inside-out",
        ),
        pytest.param([CUBE, ASIDE], [False, True], id="small-neighbour-inside-out"),
        pytest.param(
            [shapes.inside_out(CUBE), shapes.inside_out(ASIDE)], [True, False],
            id="large-neighbour-inside-out",
        ),
        pytest.param([shapes.inside_out(CUBE), ASIDE], [True, True], id="both-inside-out"),
        pytest.param([CUBE, CAVITY, ASIDE], [False, False, True], id="cavity-and-neighbour"),
        pytest.param([CHANNEL, IN_CHANNEL], [False, True], id="in-the-groove-of-a-channel"),
        pytest.param([CHANNEL, AGAINST_CHANNEL], [False, True], id="touching-the-channel"),
        pytest.param([CHANNEL, IN_WALL], [False, False], id="in-the-wall-of-a-channel"),
        pytest.param(
            [CUBE, CAVITY, shapes.inside_out(shapes.cube(2.0, at=(9.0, 9.0, 9.0)))],
            [False, False, True], id="part-in-a-cavity",
        ),
        pytest.param(
            [shapes.cube(90.0, at=(99.0, 0.0, 0.0)), shapes.inside_out(CUBE), INSERT],
            [False, True, True], id="hollow-neighbour-inside-out",
        ),
        pytest.param(
            [shapes.cube(90.0, at=(99.0, 0.0, 0.0)), shapes.inside_out(CUBE), INSERT,
             shapes.inside_out(shapes.cube(2.0, at=(9.0, 9.0, 9.0)))],
            [False, True, True, True], id="part-in-a-hollow-neighbour-inside-out",
        ),
        pytest.param(
            [CUBE, shapes.inside_out(shapes.cube(20.0, at=(10.0, 10.0, 10.0)))],
            [False, True], id="half-in-another",
        ),
    ],
)  # fmt: skip
def test_bodies_are_told_from_cavities(bodies: list[Corners], expected: list[bool]) -> None:
    """A cavity saves material, a body inside out does not: the price depends on it."""
    assert turned(*bodies) == expected


def test_too_many_doubtful_bodies_are_taken_for_cavities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each casts rays through all others, so their number is bounded."""
    monkeypatch.setattr(enclosure, "MAX_ASKED", 1)
    other = shapes.inside_out(shapes.cube(4.0, at=(80.0, 8.0, 8.0)))
    assert turned(CUBE, ASIDE, other) == [False, False, False]


def test_turning_no_body_changes_nothing() -> None:
    """A sound mesh is not copied."""
    mesh = weld(shapes.cube())
    body = np.zeros(12, dtype=np.int32)
    assert turn_bodies(mesh, np.array([False]), body) is mesh
    assert (turn_bodies(mesh, np.array([True]), body).faces == mesh.faces[:, ::-1]).all()
