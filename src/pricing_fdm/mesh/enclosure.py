"""Finds which bodies enclose which others, by rays from points within them.

A ray from a point leaves every body that encloses the point once more often than it enters it.
Both triangles at an edge see the very same crossing of it, so no ray slips through between them,
wherever it hits. A box that encloses a point says nothing: a peg beside an L stands in its box.

Cost: O(n log k + c) in faces, asked points and the pairs of both that lie above each other along
the best of three axes. There are at most `MAX_PAIRS`, and at most `MAX_ASKED` bodies are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import (
    Faces,
    Ints,
    Mesh,
    Reals,
    area_columns,
    dot_columns,
    slices,
)

MAX_ASKED = 1_000
MAX_PAIRS = 30_000_000
"""With more than either of these nothing is found out; it would take seconds."""

SAMPLES = 3
"""Points within each body: it may lie half in another and half beside it."""

DEPTH_SHARE = 1e-3
"""How deep these lie under its faces, as a share of its mean thickness: it may touch others."""

_CHUNK_PAIRS = 1_000_000
_FLOAT32_STEPS = 8 * float(np.finfo(np.float32).eps)

Enclosing = dict[int, list[list[int]]]
"""For each body asked for: for each point within it, the other bodies that enclose this point."""


def enclosing(
    mesh: Mesh, body_of_face: Ints, volumes: Reals, asked: npt.NDArray[np.intp]
) -> Enclosing | None:
    """Which bodies enclose those asked for; None if it would take too long to say.

    Args:
        mesh: Closed.
        body_of_face: Number of the body that each face belongs to.
        volumes: Of each body, negative where it is wound inside out.
        asked: Numbers of bodies.
    """
    if len(asked) > MAX_ASKED:
        return None
    places = _places_within(mesh, body_of_face, volumes, asked)
    found = enclosed_places(mesh, body_of_face, places.reshape(-1, 3), len(volumes))
    if found is None:
        return None
    result: Enclosing = {body: [[] for _ in range(SAMPLES)] for body in asked.tolist()}
    bodies = asked.tolist()
    for place, other in zip(*(each.tolist() for each in found), strict=True):
        body = bodies[place // SAMPLES]
        if other != body:
            result[body][place % SAMPLES].append(other)
    return result


def _places_within(
    mesh: Mesh, body_of_face: Ints, volumes: Reals, asked: npt.NDArray[np.intp]
) -> Reals:
    """Points just under some of the larger faces of each body, (bodies, samples, 3)."""
    rank = np.full(len(volumes), -1, dtype=np.intp)
    rank[asked] = np.arange(len(asked))
    rows = np.flatnonzero(rank[body_of_face] >= 0)
    corners = mesh.points.T.take(mesh.faces[rows].T, axis=1).astype(np.float64)
    normals = area_columns(corners)
    sizes = np.sqrt(dot_columns(normals, normals))
    owners = rank[body_of_face[rows]]
    order = np.lexsort((-sizes, owners))
    counts = np.bincount(owners, minlength=len(asked))
    firsts = np.cumsum(counts) - counts
    # Of the larger half, since a sliver's direction is mostly rounding.
    shares = np.linspace(0.0, 0.5, SAMPLES)
    chosen = order[firsts[:, np.newaxis] + (counts[:, np.newaxis] * shares).astype(np.intp)]
    areas = np.bincount(owners, weights=sizes, minlength=len(asked)) / 2
    thick_mm = 2 * np.abs(volumes[asked]) / np.where(areas > 0.0, areas, 1.0)
    reach_mm = float(np.abs(corners).max(initial=0.0))
    depth_mm = np.maximum(DEPTH_SHARE * thick_mm, _FLOAT32_STEPS * reach_mm)
    inward = -np.sign(volumes[asked]) * depth_mm
    lengths = np.where(sizes[chosen] > 0.0, sizes[chosen], 1.0)
    steps = normals[:, chosen] * (inward[:, np.newaxis] / lengths)
    places: Reals = np.moveaxis(corners[:, :, chosen].mean(axis=1) + steps, 0, -1)
    return places


def enclosed_places(
    mesh: Mesh, body_of_face: Ints, places: Reals, bodies: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]] | None:
    """Pairs of a place and a body that encloses it; None if there is too much to look at."""
    rays = [_Rays(mesh, places, axis) for axis in range(3)]
    best = min(rays, key=lambda each: each.pairs)
    if best.pairs > MAX_PAIRS:
        return None
    keys, steps = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for face, place, step in best.crossings():
        keys.append(place.astype(np.int64) * bodies + body_of_face[face])
        steps.append(step.astype(np.int64))
    different, numbers = np.unique(np.concatenate(keys), return_inverse=True)
    windings = np.bincount(numbers, weights=np.concatenate(steps), minlength=len(different))
    enclosed = different[np.rint(windings) != 0]
    return enclosed // bodies, enclosed % bodies


class _Rays:
    """Rays from all places along the last of three axes; candidates are found along the first.

    Attributes:
        pairs: Faces and places whose extents along the first axis meet.
    """

    def __init__(self, mesh: Mesh, places: Reals, first_axis: int) -> None:
        self._axes = [(first_axis + step) % 3 for step in range(3)]
        self._faces = mesh.faces
        self._points = mesh.points
        self._order = np.argsort(places[:, first_axis], kind="stable")
        self._places = places[self._order][:, self._axes]
        self._from, self._counts = self._candidates()
        self.pairs = int(self._counts.sum())

    def crossings(
        self,
    ) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
        """Faces, the places whose rays cross them, and 1 where a ray leaves there, else -1."""
        some = np.flatnonzero(self._counts)
        ends = np.cumsum(self._counts[some])
        cuts = np.searchsorted(ends, np.arange(_CHUNK_PAIRS, self.pairs, _CHUNK_PAIRS))
        for faces in np.split(some, np.unique(cuts)):
            counts = self._counts[faces]
            face = np.repeat(faces, counts)
            firsts = np.cumsum(counts) - counts
            place = np.arange(len(face)) - np.repeat(firsts - self._from[faces], counts)
            yield self._crossed(face, place)

    def _candidates(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """For each face the first of the sorted places that it may meet, and how many."""
        along = self._places[:, 0].copy()
        column = np.ascontiguousarray(self._points[:, self._axes[0]]).astype(np.float64)
        begin = np.empty(len(self._faces), dtype=np.intp)
        count = np.empty(len(self._faces), dtype=np.intp)
        for part in slices(len(self._faces)):
            corners = column.take(self._faces[part].T)
            begin[part] = np.searchsorted(along, corners.min(axis=0))
            count[part] = np.searchsorted(along, corners.max(axis=0), side="right") - begin[part]
        return begin, count

    def _crossed(
        self, face: npt.NDArray[np.intp], place: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Those of some pairs in which the ray crosses the face."""
        at = self._places
        for axis in (1, 2):
            column = self._points[:, self._axes[axis]]
            corners = column.take(self._faces[face].T)
            meets = corners.max(axis=0) >= at[place, axis]
            if axis == 1:
                meets &= corners.min(axis=0) <= at[place, axis]
            face, place = face[meets], place[meets]
        corners = self._points.T[self._axes].take(self._faces[face].T, axis=1)
        exact: Reals = corners.astype(np.float64)
        turn = _turn_around(self._faces[face], exact, at[place, 0], at[place, 1])
        normal = area_columns(exact)
        # Below the face's plane, as seen along the ray.
        below = (normal * (at[place].T - exact[:, 0])).sum(axis=0) * np.sign(normal[2]) < 0.0
        hit = below & (turn != 0)
        return face[hit], self._order[place[hit]], turn[hit]


def _turn_around(faces: Faces, corners: Reals, x: Reals, y: Reals) -> npt.NDArray[np.intp]:
    """How often each triangle, seen along the ray, runs around a place: 1, 0 or -1."""
    turn = np.zeros(len(faces), dtype=np.intp)
    for corner in range(3):
        following = (corner + 1) % 3
        tails, heads = faces[:, corner], faces[:, following]
        # From the lower point on, whichever way round: so both triangles compute the same numbers.
        swap = tails > heads
        start = np.where(swap, corners[:2, following], corners[:2, corner])
        end = np.where(swap, corners[:2, corner], corners[:2, following])
        below_start, below_end = start[1] <= y, end[1] <= y
        crosses = np.flatnonzero(below_start != below_end)
        share = (y[crosses] - start[1, crosses]) / (end[1, crosses] - start[1, crosses])
        crossed_at = start[0, crosses] + share * (end[0, crosses] - start[0, crosses])
        rises = np.where(below_start[crosses] != swap[crosses], 1, -1)
        turn[crosses] += np.where(crossed_at > x[crosses], rises, 0)
    return turn
