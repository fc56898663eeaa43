"""By how much corners may differ that are one."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.mesh import gaps
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.gaps import DISTANCES_MM, Joined, join_gaps
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.mesh import shapes


def joined(corners: Corners) -> Joined:
    mesh = weld(corners.copy())
    return join_gaps(mesh, survey(mesh.faces))


def shaken(corners: Corners, by_mm: float) -> Corners:
    """Each corner of each triangle moved for itself."""
    moves = np.random.default_rng(1).uniform(-by_mm, by_mm, corners.shape)
    return corners + moves.astype(np.float32)


@pytest.mark.parametrize(
    ("by_mm", "near_mm"), [(0.0001, 0.001), (0.001, 0.005), (0.004, 0.02), (0.01, 0.05)]
)
def test_the_smallest_distance_that_closes_the_mesh_is_taken(by_mm: float, near_mm: float) -> None:
    """Joining more than needed would draw fine details together."""
    found = joined(shaken(shapes.torus(), by_mm))
    assert found.near_mm == near_mm
    assert found.edges.watertight


def test_a_soup_of_very_many_triangles_is_not_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hostile files must not buy time with millions of open edges."""
    monkeypatch.setattr(gaps, "MAX_POINTS", 100)
    assert joined(shaken(shapes.torus(), 0.001)).near_mm == 0.0


def test_gaps_wider_than_a_slicer_closes_stay() -> None:
    """They may be meant."""
    found = joined(shaken(shapes.torus(), 0.5))
    assert found.near_mm == 0.0
    assert found.edges.open == 3 * 576


def test_holes_in_a_mesh_finer_than_the_distance_are_not_drawn_together() -> None:
    """The rims of its holes are points so near that all of them would become one."""
    fine = shapes.sphere(200, radius=2.0)
    torn = fine[np.random.default_rng(1).random(len(fine)) > 0.05]
    found = joined(torn)
    assert len(found.mesh.faces) > 0.99 * len(torn)


def test_a_small_part_is_not_joined_by_a_large_share_of_its_size() -> None:
    """A part of a millimetre, drawn in another unit, has details of some micrometres."""
    found = joined(shaken(shapes.torus(large=0.3, small=0.08), 0.004))
    assert found.near_mm <= DISTANCES_MM[0]
