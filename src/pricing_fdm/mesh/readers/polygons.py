"""Cuts polygons into triangles that cover exactly the polygon.

A quad gets the diagonal across which its two halves bend less. In a flat quad that diagonal lies
inside; in a bent one it most likely gives the surface that was meant. (With it, the bent quads of
`extruder_idler_quads.obj` of PrusaSlicer's tests make a watertight part; a fixed diagonal gives 92
edges with four triangles.)

For other polygons a cut is right if none of its triangles is turned over: then their areas add up
to the polygon's, and none can cover another. So a fan is tried from each of the first corners, for
all polygons of a kind at once. That solves all convex polygons and most others. The rest is clipped
ear by ear, see `ears`, in the plane in which the polygon is largest. An outline that crosses itself
has no right cut; it gets one that keeps the mesh closed.

Cost: O(n) in corners of all polygons, plus the ears.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing_fdm.mesh.readers.ears import EarClipper, Place
from pricing_fdm.mesh.triangles import CHUNK_TRIANGLES, Faces, Flags, Ints, Points, Reals, cross

_FANS = 8
"""Corners that a fan is tried from."""

_NOISE = 1e-6
"""A triangle turned over by less than this share of the polygon's area is flat."""

_TRIANGLE = 3
_QUAD = 4


class Triangulator:
    """Cuts the polygons of one model, which share one allowance of work."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self._clipper = EarClipper()

    def cut(self, polygons: Ints) -> Faces:
        """Cuts polygons of n corners into n - 2 triangles each, in the same turn.

        Args:
            polygons: (k, n), indices of points.

        Raises:
            ModelInvalid: Too many outlines are too intricate.
        """
        count, corners = polygons.shape
        if corners == _TRIANGLE:
            return polygons
        faces = np.empty((count, corners - 2, 3), dtype=np.int32)
        step = max(1, CHUNK_TRIANGLES // corners)
        for start in range(0, count, step):
            self._cut(polygons[start : start + step], faces[start : start + step])
        return faces.reshape(-1, 3)

    def _cut(self, polygons: Ints, faces: Faces) -> None:
        if polygons.shape[1] == _QUAD:
            corners = self._points.take(polygons, axis=0).astype(np.float64)
            crosswise = _bend(np.roll(corners, -1, axis=1)) < _bend(corners) - _NOISE
            faces[...] = _fan(
                np.where(crosswise[:, np.newaxis], np.roll(polygons, -1, 1), polygons)
            )
            return
        left = np.arange(len(polygons))
        for first in range(min(_FANS, polygons.shape[1])):
            turned = np.roll(polygons[left], -first, axis=1)
            fits = _is_right_fan(self._points.take(turned, axis=0).astype(np.float64))
            faces[left[fits]] = _fan(turned[fits])
            left = left[~fits]
            if not len(left):
                return
        outlines = _in_plane(self._points.take(polygons[left], axis=0).astype(np.float64))
        for index, outline in zip(left.tolist(), outlines, strict=True):
            faces[index] = polygons[index][self._clipper.clip(outline)]


def _fan(polygons: Ints) -> Faces:
    """(k, n) to (k, n - 2, 3), all from the first corner."""
    firsts = np.broadcast_to(polygons[:, :1], polygons[:, 2:].shape)
    return np.stack([firsts, polygons[:, 1:-1], polygons[:, 2:]], axis=-1)


def _bend(quads: Reals) -> Reals:
    """How much the halves of quads, (k, 4, 3), bend along the diagonal from the first corner.

    Returns:
        From 0 (flat) to 2 (folded over); 1 where a half has no area.
    """
    spokes = quads[:, 1:] - quads[:, :1]
    halves = cross(spokes[:, :2].reshape(-1, 3), spokes[:, 1:].reshape(-1, 3)).reshape(-1, 2, 3)
    lengths = np.sqrt(np.einsum("kij,kij->ki", halves, halves)).prod(axis=1)
    aligned = np.einsum("kj,kj->k", halves[:, 0], halves[:, 1])
    bend: Reals = 1.0 - np.divide(aligned, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return bend


def _is_right_fan(corners: Reals) -> Flags:
    """Which of the polygons, (k, n, 3), a fan from the first corner covers exactly."""
    spokes = corners[:, 1:] - corners[:, :1]
    areas = cross(spokes[:, :-1].reshape(-1, 3), spokes[:, 1:].reshape(-1, 3))
    areas = areas.reshape(len(corners), -1, 3)
    total = areas.sum(axis=1)
    shares = np.einsum("kij,kj->ki", areas, total)
    whole = np.einsum("kj,kj->k", total, total)
    right: Flags = (shares >= -_NOISE * whole[:, np.newaxis]).all(axis=1)
    return right


def _in_plane(corners: Reals) -> Iterator[list[Place]]:
    """Outlines, (k, n, 3), each seen along the axis of its largest area, counter-clockwise."""
    spokes = corners[:, 1:] - corners[:, :1]
    areas = cross(spokes[:, :-1].reshape(-1, 3), spokes[:, 1:].reshape(-1, 3))
    areas = areas.reshape(len(corners), -1, 3).sum(axis=1)
    for outline, area in zip(corners, areas.tolist(), strict=True):
        axis = max(range(3), key=lambda axis: abs(area[axis]))
        across, up = (axis + 1) % 3, (axis + 2) % 3
        if area[axis] < 0:
            across, up = up, across
        yield list(zip(outline[:, across].tolist(), outline[:, up].tolist(), strict=True))
