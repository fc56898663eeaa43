"""Holes that are closed, and holes that are left to the caller."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pricing_fdm.mesh import holes
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.holes import Closed, Doubtful, close_holes
from pricing_fdm.mesh.measure import Measures, box_of, measure
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.mesh import hostile, shapes


def asked(corners: Corners) -> Closed | Doubtful:
    mesh = weld(corners.copy())
    return close_holes(mesh, survey(mesh.faces))


def closed(corners: Corners) -> Closed | None:
    found = asked(corners)
    return found if isinstance(found, Closed) else None


def figures(found: Closed) -> Measures:
    edges = survey(found.mesh.faces)
    assert edges.open == edges.opposed == 0
    bodies = np.zeros(len(found.mesh.faces), dtype=np.int32)
    return measure(found.mesh, box_of(found.mesh.points), bodies, 1)


def square_tube() -> Corners:
    """A wall 4 mm thick around 12 x 12 mm, 20 mm high, without its two rings."""
    outer, inner = shapes.cube(), shapes.box((12.0, 12.0, 20.0), at=(4.0, 4.0, 0.0))
    return np.concatenate([outer[4:], shapes.inside_out(inner[4:])])


def cube_with_a_wall_inside() -> Corners:
    """A wall across a cube, from edge to edge."""
    wall = shapes.soup([[0, 0, 0], [20, 20, 0], [20, 20, 20], [0, 0, 0], [20, 20, 20], [0, 0, 20]])
    return np.concatenate([shapes.cube(), wall])


@pytest.mark.parametrize(
    ("corners", "count", "area_mm2", "volume_mm3", "surface_mm2"),
    [
        *(
            pytest.param(np.delete(shapes.cube(), triangle, axis=0), 1, 200, 8000, 2400,
                         id=f"cube-without-triangle-{triangle}")
            for triangle in range(12)
        ),
        pytest.param(shapes.open_cube(), 1, 400, 8000, 2400, id="cube-without-top"),
        pytest.param(shapes.cube()[4:], 2, 800, 8000, 2400, id="cube-without-top-and-bottom"),
        pytest.param(shapes.channel(front=False), 1, 700, 14000, 4600, id="c-shaped-hole"),
        pytest.param(square_tube(), 4, 512, 5120, 3072, id="rims-within-rims"),
        pytest.param(shapes.cube_with_t_junctions(), 2, 0, 8000, 2400, id="t-junctions"),
        pytest.param(cube_with_a_wall_inside(), 1, 565.685, 8000, 3531.371, id="wall-inside"),
        pytest.param(
            np.concatenate([shapes.open_cube(), shapes.open_cube()[:, :, [1, 0, 2]][:, ::-1]
                            + np.array([-20, -20, 0], dtype=np.float32)]),
            2, 800, 16000, 4800, id="holes-that-touch-in-a-point",
        ),
    ],
)  # fmt: skip
def test_flat_holes_are_closed_exactly(
    corners: Corners, count: int, area_mm2: float, volume_mm3: float, surface_mm2: float
) -> None:
    """An open cube was sliced at a quarter of its weight, in silence; closed, it is a cube."""
    found = closed(corners)
    assert found is not None
    assert found.holes == count
    assert found.area_mm2 == pytest.approx(area_mm2, rel=1e-5)
    measured = figures(found)
    assert measured.volumes_mm3[0] == pytest.approx(volume_mm3, rel=1e-6)
    assert measured.surface_mm2 - found.overlap_mm2 == pytest.approx(surface_mm2, rel=1e-6)


def test_the_triangles_that_were_there_stay_as_they_are() -> None:
    """Closing adds; it never moves what the caller drew."""
    corners = shapes.channel(front=False)
    found = closed(corners)
    assert found is not None
    assert (found.mesh.points[found.mesh.faces[: len(corners)]] == corners).all()


def test_small_holes_need_not_be_flat() -> None:
    """A few triangles missing from a curved skin change the volume by next to nothing."""
    ball = shapes.sphere(64, radius=10.0)
    hub = ball[4000, 0]
    torn = ball[~(ball == hub).all(axis=2).any(axis=1)]
    assert len(torn) < len(ball)
    found = closed(torn)
    assert found is not None
    mesh = weld(ball)
    whole = measure(mesh, box_of(mesh.points), np.zeros(len(ball), dtype=np.int32), 1)
    assert figures(found).volumes_mm3[0] == pytest.approx(whole.volumes_mm3[0], rel=1e-4)


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param(np.delete(shapes.cube(), [2, 3, 6, 7], axis=0), id="two-sides-missing"),
        pytest.param(shapes.sphere(16)[::2], id="every-second-triangle-of-a-ball"),
    ],
)
def test_large_bent_holes_are_left_to_the_caller(corners: Corners) -> None:
    """Any skin over them would be a guess at the part, and so at the price."""
    assert closed(corners) is None


@pytest.mark.parametrize(
    "missing", [[2, 7], [0, 5], [3, 10]], ids=["top-and-right", "bottom-and-front", "top-and-left"]
)
def test_two_triangles_at_an_edge_of_the_part_are_put_back(missing: list[int]) -> None:
    """The faces go on flat up to the edge; any other skin would cut it off."""
    found = closed(np.delete(shapes.cube(), missing, axis=0))
    assert found is not None
    measured = figures(found)
    assert measured.volumes_mm3[0] == pytest.approx(8000, rel=1e-6)
    assert measured.surface_mm2 - found.overlap_mm2 == pytest.approx(2400, rel=1e-6)
    assert found.area_mm2 == pytest.approx(400, rel=1e-6)


def ragged_ball(share: float) -> Corners:
    """A ball without the triangles around a place, so many of them, along a ragged rim."""
    ball = shapes.sphere(64, radius=10.0)
    middle = np.array([6.0, 6.0, 5.3])
    far = np.linalg.norm(ball.mean(axis=1) - middle, axis=1)
    ragged = far + np.random.default_rng(1).uniform(0.0, 0.3, len(ball))
    return ball[np.argsort(ragged)[int(share * len(ball)) :]]


@pytest.mark.parametrize("share", [0.002, 0.005, 0.01])
def test_ragged_holes_in_a_curved_skin_are_closed(share: float) -> None:
    """Whatever skin is put over them, the volume stays within a hundredth."""
    found = closed(ragged_ball(share))
    assert found is not None
    whole = weld(shapes.sphere(64, radius=10.0))
    volume = measure(whole, box_of(whole.points), np.zeros(len(whole.faces), np.int32), 1)
    assert figures(found).volumes_mm3[0] == pytest.approx(volume.volumes_mm3[0], rel=0.01)


def test_holes_that_touch_in_points_are_told_apart() -> None:
    """A triangle that is left alone in a hole is a part of the surface."""
    ball = shapes.sphere(16, radius=10.0)
    mesh = weld(ball.copy())
    alone = 200
    neighbours = np.isin(mesh.faces, mesh.faces[alone]).sum(axis=1) == 2
    assert neighbours.sum() == 3
    found = closed(ball[~neighbours])
    assert found is not None
    assert found.holes == 3
    before = np.sort(np.sort(mesh.points[mesh.faces].reshape(-1, 9), axis=1), axis=0)
    after = np.sort(np.sort(found.mesh.points[found.mesh.faces].reshape(-1, 9), axis=1), axis=0)
    assert (before == after).all()


def test_it_is_told_where_holes_are_in_doubt() -> None:
    """The caller has to find them."""
    found = asked(np.delete(shapes.cube(), [2, 3, 6, 7], axis=0))
    assert isinstance(found, Doubtful)
    assert found.places.round(2).tolist() == [[13.33, 10.0, 13.33]]


def test_holes_are_judged_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one, 16,000 holes in a file of 600 bytes took more than a second (issue 16, 2)."""
    calls = 0
    svd = np.linalg.svd

    def counted(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        return svd(*args, **options)

    monkeypatch.setattr(np.linalg, "svd", counted)
    found = closed(hostile.open_boxes(60))
    assert found is not None
    assert found.holes == 60
    assert figures(found).surface_mm2 - found.overlap_mm2 == pytest.approx(60 * 304, rel=1e-6)
    assert calls == 1


def test_each_hole_is_closed_by_its_own_rim() -> None:
    """All rims lie in one row; none may take a point or a plane from its neighbour."""
    bodies = [
        np.delete(shapes.cube(20.0, (30.0 * at, 0.0, 0.0)), missing, axis=0)
        for at, missing in enumerate(([2, 3], [2], [], [0, 1, 2, 3], [5], [2, 3]))
    ]
    bodies.append(shapes.channel(front=False) + np.array([0.0, 100.0, 0.0], dtype=np.float32))
    found = closed(np.concatenate(bodies))
    assert found is not None
    assert found.holes == 7
    measured = figures(found)
    assert measured.volumes_mm3[0] == pytest.approx(6 * 8000 + 14000, rel=1e-6)
    assert found.area_mm2 == pytest.approx(3 * 400 + 400 + 2 * 200 + 700, rel=1e-6)


def test_a_mesh_in_shreds_is_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walking along rims is bounded work."""
    monkeypatch.setattr(holes, "MAX_RIM_EDGES", 2)
    assert closed(shapes.cube()[1:]) is None


def test_open_edges_that_form_no_loops_are_left_alone() -> None:
    """Three sheets that meet in an edge and disagree leave more ways in than out."""
    ends = ([0, 10, 0], [0, -10, 0], [0, 0, 10])
    assert closed(shapes.soup([[[0, 0, 0], [10, 0, 0], end] for end in ends])) is None
