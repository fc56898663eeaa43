"""Which corners are the same point: exactly first, within a micrometre where that leaves gaps.

Exact means equal numbers, with -0.0 counted as 0.0. Only the rims of an open mesh are welded
by distance, so a sound mesh is never altered.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.components import components
from pricing_fdm.mesh.triangles import Corners, Faces, Flags, Ints, Mesh, select

NEAR_MM = 0.001
"""Side of the grid that near points are looked for in; half of it is always near enough."""

MAX_NEAR_POINTS = 200_000
"""A mesh with more points on its rims is no mesh with a few gaps."""


def weld(corners: Corners) -> Mesh:
    """Joins equal corners and drops triangles that are left with fewer than three points.

    Args:
        corners: Overwritten: -0.0 becomes 0.0.
    """
    flat = corners.reshape(-1, 3)
    np.add(flat, np.float32(0.0), out=flat)
    bits = flat.view(np.uint32)
    ids = pair_ids(pair_ids(bits[:, 0], bits[:, 1]), bits[:, 2])
    points = np.empty((int(ids.max()) + 1, 3), dtype=np.float32)
    points[ids] = flat
    mesh = Mesh(points, ids.reshape(-1, 3))
    keep = _with_three_points(mesh.faces)
    return mesh if keep.all() else select(mesh, keep)


def weld_near(mesh: Mesh, rim: npt.NDArray[np.intp]) -> Mesh:
    """Joins rim points that lie within half of `NEAR_MM` of each other along every axis.

    Args:
        mesh: The mesh; returned as it is when nothing can be joined.
        rim: The points at open edges, each once.
    """
    if len(rim) > MAX_NEAR_POINTS:
        return mesh
    cells = mesh.points[rim].astype(np.float64) / NEAR_MM
    firsts, seconds = [], []
    # A pair that one grid separates lies in one cell of a grid moved by half a cell.
    for shift in itertools.product((0.0, 0.5), repeat=3):
        cell = np.floor(cells + shift).astype(np.int64)
        order = np.lexsort(cell.T)
        together = (cell[order[1:]] == cell[order[:-1]]).all(axis=1)
        firsts.append(order[:-1][together])
        seconds.append(order[1:][together])
    group = components(len(rim), np.concatenate(firsts), np.concatenate(seconds))
    if (group == np.arange(len(rim))).all():
        return mesh
    joined = np.arange(len(mesh.points), dtype=np.int32)
    joined[rim] = joined[rim[group]]
    faces = joined[mesh.faces]
    return select(Mesh(mesh.points, faces), _with_three_points(faces))


def without_duplicates(mesh: Mesh) -> Mesh:
    """Keeps one of several triangles with the same corners in the same turn."""
    rows = np.arange(len(mesh.faces), dtype=np.int32)
    lowest = mesh.faces.argmin(axis=1)
    turned = [mesh.faces[rows, (lowest + step) % 3] for step in range(3)]
    ids = pair_ids(pair_ids(turned[0], turned[1]), turned[2])
    keeper = np.empty(len(rows), dtype=np.int32)
    keeper[ids[::-1]] = rows[::-1]
    keep = keeper[ids] == rows
    return mesh if keep.all() else select(mesh, keep)


def pair_ids(first: npt.NDArray[np.integer], second: npt.NDArray[np.integer]) -> Ints:
    """Numbers equal pairs of 32-bit values alike, from 0 without gaps."""
    keys = first.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= second.astype(np.uint64)
    order = np.argsort(keys)
    keys = keys.take(order)
    rises = np.zeros(len(keys), dtype=np.int32)
    rises[1:] = keys[1:] != keys[:-1]
    del keys
    ids = np.empty(len(rises), dtype=np.int32)
    # A sum that casts or works in place would keep the interpreter's lock for all its length.
    ids[order] = np.cumsum(rises, dtype=np.int32)
    return ids


def _with_three_points(faces: Faces) -> Flags:
    first, second, third = faces[:, 0], faces[:, 1], faces[:, 2]
    keep: Flags = (first != second) & (second != third) & (third != first)
    return keep
