"""Fills small loops with triangles that bend as little as the surface around them.

Where two triangles are missing at an edge of a part, their four corners lie in no plane, and one of
the two ways to fill them restores the edge while the other cuts it off. So of all ways to fill a
loop the one is taken in which the most triangles go on flat where another ends, which keeps faces
flat and edges sharp (after Liepa, "Filling Holes in Meshes", 2003, who sums angles).

Cost: O(k n^3) in loops and their length, which is at most `MAX_LENGTH`; loops of one length are
filled together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import Flags, Reals

MAX_LENGTH = 64
"""Most edges of a loop that is filled so."""

_SHARP = np.radians(20.0)
"""Bends beyond this all count the same: they are edges of the part."""

_AREA_WEIGHT = 0.1
"""Of the area, as a share of a square around the loop: between ways that bend alike."""

_FLAT = np.radians(5.0)

_Rows = npt.NDArray[np.intp]
_Table = dict[tuple[int, int], Reals]


def filled(corners: Reals, around: Reals) -> tuple[_Rows, Flags]:
    """Triangles for loops of one length.

    Args:
        corners: (loops, n, 3), in mm.
        around: (loops, n, 3), unit normals of the faces at the edges from each corner to the next.

    Returns:
        (loops, n - 2, 3), numbers of corners; and in which loops each triangle at their edge goes
        on flat where a face ends: those leave no doubt.
    """
    loops, length, _ = corners.shape
    spread = ((corners - corners.mean(axis=1, keepdims=True)) ** 2).sum(axis=(1, 2))
    weight = _AREA_WEIGHT / np.where(spread > 0.0, spread, 1.0)
    cost: _Table = {(at, at + 1): np.zeros(loops) for at in range(length - 1)}
    normal: _Table = {(at, at + 1): around[:, at] for at in range(length - 1)}
    tip: dict[tuple[int, int], _Rows] = {}
    every = np.arange(loops)
    for low, high in _by_span(length):
        tips = range(low + 1, high)
        normals, sizes = _normals(corners, low, np.array(tips), high)
        sums = sizes * weight + np.stack([cost[low, each] + cost[each, high] for each in tips])
        sums += _bend(normals, np.stack([normal[low, each] for each in tips]))
        sums += _bend(normals, np.stack([normal[each, high] for each in tips]))
        if high - low == length - 1:
            sums += _bend(normals, around[:, -1])
        best = sums.argmin(axis=0)
        cost[low, high], normal[low, high] = sums[best, every], normals[best, every]
        tip[low, high] = best + (low + 1)
    triangles = _triangles(tip, loops, length)
    return triangles, _certain(triangles, corners, around)


def _by_span(length: int) -> list[tuple[int, int]]:
    """All pairs of corners at least two apart, near ones first."""
    return [(low, low + span) for span in range(2, length) for low in range(length - span)]


def _normals(corners: Reals, low: int, tips: _Rows, high: int) -> tuple[Reals, Reals]:
    """Unit normals of the triangles with these tips, (tips, loops, 3), and their sizes."""
    start = corners[:, low]
    return _units(corners[:, tips].swapaxes(0, 1) - start, corners[:, high] - start)


def _units(first: Reals, second: Reals) -> tuple[Reals, Reals]:
    """The directions of cross products, and their lengths."""
    areas = np.cross(first, second)
    sizes: Reals = np.sqrt((areas**2).sum(axis=-1))
    return areas / np.where(sizes > 0.0, sizes, 1.0)[..., np.newaxis], sizes


def _bend(normals: Reals, beside: Reals) -> Reals:
    """How sharply two triangles meet: 0 if flat, 1 if it is an edge of the part."""
    angles = np.arccos(np.clip((normals * beside).sum(axis=-1), -1.0, 1.0))
    bends: Reals = np.minimum(angles / _SHARP, 1.0)
    return bends


def _triangles(tip: dict[tuple[int, int], _Rows], loops: int, length: int) -> _Rows:
    """Follows the best tips from the last pair down."""
    result = np.empty((loops, length - 2, 3), dtype=np.intp)
    table = np.zeros((loops, length, length), dtype=np.intp)
    for (low, high), tips in tip.items():
        table[:, low, high] = tips
    every = np.arange(loops)
    # Pairs still to be filled, one list for each loop; those that are an edge are skipped.
    stack = np.zeros((loops, length, 2), dtype=np.intp)
    stack[:, 0] = (0, length - 1)
    depth = np.ones(loops, dtype=np.intp)
    for number in range(length - 2):
        depth -= 1
        low, high = stack[every, depth].T
        middle = table[every, low, high]
        result[:, number] = np.stack([low, middle, high], axis=1)
        for begin, end in ((low, middle), (middle, high)):
            more = end - begin > 1
            stack[every[more], depth[more]] = np.stack([begin, end], axis=1)[more]
            depth += more
    return result


def _certain(triangles: _Rows, corners: Reals, around: Reals) -> Flags:
    """Which loops were filled without doubt."""
    last = corners.shape[1] - 1
    row = np.arange(len(corners))[:, np.newaxis]
    low, tip, high = np.moveaxis(triangles, 2, 0)
    start = corners[row, low]
    normals, _ = _units(corners[row, tip] - start, corners[row, high] - start)
    inner: Flags = np.ones(low.shape, dtype=np.bool_)
    flat: Flags = np.zeros(low.shape, dtype=np.bool_)
    whole = (low == 0) & (high == last)
    for at_edge, edge in ((tip - low == 1, low), (high - tip == 1, tip), (whole, last + 0 * low)):
        inner &= np.logical_not(at_edge)
        flat |= at_edge & (_bend(normals, around[row, edge]) * _SHARP < _FLAT)
    certain = np.logical_or(inner, flat).all(axis=1)
    return np.asarray(certain, dtype=np.bool_)
