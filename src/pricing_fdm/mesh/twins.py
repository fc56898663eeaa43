"""Drops triangles that lie on each other back to back.

Solids that touch, such as the cubes of a voxel model, bring each common face twice, once for each
of them. No slicer prints it: both triangles go, and what is left encloses the same. A surface whose
every face is there twice, once for each side, is another thing: one of each pair stays.

Cost: O(n log n) in triangles, and as `components`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.components import components
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.triangles import Flags, Ints, Mesh, select
from pricing_fdm.mesh.weld import pair_ids


@dataclass(frozen=True, slots=True, eq=False)
class Single:
    """A mesh without triangles back to back.

    Attributes:
        second_sides: Triangles dropped from surfaces that had two sides.
    """

    mesh: Mesh
    second_sides: int


def without_twins(mesh: Mesh) -> Single:
    """Drops both triangles of each pair, or one of them where the surface has two sides.

    A surface has two sides if all its triangles have a twin, or if it has fewer open edges with
    one of each pair than with neither. Surfaces that share a point are judged together.

    Args:
        mesh: Without equal triangles.
    """
    twin = _twins(mesh)
    later = np.flatnonzero(twin >= 0)
    if not len(later):
        return Single(mesh, 0)
    paired = np.zeros(len(mesh.faces), dtype=np.bool_)
    paired[later], paired[twin[later]] = True, True
    second = np.zeros(len(mesh.faces), dtype=np.bool_)
    second[later] = True
    two_sided = _two_sided(mesh, paired, second)
    drop = np.where(two_sided, second, paired)
    if drop.all():
        return Single(mesh, 0)
    return Single(select(mesh, ~drop), int(np.count_nonzero(two_sided & second)))


def _twins(mesh: Mesh) -> Ints:
    """For each triangle with one before it on the same points the other way round: that one.

    Others have -1. No two triangles of the mesh may be equal.
    """
    ordered = np.sort(mesh.faces, axis=1)
    ids = pair_ids(pair_ids(ordered[:, 0], ordered[:, 1]), ordered[:, 2])
    order = np.argsort(ids, kind="stable")
    first, second, third = mesh.faces[order].T
    turn = (first < second) ^ (second < third) ^ (third < first)
    twin = np.full(len(ids), -1, dtype=np.int32)
    pair = (np.diff(ids[order]) == 0) & (turn[1:] != turn[:-1])
    twin[order[1:][pair]] = order[:-1][pair]
    return twin


def _two_sided(mesh: Mesh, paired: Flags, second: Flags) -> Flags:
    """Which triangles belong to surfaces that are there once for each side."""
    tails, heads = mesh.faces[:, (0, 1)].ravel(), mesh.faces[:, (1, 2)].ravel()
    surface = components(len(mesh.points), tails, heads)
    of_face = surface[mesh.faces[:, 0]]
    size = len(mesh.points)
    all_paired = np.bincount(of_face, minlength=size) == np.bincount(
        of_face[paired], minlength=size
    )
    # Without both of a pair there are as many triangles at an edge, but for an even number.
    with_neither, with_one = (
        np.bincount(surface[survey(faces).rim_tails], minlength=size)
        for faces in (mesh.faces, mesh.faces[~second])
    )
    two_sided: Flags = (all_paired | (with_one < with_neither))[of_face]
    return two_sided
