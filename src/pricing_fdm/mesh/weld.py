"""Joins corners to points: equal ones first, and near ones where gaps are left.

Equal means the same numbers, with -0.0 counted as 0.0. Only the rims of an open mesh are welded
by distance, so a sound mesh is never altered.

Cost: O(n log n) in triangles; as `components` in points at open edges.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.components import components
from pricing_fdm.mesh.sorting import Keys, begins, bits_of, pairs_of, sorted_along
from pricing_fdm.mesh.triangles import Corners, Faces, Flags, Ints, Mesh, Points, select, slices

_ODD = tuple(
    np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD)
)
"""Odd factors of known hash functions, whose bits look random."""


def weld(corners: Corners) -> Mesh:
    """Joins equal corners and drops triangles that are left with fewer than three points.

    Points are numbered in the order in which the file first names them: neighbours in the file are
    neighbours in memory, which halves the time of all that follows.

    Args:
        corners: Overwritten: -0.0 becomes 0.0.
    """
    flat = corners.reshape(-1, 3)
    np.add(flat, np.float32(0.0), out=flat)
    ids, firsts = _by_first_use(_hashes(flat.view(np.uint32)))
    points = flat.take(firsts, axis=0)
    if not _stand_for(points, ids, flat):
        bits = flat.view(np.uint32)
        exact = pair_ids(pair_ids(bits[:, 0], bits[:, 1]), bits[:, 2])
        ids, firsts = _by_first_use(exact.astype(np.uint64))
        points = flat.take(firsts, axis=0)
    mesh = Mesh(points, ids.reshape(-1, 3))
    keep = _with_three_points(mesh.faces)
    return mesh if keep.all() else select(mesh, keep)


def weld_near(mesh: Mesh, rim: npt.NDArray[np.intp], near_mm: float) -> Mesh:
    """Joins rim points that are near each other, and drops triangles that are left without area.

    Args:
        mesh: Returned as it is if nothing can be joined.
        rim: The points at open edges, each once.
        near_mm: Side of the grid in which near points are found. Points half of it apart along
            every axis are always joined, points farther apart than it only by others between them.
    """
    leader = np.arange(len(rim), dtype=np.int32)
    left = leader.copy()
    # A pair that one grid separates lies in one cell of a grid moved by half a cell. After each
    # grid one point stands for those that it joined, so most of the work is that of the first.
    for shift in itertools.product((0.0, 0.5), repeat=3):
        points = mesh.points[rim[left]]
        first, second = _neighbours(_hashes(_cells(points, near_mm, shift)))
        near = (np.abs(points[first] - points[second]) <= near_mm).all(axis=1)
        group = components(len(left), first[near], second[near])
        leader[left] = left[group]
        left = left[group == np.arange(len(left))]
    if len(left) == len(rim):
        return mesh
    while not np.array_equal(leader, further := leader[leader]):
        leader = further
    joined = np.arange(len(mesh.points), dtype=np.int32)
    joined[rim] = joined[rim[leader]]
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
    """Numbers equal pairs of 32-bit values alike, from 0 without gaps, in the pairs' order."""
    if not len(first):
        return np.empty(0, dtype=np.int32)
    bits = bits_of(int(second.max()))
    keys = pairs_of(first, second, bits)
    largest = (int(first.max()) + 1) << bits
    places = np.arange(len(keys), dtype=np.int32)
    keys, places = sorted_along(keys, places, largest_key=largest)
    rises = begins(keys).astype(np.int32)
    rises[0] = 0
    del keys
    ids = np.empty(len(rises), dtype=np.int32)
    # A sum that casts or works in place would keep the interpreter's lock for all its length.
    ids[places] = np.cumsum(rises, dtype=np.int32)
    return ids


def _cells(points: Points, side_mm: float, shift: tuple[float, ...]) -> npt.NDArray[np.uint32]:
    """The cell of a grid that each point lies in."""
    cells = np.empty(points.shape, dtype=np.uint32)
    for rows in slices(len(points)):
        places = np.floor(points[rows].astype(np.float64) / side_mm + shift)
        cells[rows] = places.astype(np.int64)  # cut to 32 bits: a hash takes no more
    return cells


def _neighbours(keys: Keys) -> tuple[Ints, Ints]:
    """Pairs of places with equal keys; all places with one key hang together by them."""
    places = np.arange(len(keys), dtype=np.int32)
    keys, places = sorted_along(keys, places, largest_key=int(keys.max()))
    same = ~begins(keys)
    return places[:-1][same[1:]], places[1:][same[1:]]


def _hashes(bits: npt.NDArray[np.uint32]) -> Keys:
    """Equal hashes for equal rows, hardly ever for others; short enough for `sorted_along`."""
    hashes = np.empty(len(bits), dtype=np.uint64)
    room = np.uint64(bits_of(len(bits)))
    for rows in slices(len(bits)):
        part = bits[rows]
        mixed = pairs_of(part[:, 0], part[:, 1], 32) * _ODD[0]
        mixed += part[:, 2].astype(np.uint64) * _ODD[1]
        mixed ^= mixed >> np.uint64(32)
        mixed *= _ODD[2]
        np.right_shift(mixed, room, out=hashes[rows])
    return hashes


def _by_first_use(keys: Keys) -> tuple[Ints, Ints]:
    """Numbers equal keys alike, in the order of their first places, and returns these places.

    Args:
        keys: Overwritten.
    """
    places = np.arange(len(keys), dtype=np.int32)
    keys, places = sorted_along(keys, places, largest_key=int(keys.max()))
    starts = np.flatnonzero(begins(keys))
    del keys
    leaders = places.take(starts)
    firsts = np.sort(leaders)
    ids = np.empty(len(places), dtype=np.int32)
    ids[firsts] = np.arange(len(firsts), dtype=np.int32)
    ids[places] = np.repeat(ids.take(leaders), np.diff(starts, append=len(places)))
    return ids, firsts


def _stand_for(points: Points, ids: Ints, flat: Points) -> bool:
    """Whether each corner is exactly the point that it was given."""
    return all(
        np.array_equal(points.take(ids[part], axis=0), flat[part]) for part in slices(len(flat))
    )


def _with_three_points(faces: Faces) -> Flags:
    first, second, third = faces[:, 0], faces[:, 1], faces[:, 2]
    keep: Flags = (first != second) & (second != third) & (third != first)
    return keep
