"""No warning on a plain part, each warning on a part made to deserve it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from pricing_fdm.mesh import triangles
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.repair import make_solid
from pricing_fdm.mesh.shape.judge import Overhang, Shape, judge_shape, overhang_of
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.harness.models import known, paths
from tests.harness.shapes import table, tee
from tests.mesh import shapes
from tests.mesh.parts import circle, cup, loft, pins, prism, square, standing, tube, turned

DESERVED = {
    "three-gears-ascii.stl": [],
    "arm-too-large.stl": [],
    "base-too-large.stl": [],
    "long-holder.stl": [],
    "tall-tube-ascii.stl": ["thin_walls", "tall_and_slim"],
    "overhang-wave.stl": ["overhangs"],
    "thin-walls.stl": ["thin_walls"],
    "wheel-solid-header.stl": ["overhangs", "tall_and_slim"],
    "kickstarter-fdm-test.stl": ["thin_walls", "small_features", "overhangs"],
    "moveo-pulley-solid-header.stl": ["overhangs", "tall_and_slim"],
    "openflexure-tall-tube-ascii.stl": ["thin_walls", "tall_and_slim"],
    "thin-wall-test.stl": ["thin_walls"],
    "dactyl-wrist-rest.stl": ["overhangs"],
    "mini-porron.stl": ["overhangs"],
    "overhang-test-double.stl": ["overhangs"],
    "poseidon-pump-base-too-large.stl": ["overhangs"],
    "prusa-x-end-motor-ascii.stl": ["overhangs"],
    "thor-arm-body-too-large.stl": ["overhangs"],
    "ultracortex-headset-small-front.stl": ["overhangs"],
    "voron-tensioner-knob-threaded.stl": ["overhangs"],
    "box-20mm-ascii.stl": [],
    "first-layer-sheet.stl": [],
    "openflexure-gears-ascii.stl": [],
    "ploopy-bearing-dowel.stl": [],
    "prusa-spool-holder.stl": [],
    "voron-design-cube.stl": [],
    "voron-exhaust-filter-housing.stl": [],
}


def judged(*parts: Corners) -> Shape:
    return judge_shape(*standing(*parts), line_width_mm=0.42)


def codes(shape: Shape) -> list[str]:
    return [warning.code for warning in shape.warnings]


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param(shapes.cube(), id="cube"),
        pytest.param(turned(shapes.cube(), 17.0), id="cube-turned"),
        pytest.param(shapes.cube(150.0), id="large-cube"),
        pytest.param(shapes.box((20.0, 20.0, 40.0)), id="box"),
        pytest.param(shapes.sphere(32), id="sphere"),
        pytest.param(prism(circle(10.0), 20.0), id="cylinder"),
        pytest.param(tube(circle(10.0), circle(5.0), 8.0), id="washer"),
        pytest.param(shapes.channel(), id="channel"),
        pytest.param(shapes.tetrahedron(20.0), id="tetrahedron"),
    ],
)
def test_a_plain_part_has_no_warning(corners: Corners) -> None:
    """A warning that is given to everybody is read by nobody."""
    assert codes(judged(corners.copy())) == []


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        pytest.param([cup(30.0, 0.5, 20.0)], "thin_walls", id="thin-walls"),
        pytest.param([tube(circle(9.0), circle(0.3), 5.0)], "small_features", id="small-hole"),
        pytest.param([shapes.soup(tee())], "overhangs", id="tee"),
        pytest.param([shapes.box((5.0, 5.0, 40.0))], "tall_and_slim", id="tower"),
        pytest.param([shapes.cube(), shapes.cube(20.0, (10.0, 0.0, 0.0))], "self_intersections",
                     id="overlapping"),
    ],
)  # fmt: skip
def test_a_part_that_deserves_a_warning_has_that_one_only(parts: list[Corners], code: str) -> None:
    """Each fault is told of once, and by its name."""
    assert codes(judged(*(part.copy() for part in parts))) == [code]


def test_every_warning_gives_a_figure_and_says_what_to_do() -> None:
    """A customer can act on it."""
    shape = judged(
        *pins(0.3), shapes.box((0.5, 5.0, 60.0), at=(60.0, 0.0, 0.0)),
        *(shapes.cube(20.0, (0.0, 60.0 + shift, 0.0)) for shift in (0.0, 10.0)),
        shapes.soup(tee(80.0, 40.0)) + np.array([0.0, 120.0, 0.0], dtype=np.float32),
    )  # fmt: skip
    assert codes(shape) == [
        "thin_walls", "small_features", "overhangs", "tall_and_slim", "self_intersections",
    ]  # fmt: skip
    for warning in shape.warnings:
        assert any(letter.isdigit() for letter in warning.message)
        assert warning.message.endswith(".")


def test_the_overhang_share_is_told_without_a_warning() -> None:
    """The part's complexity follows from it."""
    assert judged(shapes.channel()).overhang_share == pytest.approx(400 / 4600)


