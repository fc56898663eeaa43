"""What hangs over, exactly: the pose and the price of support follow from it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pricing_fdm.mesh import triangles
from pricing_fdm.mesh.shape.overhangs import Overhang, overhang_of
from pricing_fdm.mesh.triangles import Corners
from tests.harness.shapes import table, tee
from tests.mesh import shapes
from tests.mesh.parts import circle, loft, prism, square, standing, turned


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
