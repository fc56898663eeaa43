"""Figures of solids whose figures are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from pricing_fdm.mesh import triangles
from pricing_fdm.mesh.measure import Measures, box_of, measure
from pricing_fdm.mesh.triangles import Corners, Ints, Reals, cross
from pricing_fdm.mesh.weld import weld
from tests.mesh import hostile, shapes
from tests.mesh.parts import standing


def measured(corners: Corners) -> Measures:
    mesh = weld(corners.copy())
    return measure(mesh, box_of(mesh.points), np.zeros(len(mesh.faces), dtype=np.int32), 1)


@pytest.mark.parametrize(
    ("corners", "volume_mm3", "surface_mm2"),
    [
        pytest.param(shapes.cube(), 8000.0, 2400.0, id="cube"),
        pytest.param(shapes.inside_out(shapes.cube()), -8000.0, 2400.0, id="inside-out"),
        pytest.param(shapes.box((1.0, 2.0, 3.0)), 6.0, 22.0, id="box"),
        pytest.param(shapes.channel(), 14000.0, 4600.0, id="channel"),
        pytest.param(
            np.concatenate([shapes.cube(), shapes.cube(2.0, at=(50.0, 0.0, 0.0))]), 8008.0, 2424.0,
            id="two-bodies",
        ),
    ],
)  # fmt: skip
def test_volume_and_surface_of_flat_sided_solids_are_exact(
    corners: Corners, volume_mm3: float, surface_mm2: float
) -> None:
    """These figures go into the quote."""
    figures = measured(corners)
    assert figures.volumes_mm3.sum() == pytest.approx(volume_mm3, rel=1e-9)
    assert figures.surface_mm2 == pytest.approx(surface_mm2, rel=1e-9)


def test_a_finely_divided_ball_has_the_volume_of_a_ball() -> None:
    """32,512 triangles: the sum runs over more than one chunk's share of rounding."""
    figures = measured(shapes.sphere(128, radius=10.0))
    assert figures.volumes_mm3.sum() == pytest.approx(4 / 3 * math.pi * 1000, rel=1e-3)
    assert figures.surface_mm2 == pytest.approx(4 * math.pi * 100, rel=1e-3)


@pytest.mark.parametrize("far_mm", [0.0, 16384.0, -524288.0])
def test_the_volume_does_not_depend_on_where_the_part_was_drawn(far_mm: float) -> None:
    """Seen from the origin, the terms of a far part would drown its volume."""
    figures = measured(shapes.cube(16.0, at=(far_mm, far_mm, -far_mm)))
    assert figures.volumes_mm3.sum() == pytest.approx(4096.0, rel=1e-9)


def test_chunks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by chunks; the figures must not be."""
    whole = measured(shapes.torus())
    monkeypatch.setattr(triangles, "COLUMN_TRIANGLES", 7)
    chunked = measured(shapes.torus())
    assert chunked.volumes_mm3.sum() == pytest.approx(whole.volumes_mm3.sum(), rel=1e-12)
    assert chunked.surface_mm2 == pytest.approx(whole.surface_mm2, rel=1e-12)


def test_each_body_has_its_own_volume() -> None:
    """A body that is inside out must be told from its neighbours."""
    mesh = weld(np.concatenate([shapes.cube(), shapes.inside_out(shapes.cube(2.0, at=(50, 0, 0)))]))
    bodies = np.repeat(np.array([0, 1], dtype=np.int32), 12)
    figures = measure(mesh, box_of(mesh.points), bodies, 2)
    assert figures.volumes_mm3 == pytest.approx([8000.0, -8.0])


def test_the_box_gives_size_centre_and_diagonal() -> None:
    """The order is x, y, z everywhere."""
    found = box_of(weld(shapes.box((2.0, 3.0, 6.0), at=(10.0, -1.0, 0.0))).points)
    assert found.size_mm == (2.0, 3.0, 6.0)
    assert found.centre_mm == (11.0, 0.5, 3.0)
    assert found.diagonal_mm == 7.0


def test_cross_products_are_those_of_numpy() -> None:
    """Written out by axis for speed; the reference stays numpy's."""
    rng = np.random.default_rng(7)
    first, second = rng.normal(size=(2, 50, 3))
    assert cross(first, second) == pytest.approx(np.cross(first, second))


def test_every_body_is_added_to_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece of the mesh adds a number to every body, so many bodies mean few pieces."""
    sums = 0
    bincount = np.bincount

    def counted(numbers: Ints, *, weights: Reals, minlength: int) -> Any:
        nonlocal sums
        sums += minlength
        return bincount(numbers, weights=weights, minlength=minlength)

    monkeypatch.setattr("pricing_fdm.mesh.measure.CHUNK_TRIANGLES", 8)
    monkeypatch.setattr(np, "bincount", counted)
    mesh, body_of_face = standing(hostile.many_bodies(50))
    volumes = measure(mesh, box_of(mesh.points), body_of_face, 50).volumes_mm3
    assert volumes == pytest.approx(np.full(50, 8 / 6))
    assert sums <= 2 * len(mesh.faces)
