"""Measures how much of a flat patch hangs in the air: the surface that no line carries.

A point is carried near an edge that holds the patch, since a short ledge droops little; between two
such edges that a line can span; and where another body is right beneath it.

Cost: O(p s a) for the `MAX_PATCHES` largest patches with at most `MAX_SAMPLES` points and as many
places along their edges; the others are taken to hang in the same share.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.enclosure import enclosed_places
from pricing_fdm.mesh.overhang.patches import Patches
from pricing_fdm.mesh.triangles import Flags, Ints, Mesh, Reals

LEDGE_MM = 2.0
"""How far a layer may stand out from what holds it, some five lines."""

ARCH_MM = 20.0
"""What the flat top of an arch may span: that of a lying hole of some 35 mm."""

BRIDGE_MM = 60.0
"""What the level lines of a bridge may span, as in the usual tests of printers."""

LEVEL_MM = 0.3
"""A patch within so little height is a bridge, not an arch."""

MAX_PATCHES = 64
MAX_SAMPLES = 256
_SAMPLES_PER_MM = 4
_MIN_SAMPLES = 16

_DIRECTIONS = 24
"""Two edges are opposite when their directions differ by 180 degrees, give or take one of these."""

# Irrational steps that spread evenly in one and in two dimensions (Roberts 2018, R1 and R2).
_STEP = 0.618033988749895
_STEPS = (0.7548776662466927, 0.5698402909980532)


def hanging_mm2(mesh: Mesh, body_of_face: Ints, patches: Patches, layer_height_mm: float) -> float:
    """The area of all patches together that hangs in the air."""
    if not len(patches.faces):
        return 0.0
    areas = np.bincount(patches.patch_of_face, weights=patches.areas_mm2)
    judged_mm2 = hanging = 0.0
    loose = []
    for patch in np.argsort(-areas, kind="stable")[:MAX_PATCHES]:
        if areas[patch] <= 0.0:
            break
        points = _points_of(mesh, patches, patch)
        level = float(np.ptp(points[:, 2])) < LEVEL_MM
        held = _held_places(mesh, patches.held_edges[patches.patch_of_edge == patch])
        free = points[~_carried(points, held, BRIDGE_MM if level else ARCH_MM)]
        loose.append((free, areas[patch] / len(points)))
        judged_mm2 += float(areas[patch])
    places = np.concatenate([free for free, _ in loose])
    weights = np.concatenate([np.full(len(free), mm2) for free, mm2 in loose])
    hanging = float(weights[~on_another_body(mesh, body_of_face, places, layer_height_mm)].sum())
    return hanging * float(areas.sum()) / judged_mm2 if judged_mm2 else 0.0


def on_another_body(mesh: Mesh, body_of_face: Ints, places: Reals, layer_height_mm: float) -> Flags:
    """Which places have a body right beneath them; none where there is only one body."""
    result = np.zeros(len(places), dtype=np.bool_)
    bodies = int(body_of_face.max(initial=0)) + 1
    if bodies > 1 and len(places):
        beneath = places - (0.0, 0.0, layer_height_mm / 2)
        found = enclosed_places(mesh, body_of_face, beneath, bodies)
        if found is not None:
            result[found[0]] = True
    return result


def _points_of(mesh: Mesh, patches: Patches, patch: np.intp) -> Reals:
    """Points spread evenly over a patch, (k, 3)."""
    mine = patches.patch_of_face == patch
    reached = np.cumsum(patches.areas_mm2[mine])
    numbers = np.arange(_count(float(reached[-1])))
    spots = (numbers + (numbers * _STEP) % 1.0) * (reached[-1] / len(numbers))
    rows = np.minimum(np.searchsorted(reached, spots, side="right"), len(reached) - 1)
    first, second, third = (
        mesh.points[mesh.faces[patches.faces[mine][rows], corner]].astype(np.float64)
        for corner in range(3)
    )
    shares = np.remainder(np.outer(numbers + 1, _STEPS), 1.0)
    beyond = shares.sum(axis=1) > 1.0
    shares[beyond] = 1.0 - shares[beyond]
    points: Reals = first + shares[:, :1] * (second - first) + shares[:, 1:] * (third - first)
    return points


def _held_places(mesh: Mesh, edges: npt.NDArray[np.intp]) -> Reals:
    """Places spread evenly along edges, (k, 2): where they lie on the bed."""
    if not len(edges):
        return np.empty((0, 2))
    tails, heads = (mesh.points[edges[:, end], :2].astype(np.float64) for end in (0, 1))
    lengths = np.hypot(*(heads - tails).T) + 1e-9  # upright edges count as a place
    reached = np.cumsum(lengths)
    count = _count(float(reached[-1]))
    spots = (np.arange(count) + 0.5) * (reached[-1] / count)
    rows = np.minimum(np.searchsorted(reached, spots, side="right"), len(edges) - 1)
    shares = 1.0 - (reached[rows] - spots) / lengths[rows]
    places: Reals = tails[rows] + shares[:, np.newaxis] * (heads[rows] - tails[rows])
    return places


def _count(size: float) -> int:
    return int(np.clip(_SAMPLES_PER_MM * size, _MIN_SAMPLES, MAX_SAMPLES))


def _carried(points: Reals, held: Reals, span_mm: float) -> Flags:
    """Which points of a patch are carried by what holds it."""
    if not len(held):
        return np.zeros(len(points), dtype=np.bool_)
    ways = held[np.newaxis] - points[:, np.newaxis, :2]
    lengths = np.hypot(ways[..., 0], ways[..., 1])
    carried: Flags = lengths.min(axis=1) <= LEDGE_MM
    far = np.flatnonzero(~carried)
    carried[far] = _spans(ways[far], lengths[far]) <= span_mm
    return carried


def _spans(ways: Reals, lengths: Reals) -> Reals:
    """The shortest way through each point from a place that holds to one on the opposite side."""
    angles = np.arctan2(ways[..., 1], ways[..., 0]) / (2 * np.pi) % 1.0
    direction = (angles * _DIRECTIONS).astype(np.intp) % _DIRECTIONS
    nearest = np.full((len(ways), _DIRECTIONS), np.inf)
    rows = np.broadcast_to(np.arange(len(ways))[:, np.newaxis], direction.shape)
    np.minimum.at(nearest, (rows, direction), lengths)
    opposite = np.minimum.reduce(
        [np.roll(nearest, _DIRECTIONS // 2 + turn, axis=1) for turn in (-1, 0, 1)]
    )
    shortest: Reals = (nearest + opposite).min(axis=1)
    return shortest
