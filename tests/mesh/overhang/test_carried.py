"""How much of a flat patch hangs where no line reaches across."""

from __future__ import annotations

import pytest
from manifold3d import Manifold

from pricing_fdm.mesh.overhang.carried import ARCH_MM, BRIDGE_MM, LEDGE_MM, hanging_mm2
from pricing_fdm.mesh.overhang.patches import flat_patches
from tests.mesh.overhang.shapes import LAYER_MM, block, lying_hole, mesh_of


def hanging(*solids: Manifold) -> float:
    mesh, body_of_face = mesh_of(*solids)
    return hanging_mm2(mesh, body_of_face, flat_patches(mesh, LAYER_MM), LAYER_MM)


def bridge(span_mm: float) -> Manifold:
    return block(span_mm + 10, 10, 20) - block(span_mm, 20, 10, (5, -5, 0))


def shelf(reach_mm: float) -> Manifold:
    return block(10, 20, 30) + block(reach_mm, 20, 4, (10, 0, 20))


def test_a_shelf_hangs_but_for_the_first_millimetres() -> None:
    assert hanging(shelf(12)) == pytest.approx(20 * (12 - LEDGE_MM), rel=0.1)


def test_a_ledge_hangs_nowhere() -> None:
    assert hanging(shelf(LEDGE_MM * 0.9)) == 0.0


def test_a_bridge_hangs_when_it_is_longer_than_lines_can_span() -> None:
    assert hanging(bridge(BRIDGE_MM * 0.9)) == 0.0
    assert hanging(bridge(BRIDGE_MM * 1.2)) > 25


def test_an_arch_hangs_when_its_flat_top_is_wide() -> None:
    """The top of a lying hole that is flatter than 30 degrees is half as wide as the hole."""
    assert hanging(lying_hole(ARCH_MM * 1.6)) == 0.0
    assert hanging(lying_hole(ARCH_MM * 2.6)) > 25


def test_what_stands_in_another_body_does_not_hang() -> None:
    plate = block(60, 60, 5)
    assert hanging(plate, block(30, 30, 30, (10, 10, 2))) == 0.0
    assert hanging(plate, block(30, 30, 30, (10, 10, 12))) == pytest.approx(900)


def test_a_thousand_small_ceilings_hang_together() -> None:
    """Only the largest patches are looked at; the others count in proportion."""
    comb = block(210, 4, 4, (0, 0, 20)) + block(4, 4, 22, (0, 0, 0))
    teeth = [block(3, 3, 3, (10 + 2 * n, 0.5, 10 + 0.02 * n)) for n in range(0, 100, 2)]
    assert hanging(Manifold.compose([comb, *teeth])) > 9 * len(teeth)
