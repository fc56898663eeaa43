"""Vertical rays find tops and bottoms at their exact heights."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh.sectioning.columns import columns_of, material, skin
from pricing_fdm.mesh.sectioning.posed import Posed
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.mesh.shapes import box, cube, inside_out


def posed(*bodies: Corners) -> Posed:
    return Posed(weld(np.concatenate(bodies)), 0.2)


def test_two_storeys_are_two_stretches() -> None:
    """From 0 to 3 and from 7 to 9.5 mm."""
    found = columns_of(posed(box((20, 20, 3)), box((20, 20, 2.5), (0, 0, 7))))
    assert sorted({*found.low.round(4).tolist()}) == [0, 7]
    assert sorted({*found.high.round(4).tolist()}) == [3, 9.5]


def test_material_adds_up_to_the_volume() -> None:
    """A cavity is none."""
    part = posed(cube(20), inside_out(cube(10, (5, 5, 5))))
    shares = material(part, columns_of(part))
    assert shares.min() > -1e-9
    assert shares.max() < 1 + 1e-9
    assert shares.sum() * part.cell_mm2 * part.z.step == pytest.approx(7000, rel=0.01)


def test_skin_is_as_thick_as_the_solid_layers() -> None:
    """A plate that is thinner is skin throughout, and counts once."""
    part = posed(box((20, 20, 10)), box((20, 20, 1), (40, 0, 0)))
    shares = skin(part, columns_of(part), 0.8, 0.6)
    assert shares.max() < 1 + 1e-9
    volume = shares.sum() * part.cell_mm2 * part.z.step
    assert volume == pytest.approx(400 * (0.8 + 0.6) + 400 * 1.0, rel=0.02)
