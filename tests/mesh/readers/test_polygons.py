"""Polygons cut into triangles: nothing of them lost, nothing covered twice."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from pricing_fdm.mesh.readers import polygons
from pricing_fdm.mesh.readers.polygons import Triangulator
from pricing_fdm.mesh.triangles import Faces, Ints, Points
from tests.mesh.outlines import Outline, comb

SQUARE: Outline = [(0, 0), (10, 0), (10, 10), (0, 10)]
ROTATED = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]


def star(tips: int, inner: float) -> Outline:
    return [
        (r * math.cos(math.pi * (n + r / 20) / tips), r * math.sin(math.pi * (n + r / 20) / tips))
        for n in range(2 * tips)
        for r in ((10.0, inner)[n % 2],)
    ]


def rough(seed: int) -> Outline:
    """A star with tips of all lengths; its centre sees the whole outline."""
    chance = random.Random(seed)
    corners = chance.randrange(5, 50)
    turns = [(n + 0.8 * chance.random()) * 2 * math.pi / corners for n in range(corners)]
    return [
        (r * math.cos(a), r * math.sin(a)) for a in turns for r in (10 * chance.uniform(0.1, 1),)
    ]


OUTLINES = [
    pytest.param(SQUARE, id="square"),
    pytest.param([(0, 0), (10, 5), (20, 0), (10, 20)], id="arrowhead"),
    pytest.param([(10, 5), (20, 0), (10, 20), (0, 0)], id="arrowhead-from-its-notch"),
    pytest.param([(0, 0), (20, 0), (20, 10), (10, 10), (10, 20), (0, 20)], id="angle"),
    pytest.param([(0, 0), (5, 0), (10, 0), (10, 10), (5, 10), (0, 10)], id="points-on-edges"),
    pytest.param([(0, 0), (30, 0), (30, 30), (0, 30), (0, 20), (20, 20), (20, 10), (0, 10)],
                 id="channel"),
    pytest.param(star(5, 4), id="star"),
    pytest.param(star(200, 9.5), id="gear"),
    pytest.param(comb(40), id="comb"),
    pytest.param([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0), (3, 3), (3, 7), (7, 7), (7, 3),
                  (3, 3)], id="hole-reached-by-a-slit"),
    *(pytest.param(rough(seed), id=f"rough-{seed}") for seed in range(12)),
]  # fmt: skip


def in_space(outline: Outline, turn: np.ndarray) -> Points:
    flat = np.array([(x, y, 4.0) for x, y in outline])
    return np.asarray(flat @ turn.T, dtype=np.float32)


def numbered(points: Points) -> Ints:
    return np.arange(len(points), dtype=np.int32)[np.newaxis]


def areas(points: Points, faces: Faces) -> np.ndarray:
    corners = points[faces].astype(np.float64)
    spokes = corners[:, 1:] - corners[:, :1]
    return np.asarray(np.cross(spokes[:, 0], spokes[:, 1]) / 2)


@pytest.mark.parametrize("turn", [np.eye(3), ROTATED, -ROTATED], ids=["flat", "turned", "mirrored"])
@pytest.mark.parametrize("outline", OUTLINES)
@pytest.mark.parametrize("fans", [polygons._FANS, 0], ids=["fans-first", "ears-only"])
def test_triangles_fill_the_polygon_and_no_more(
    monkeypatch: pytest.MonkeyPatch, outline: Outline, turn: np.ndarray, fans: int
) -> None:
    """Signed areas add up by any cut, plain sizes only by a right one."""
    monkeypatch.setattr(polygons, "_FANS", fans)
    points = in_space(outline, turn)
    faces = Triangulator(points).cut(numbered(points))
    assert faces.shape == (len(outline) - 2, 3)
    parts = areas(points, faces)
    whole = float(np.linalg.norm(parts.sum(axis=0)))
    x, y = np.array(outline).T
    assert whole == pytest.approx((x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2, rel=1e-4)
    assert float(np.linalg.norm(parts, axis=1).sum()) == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize("outline", OUTLINES)
def test_only_the_outline_is_left_open(outline: Outline) -> None:
    """Each inner edge runs once in each direction, so neighbours still close the mesh."""
    points = in_space(outline, ROTATED)
    faces = Triangulator(points).cut(numbered(points)).tolist()
    edges = [(face[n], face[n - 2]) for face in faces for n in range(3)]
    rim = [edge for edge in edges if edge[::-1] not in edges]
    assert sorted(rim) == sorted((n, (n + 1) % len(outline)) for n in range(len(outline)))


def test_each_of_many_polygons_is_cut_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are tried together, in pieces; each gets the first cut that is right for it."""
    monkeypatch.setattr(polygons, "CHUNK_TRIANGLES", 16)
    notched: Outline = [(10, 5), (20, 0), (10, 20), (0, 0)]
    turned = [notched[n:] + notched[:n] for n in range(4)]
    outlines = [SQUARE, *turned, SQUARE, *turned]
    points = np.concatenate([in_space(outline, np.eye(3)) for outline in outlines])
    faces = Triangulator(points).cut(np.arange(len(points), dtype=np.int32).reshape(-1, 4))
    assert (faces.reshape(-1, 6) // 4 == np.arange(len(outlines))[:, np.newaxis]).all()
    assert (areas(points, faces)[:, 2] > 0).all()


def test_triangles_pass_unaltered() -> None:
    """Most files hold nothing else."""
    faces = np.array([[2, 1, 0], [0, 0, 1]], dtype=np.int32)
    assert Triangulator(np.zeros((3, 3), dtype=np.float32)).cut(faces) is faces


@pytest.mark.parametrize(
    ("last", "cut"),
    [
        pytest.param([0, 10, 0], [[0, 1, 2], [0, 2, 3]], id="flat"),
        pytest.param([0, 10, 3], [[0, 1, 2], [0, 2, 3]], id="bent-alike-either-way"),
        pytest.param([4, 6, 3], [[1, 2, 3], [1, 3, 0]], id="flatter-across"),
        pytest.param([9, 1, 0], [[1, 2, 3], [1, 3, 0]], id="notched"),
        pytest.param([5, 5, 0], [[1, 2, 3], [1, 3, 0]], id="on-the-diagonal"),
    ],
)
def test_a_quad_is_cut_where_it_bends_less(last: list[float], cut: list[list[int]]) -> None:
    """Only the diagonal is ours to choose; its neighbours never notice."""
    raised = 3 if last[2] else 0
    points = np.array([[0, 0, 0], [10, 0, raised], [10, 10, 0], last], dtype=np.float32)
    assert Triangulator(points).cut(numbered(points)).tolist() == cut


@pytest.mark.parametrize(
    "outline",
    [
        pytest.param([(0, 0), (10, 10), (10, 0), (0, 11)], id="crossing-itself"),
        pytest.param([(0, 0), (10, 0), (0, 0), (10, 0), (5, 0)], id="without-area"),
        pytest.param([(3, 3)] * 6, id="one-point"),
        pytest.param([(0, 0), (9, 9), (9, 0), (0, 9), (1, 4), (8, 5), (5, 9), (4, 1), (4, 8)],
                     id="crossing-often"),
    ],
)  # fmt: skip
def test_an_impossible_outline_is_still_cut_into_a_closed_patch(outline: Outline) -> None:
    """Judging the mesh comes later; a hole made here would be one that the file does not have."""
    points = in_space(outline, np.eye(3))
    faces = Triangulator(points).cut(numbered(points))
    assert faces.shape == (len(outline) - 2, 3)
    edges = [(int(face[n]), int(face[n - 2])) for face in faces for n in range(3)]
    rim = [edge for edge in edges if edge[::-1] not in edges]
    assert sorted(rim) == sorted((n, (n + 1) % len(outline)) for n in range(len(outline)))
