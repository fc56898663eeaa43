"""Finds the surface that faces down too flatly to be printed layer upon layer, and what holds it.

A patch is such surface in one piece. It is held along an edge when the surface on the other side
leads down from there: a wall stands below the edge. Where it leads up, the edge is free.

Cost: O(n + k log k) in triangles and flat triangles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.components import components
from pricing_fdm.mesh.sorting import Keys, bits_of, pairs_of
from pricing_fdm.mesh.triangles import Faces, Flags, Ints, Mesh, Reals, area_columns, corner_columns

FLAT_DEGREES = 31.0
"""From the horizontal: `support_threshold_angle` of the bundled presets, and the degree that both
slicers add."""

ON_BED_LAYERS = 1.5
"""What is no higher than this many layers lies on the bed."""

LOWER_MM = 1e-3
"""By how much a point must be lower for the surface to lead down to it."""

_DOWN = -float(np.cos(np.radians(FLAT_DEGREES)))


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """The flat surface of a part, in patches.

    Attributes:
        faces: Numbers of the flat faces.
        areas_mm2: Of each of them.
        patch_of_face: One number per patch, for each of them.
        held_edges: (k, 2), the points of the edges along which patches are held.
        patch_of_edge: For each of these edges.
    """

    faces: npt.NDArray[np.intp]
    areas_mm2: Reals
    patch_of_face: Ints
    held_edges: npt.NDArray[np.intp]
    patch_of_edge: Ints


def flat_patches(mesh: Mesh, layer_height_mm: float) -> Patches:
    """The flat surface above the first layer of a part whose lowest point is on the bed."""
    bed_mm = float(mesh.points[:, 2].min()) + ON_BED_LAYERS * layer_height_mm
    flat, areas_mm2 = _flat_faces(mesh, bed_mm)
    keys, bits = _edge_keys(mesh.faces[flat])
    edges, numbers, uses = np.unique(keys, return_inverse=True, return_counts=True)
    numbers = numbers.ravel()
    face_of_side = np.repeat(np.arange(len(flat)), 3)
    patch_of_face = _united(len(flat), face_of_side, numbers)
    patch_of_edge = np.zeros(len(edges), dtype=np.int32)
    patch_of_edge[numbers] = patch_of_face[face_of_side]
    rim = uses == 1
    held = _held(mesh, flat, edges[rim], bits, bed_mm)
    ends = edges[rim][held]
    mask = np.uint64((1 << bits) - 1)
    return Patches(
        faces=flat,
        areas_mm2=areas_mm2,
        patch_of_face=patch_of_face,
        held_edges=np.stack([ends >> np.uint64(bits), ends & mask], axis=1).astype(np.intp),
        patch_of_edge=patch_of_edge[rim][held],
    )


def _flat_faces(mesh: Mesh, bed_mm: float) -> tuple[npt.NDArray[np.intp], Reals]:
    rows, areas = [np.empty(0, dtype=np.intp)], [np.empty(0)]
    for part, corners in corner_columns(mesh.points, mesh.faces):
        normals = area_columns(corners)
        lengths = np.sqrt(np.einsum("ik,ik->k", normals, normals))
        flat = np.flatnonzero((normals[2] < _DOWN * lengths) & (corners[2].max(axis=0) > bed_mm))
        rows.append(flat + part.start)
        areas.append(lengths[flat] / 2)
    return np.concatenate(rows), np.concatenate(areas)


def _edge_keys(faces: Faces, bits: int | None = None) -> tuple[Keys, int]:
    """The three edges of each face as keys, (n, 3), and the bits of a key's second point."""
    if bits is None:
        bits = bits_of(int(faces.max(initial=0)))
    heads = np.roll(faces, -1, axis=1)
    return pairs_of(np.minimum(faces, heads), np.maximum(faces, heads), bits), bits


def _united(faces: int, face_of_side: npt.NDArray[np.intp], edges: npt.NDArray[np.intp]) -> Ints:
    """Labels faces that hang together by edges."""
    order = np.argsort(edges, kind="stable")
    same = edges[order][1:] == edges[order][:-1]
    sides = face_of_side[order]
    return components(faces, sides[:-1][same], sides[1:][same])


def _held(mesh: Mesh, flat: npt.NDArray[np.intp], rim: Keys, bits: int, bed_mm: float) -> Flags:
    """Along which edges of the rim the other face leads down, or the bed is."""
    held = np.zeros(len(rim), dtype=np.bool_)
    if not len(rim):
        return held
    at_rim = np.zeros(len(mesh.points), dtype=np.bool_)
    at_rim[(rim >> np.uint64(bits)).astype(np.intp)] = True
    at_rim[(rim & np.uint64((1 << bits) - 1)).astype(np.intp)] = True
    others = np.count_nonzero(at_rim[mesh.faces], axis=1) > 1
    others[flat] = False
    faces = mesh.faces[others]
    keys, _ = _edge_keys(faces, bits)
    places = np.minimum(np.searchsorted(rim, keys), len(rim) - 1)
    z_mm = mesh.points[:, 2].astype(np.float64)
    edge_mm = np.minimum(z_mm[faces], z_mm[np.roll(faces, -1, axis=1)])
    opposite_mm = z_mm[np.roll(faces, -2, axis=1)]
    leads_down = (opposite_mm < edge_mm - LOWER_MM) | (edge_mm <= bed_mm)
    held[places[(rim[places] == keys) & leads_down]] = True
    return held
