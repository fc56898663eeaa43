"""Flat surface that faces down, in pieces, and the edges along which walls hold it."""

from __future__ import annotations

import pytest

from pricing_fdm.mesh.overhang.patches import flat_patches
from tests.mesh.overhang.shapes import LAYER_MM, block, lying_hole, mesh_of, wall


def test_a_part_without_flat_undersides_has_no_patch() -> None:
    mesh, _ = mesh_of(wall([(0, 0), (10, 0), (40, 30), (30, 30)], 20))
    assert len(flat_patches(mesh, LAYER_MM).faces) == 0


def test_what_lies_on_the_bed_is_no_patch() -> None:
    mesh, _ = mesh_of(block(20, 20, 20))
    assert len(flat_patches(mesh, LAYER_MM).faces) == 0


def test_a_bridge_is_held_at_its_two_ends() -> None:
    mesh, _ = mesh_of(block(40, 10, 20) - block(30, 20, 10, (5, -5, 0)))
    patches = flat_patches(mesh, LAYER_MM)
    assert patches.areas_mm2.sum() == pytest.approx(300)
    assert len(set(patches.patch_of_face.tolist())) == 1
    ends = mesh.points[patches.held_edges]
    assert set(ends[:, :, 0].ravel().tolist()) == {5.0, 35.0}
    assert (abs(ends[:, 0, 0] - ends[:, 1, 0]) < 1e-6).all()


def test_a_shelf_is_held_at_its_wall_only() -> None:
    mesh, _ = mesh_of(block(10, 20, 30) + block(12, 20, 4, (10, 0, 20)))
    patches = flat_patches(mesh, LAYER_MM)
    assert patches.areas_mm2.sum() == pytest.approx(240)
    assert set(mesh.points[patches.held_edges][:, :, 0].ravel().tolist()) == {10.0}


def test_two_ceilings_are_two_patches() -> None:
    mesh, _ = mesh_of(
        lying_hole(20) + block(32, 20, 32, (50, 0, 0)) - block(8, 60, 9, (60, -20, 4))
    )
    patches = flat_patches(mesh, LAYER_MM)
    assert len(set(patches.patch_of_face.tolist())) == 2
    assert set(patches.patch_of_edge.tolist()) == set(patches.patch_of_face.tolist())
