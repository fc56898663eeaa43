"""Pieces of a part that begin in the air."""

from __future__ import annotations

import numpy as np
import pytest
from manifold3d import Manifold, OpType

from pricing_fdm.mesh.overhang.islands import MAX_ISLANDS, SHORT_MM, begins_in_the_air
from tests.mesh.overhang.shapes import LAYER_MM, block, mesh_of


def gate() -> Manifold:
    return block(40, 10, 30) - block(30, 20, 20, (5, -5, 0))


def begins(*solids: Manifold) -> bool:
    return begins_in_the_air(*mesh_of(*solids), LAYER_MM)


def spike(length_mm: float) -> Manifold:
    """A cone that points down from the ceiling of the gate; it has no flat surface at all."""
    cone = Manifold.cylinder(length_mm + 1, 0.01, 1.0, circular_segments=24)
    return cone.translate([20, 5, 20 - length_mm])


@pytest.mark.parametrize("length_mm", [SHORT_MM + 1, 15])
def test_a_long_spike_begins_in_the_air(length_mm: float) -> None:
    assert begins(gate() + spike(length_mm))


def test_a_short_spike_is_a_dip_in_its_ceiling() -> None:
    assert not begins(gate() + spike(SHORT_MM - 0.5))


def test_a_pit_in_a_top_does_not_begin_in_the_air() -> None:
    """Its lowest point is lower than all around it, too."""
    pit = Manifold.cylinder(10, 0.01, 8.0, circular_segments=24).translate([20, 20, 11])
    assert not begins(block(40, 40, 20) - pit)


def test_what_stands_on_the_bed_does_not() -> None:
    assert not begins(Manifold.cylinder(10, 0.01, 4.0, circular_segments=24))


def test_a_splinter_is_none() -> None:
    assert not begins(Manifold.compose([block(10, 10, 10), block(0.01, 0.01, 5, (0, 20, 8))]))


def test_a_spike_into_another_body_is_held_by_it() -> None:
    spiked = gate() + spike(10)
    assert not begins(spiked, block(10, 8, 12, (15, 1, 0)))


def test_one_long_tooth_among_many_dips_is_found_when_all_are_long() -> None:
    """With more places than are looked at, those looked at are spread over the height."""
    teeth = [
        block(0.5, 0.5, 6 + n % 3, (6 + 0.7 * (n % 40), 1 + 2 * (n // 40), 14 - n % 3))
        for n in range(2 * MAX_ISLANDS)
    ]
    assert begins(gate() + Manifold.batch_boolean(teeth, OpType.Add))


def test_a_gate_does_not_begin_in_the_air_however_it_is_meshed() -> None:
    """Level ceilings have many points from which no edge leads down."""
    fine = gate().refine(6)
    assert len(np.asarray(fine.to_mesh().tri_verts)) > 1000
    assert not begins(fine)
