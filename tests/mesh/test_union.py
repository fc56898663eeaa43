"""Bodies that touch are the solid that they are together."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pricing_fdm.mesh import enclosure, union
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.measure import box_of, measure
from pricing_fdm.mesh.solids import body_of_each_face
from pricing_fdm.mesh.triangles import Corners, Mesh
from pricing_fdm.mesh.union import unite
from pricing_fdm.mesh.weld import weld
from tests.mesh import hostile, shapes
from tests.mesh.parts import circle, prism, square, tube, turned


def given(*bodies: Corners) -> tuple[Mesh, Mesh]:
    """The bodies as one mesh, and what their union is."""
    mesh = weld(np.concatenate(bodies))
    body_of_face, count = body_of_each_face(mesh, survey(mesh.faces))
    volumes = measure(mesh, box_of(mesh.points), body_of_face, count).volumes_mm3
    return mesh, unite(mesh, body_of_face, volumes).mesh


def figures(mesh: Mesh) -> tuple[float, float, int]:
    """Volume in mm3, surface in mm2, bodies and cavities."""
    edges = survey(mesh.faces)
    assert edges.watertight
    body_of_face, count = body_of_each_face(mesh, edges)
    measures = measure(mesh, box_of(mesh.points), body_of_face, count)
    return float(measures.volumes_mm3.sum()), measures.surface_mm2, count


def other_diagonals(corners: Corners) -> Corners:
    """A box whose sides are cut along their other diagonals."""
    quads = [(2 * side, 2 * side + 1) for side in range(6)]
    result = []
    for first, second in quads:
        a, b, c = corners[first]
        d = corners[second][2]
        result += [(a, b, d), (b, c, d)]
    return shapes.soup(result)


def voxels(count: int, side: float = 10.0) -> list[Corners]:
    """A cube of cubes, whose common faces are cut along different diagonals."""
    cubes = []
    for place in itertools.product(range(count), repeat=3):
        cube = shapes.cube(side, at=tuple(side * each for each in place))  # type: ignore[arg-type]
        cubes.append(other_diagonals(cube) if sum(place) % 2 else cube)
    return cubes


HOLE = tube(square(30.0), circle(5.0), 10.0)
PEG = prism(circle(5.0), 25.0)
BALL = shapes.sphere(16, 10.0)


@pytest.mark.parametrize(
    ("bodies", "volume", "surface", "parts"),
    [
        pytest.param(voxels(3), 27_000.0, 5_400.0, 1, id="voxels-cut-along-other-diagonals"),
        pytest.param(
            [shapes.box((20, 20, 20)), shapes.box((10, 10, 10), at=(20, 5, 3))],
            9_000.0, 2_400.0 + 400.0, 1, id="blocks-that-share-part-of-a-face",
        ),
        pytest.param(
            [shapes.box((20, 20, 20)), shapes.box((20, 20, 20), at=(20, 10, 10))],
            16_000.0, 4_800.0 - 200.0, 1, id="blocks-off-centre",
        ),
        pytest.param(
            [shapes.box((20, 20, 20)), shapes.box((20, 20, 20), at=(10, 10, 0))],
            14_000.0, 2 * 700.0 + 20.0 * 120.0, 1, id="blocks-that-overlap",
        ),
        pytest.param(
            [shapes.box((20, 20, 20)), shapes.box((5, 5, 5), at=(3, 3, 3))],
            8_000.0, 2_400.0, 1, id="a-block-within-another",
        ),
        pytest.param(
            [shapes.cube(20), shapes.inside_out(shapes.cube(10, at=(5, 5, 5))),
             shapes.cube(4, at=(8, 8, 8))],
            7_064.0, 3_096.0, 3, id="a-block-loose-in-a-cavity",
        ),
        pytest.param(
            [shapes.cube(20), shapes.inside_out(shapes.cube(10, at=(5, 5, 5))),
             shapes.box((10, 10, 5), at=(5, 5, 5))],
            7_500.0, 2_400.0 + 400.0, 2, id="a-block-on-the-floor-of-a-cavity",
        ),
    ],
)  # fmt: skip
def test_what_lies_between_bodies_is_neither_surface_nor_body(
    bodies: list[Corners], volume: float, surface: float, parts: int
) -> None:
    """Their figures are those of the solid, however it was put together."""
    _, whole = given(*bodies)
    assert figures(whole) == pytest.approx((volume, surface, parts), rel=1e-5)


def test_a_peg_in_its_hole_is_one_with_it() -> None:
    """Its wall lies on that of the hole."""
    _, whole = given(HOLE, PEG)
    plate, peg = figures(weld(prism(square(30.0), 10.0))), figures(weld(PEG))
    around = 48 * 2 * 5.0 * np.sin(np.pi / 48)
    volume, surface, parts = figures(whole)
    assert volume == pytest.approx(plate[0] + peg[0] * 15 / 25, rel=1e-5)
    assert surface == pytest.approx(plate[1] + 15.0 * around, rel=1e-5)
    assert parts == 1


def test_a_turned_assembly_is_united_too() -> None:
    """Its faces lie on each other up to rounding only, and beside no axis."""
    blocks = [shapes.box((20, 20, 20)), shapes.box((10, 10, 10), at=(20, 5, 3))]
    _, whole = given(*(turned(turned(block, 33.0), 17.0, axis=1) for block in blocks))
    volume, surface, _ = figures(whole)
    assert volume == pytest.approx(9_000.0, rel=1e-4)
    assert surface == pytest.approx(2_800.0, rel=1e-2)


@pytest.mark.parametrize(
    "bodies",
    [
        pytest.param([BALL], id="one"),
        pytest.param([BALL, BALL + np.float32(40.0)], id="apart"),
        pytest.param(
            [BALL, BALL + np.array([18.0, 18.0, 0.0], np.float32)], id="in-each-other-s-box"
        ),
        pytest.param([shapes.cube(), shapes.cube(at=(20, 20, 0))], id="common-edge"),
        pytest.param([shapes.cube(30, (-15,) * 3), shapes.inside_out(BALL)], id="cavity"),
    ],
)
def test_bodies_that_do_not_touch_are_left_alone(bodies: list[Corners]) -> None:
    """The very same triangles are sliced."""
    before, after = given(*bodies)
    assert after is before


@pytest.mark.parametrize(
    ("limit", "most"), [("MAX_TRIANGLES", 20), ("MAX_BODIES", 1), ("MAX_CROSSINGS", 10)]
)
def test_what_would_take_too_long_is_not_united(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    """The slicer unites it all the same; only our figures count some of it twice."""
    monkeypatch.setattr(union, limit, most)
    before, after = given(shapes.cube(), shapes.cube(at=(10, 10, 0)))
    assert after is before


def test_more_cavities_than_rays_are_cast_for_are_not_united(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Which of the bodies each of them hollows would take too long to find out."""
    cavities = [shapes.inside_out(shapes.cube(2, at=(2.0, 2.0, 5.0 + x))) for x in (0.0, 5.0)]
    bodies = [shapes.cube(), shapes.cube(at=(10, 10, 0)), *cavities]
    assert figures(given(*bodies)[1])[0] == pytest.approx(14_000.0 - 16.0, rel=1e-5)
    monkeypatch.setattr(enclosure, "MAX_ASKED", 1)
    before, after = given(*bodies)
    assert after is before


def test_very_many_bodies_are_united_without_asking_what_lies_in_what(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The voxels of a large model are no nest of bodies."""
    monkeypatch.setattr(union, "MAX_ASKED", 1)
    assert figures(given(*voxels(3))[1]) == pytest.approx((27_000.0, 5_400.0, 1), rel=1e-5)


def test_combs_laid_across_each_other_are_not_united() -> None:
    """A thousand slabs across a thousand others cross a million times."""
    before, after = given(hostile.crossed_combs(200))
    assert after is before


def test_a_body_without_an_inside_is_left_alone() -> None:
    """A Klein bottle has no volume to unite."""
    before, after = given(shapes.klein_bottle(), shapes.cube(40.0), shapes.cube(10.0, (-5,) * 3))
    assert after is before or figures(after)[0] > 0