def test_the_same_part_is_judged_alike_every_time() -> None:
    """Nothing is drawn at random."""
    assert judged(shapes.torus()) == judged(shapes.torus())


@pytest.mark.parametrize(
    "path", paths([model for model in known(".stl") if model[0].name in DESERVED])
)
def test_real_parts_have_the_warnings_that_they_deserve(path: Path) -> None:
    """Known parts, in the pose of their file."""
    _, reading = read_model(path, shapes.LIMIT)
    solid = make_solid(weld(reading.corners))
    solid.mesh.points[:, 2] -= solid.mesh.points[:, 2].min()
    shape = judge_shape(solid.mesh, solid.body_of_face, line_width_mm=0.42)
    assert codes(shape) == DESERVED[path.name]


@pytest.mark.parametrize(
    ("corners", "area_mm2"),
    [
        pytest.param(shapes.cube(), 0.0, id="cube"),
        pytest.param(prism(circle(10.0), 20.0), 0.0, id="cylinder"),
        pytest.param(shapes.soup(tee()), 32.0 * 20.0, id="tee"),
        pytest.param(shapes.channel(20.0), 20.0 * 20.0, id="channel"),
        pytest.param(turned(shapes.cube(), 45.0, axis=0), 0.0, id="cube-on-its-edge"),
        pytest.param(turned(shapes.cube(), 50.0, axis=0), 400.0, id="cube-tipped-further"),
        pytest.param(loft(square(10.0), square(30.0), 10.0), 0.0, id="chamfer-of-45"),
        pytest.param(loft(square(10.0), square(30.0), 9.0), 800 * math.hypot(10, 9) / 10,
                     id="chamfer-of-48"),
    ],
)  # fmt: skip
def test_the_area_is_exact(corners: Corners, area_mm2: float) -> None:
    """Faces at 45 degrees are the rule's own border, and do not hang."""
    overhang = overhang_of(standing(corners)[0])
    assert overhang.area_mm2 == pytest.approx(area_mm2, rel=1e-5, abs=1e-6)


def test_the_share_is_of_the_whole_surface() -> None:
    """A number from 0 to 1."""
    overhang = overhang_of(standing(shapes.channel(20.0))[0])
    assert overhang.surface_mm2 == pytest.approx(4600.0)
    assert overhang.share == pytest.approx(400 / 4600)
    assert Overhang(0.0, 0.0).share == 0.0


@pytest.mark.parametrize(("lift_mm", "hangs"), [(0.39, False), (0.41, True)])
def test_what_lies_on_the_bed_does_not_hang(lift_mm: float, *, hangs: bool) -> None:
    """Up to two layers: the first ones carry it."""
    foot = shapes.box((20.0, 20.0, lift_mm))
    plate = shapes.box((60.0, 60.0, 5.0), at=(0.0, 0.0, lift_mm))
    assert (overhang_of(standing(foot, plate)[0]).area_mm2 > 0) is hangs


def test_it_does_not_depend_on_the_size_of_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large parts are summed piece by piece."""
    mesh, _ = standing(shapes.torus())
    whole = overhang_of(mesh)
    monkeypatch.setattr(triangles, "COLUMN_TRIANGLES", 7)
    assert overhang_of(mesh).area_mm2 == pytest.approx(whole.area_mm2, rel=1e-12)


@pytest.mark.parametrize(
    ("overhang", "warned"),
    [
        pytest.param(Overhang(160.0, 1257.0), False, id="small-ball"),
        pytest.param(Overhang(470.0, 9400.0), False, id="benchy"),
        pytest.param(Overhang(390.0, 3220.0), True, id="threaded-knob"),
        pytest.param(Overhang(1056.0, 23350.0), True, id="motor-mount"),
        pytest.param(Overhang(410.0, 50830.0), False, id="funnel"),
    ],
)
def test_a_warning_needs_a_noticeable_area(overhang: Overhang, *, warned: bool) -> None:
    """Known parts: what prints without support is left alone."""
    assert bool(list(overhang.warnings())) is warned


def test_the_warning_gives_share_and_area() -> None:
    """A customer sees how much it is about."""
    (warning,) = overhang_of(standing(shapes.soup(table()))[0]).warnings()
    assert warning.code == "overhangs"
    assert "35.4% of the surface (16.0 cm2)" in warning.message


def test_triangles_without_area_hang_nowhere() -> None:
    """Slivers have no direction."""
    sliver = shapes.soup([(0, 0, 10), (5, 0, 10), (9, 0, 10)])
    mesh, _ = standing(np.concatenate([shapes.cube(), sliver, sliver[:, ::-1]]))
    assert overhang_of(mesh).area_mm2 == 0.0
