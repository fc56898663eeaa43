"""Cuts a mesh by horizontal planes, as a slicer does.

A point at the height of a plane counts as above it. So a triangle is cut in one segment or not at
all, the outlines of a closed mesh are closed, and no height is special.

Cost: O(n + k log k) for each section, in triangles of the mesh and those that are cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from pricing_fdm.mesh.triangles import (
    COLUMN_TRIANGLES,
    Faces,
    Flags,
    Ints,
    Mesh,
    Reals,
    cross,
    slices,
)
from pricing_fdm.mesh.weld import pair_ids

EVEN_PLANES = 12
"""Planes at even distances."""

LEVEL_PLANES = 12
"""Most planes between levels at which the mesh has points: a short pin stands between two."""

LEVEL_MM = 0.2
"""Points within a layer of each other are on one level."""

MAX_SEGMENTS = 100_000
"""A section with more is skipped; a scan with two million triangles has a tenth of them."""

_OFF_MIDDLE = 0.382
"""Position of a plane in its stretch; not the middle, where parts have their joints."""


Heights: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """The outlines of a part at one height, as directed segments with the material to the left.

    Attributes:
        span_mm: The stretch of height that this section stands for.
        starts: (n, 2), x and y in mm.
        ends: See `starts`.
        normals: (n, 3), outward unit normals of the faces that were cut.
        faces: Numbers of these faces.
        joints: Different points that segments start or end at.
        start_joints: Number of the point that each segment starts at.
        end_joints: See `start_joints`.
    """

    span_mm: float
    starts: Reals
    ends: Reals
    normals: Reals
    faces: npt.NDArray[np.intp]
    joints: int
    start_joints: Ints
    end_joints: Ints


class Knife:
    """Cuts one mesh, which stands on z = 0, at many heights."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._z = np.ascontiguousarray(mesh.points[:, 2])
        self._low, self._high = _reaches(self._z, mesh.faces)
        self.height_mm = float(self._z.max())

    def sections(self) -> Iterator[Section]:
        """Cuts from the bed up, at heights that depend on nothing but the mesh."""
        heights = self._heights()
        borders = np.concatenate([[0.0], (heights[1:] + heights[:-1]) / 2, [self.height_mm]])
        for height, span in zip(heights.tolist(), np.diff(borders).tolist(), strict=True):
            section = self.cut(height, span)
            if section is not None:
                yield section

    def cut(self, height_mm: float, span_mm: float = 0.0) -> Section | None:
        """The section at a height; None where there is nothing, or too much of it."""
        height = _float32_from(height_mm)
        faces = np.flatnonzero((self._low < height) & (self._high >= height))
        if not 0 < len(faces) <= MAX_SEGMENTS:
            return None
        corners = self._mesh.faces[faces]
        below = self._z.take(corners) < height
        # Seen from outside the surface rises where its segment ends and falls where it starts.
        start_high, start_low = _edge_from(corners, ~below & below[:, (1, 2, 0)])
        end_low, end_high = _edge_from(corners, below & ~below[:, (1, 2, 0)])
        joints = pair_ids(
            np.concatenate([start_low, end_low]), np.concatenate([start_high, end_high])
        )
        return Section(
            span_mm=span_mm,
            starts=self._points_at(height_mm, start_low, start_high),
            ends=self._points_at(height_mm, end_low, end_high),
            normals=_unit_normals(self._mesh.points.take(corners, axis=0).astype(np.float64)),
            faces=faces,
            joints=int(joints.max()) + 1,
            start_joints=joints[: len(faces)],
            end_joints=joints[len(faces) :],
        )

    def _heights(self) -> Reals:
        even = (np.arange(EVEN_PLANES) + _OFF_MIDDLE) * (self.height_mm / EVEN_PLANES)
        occupied = np.bincount((self._z / np.float64(LEVEL_MM)).astype(np.int64))
        levels = (np.flatnonzero(occupied) + 0.5) * LEVEL_MM
        between = (levels[1:] + levels[:-1]) / 2
        if len(between) > LEVEL_PLANES:
            chosen = (np.arange(LEVEL_PLANES) + _OFF_MIDDLE) * (len(between) / LEVEL_PLANES)
            between = between[chosen.astype(np.intp)]
        return np.unique(np.concatenate([even, between]))

    def _points_at(self, height_mm: float, low: Ints, high: Ints) -> Reals:
        """Where edges pass a height; from either side of an edge the very same numbers."""
        z_low, z_high = (self._z.take(ends).astype(np.float64) for ends in (low, high))
        share = ((height_mm - z_low) / (z_high - z_low))[:, np.newaxis]
        from_mm, to_mm = (self._mesh.points[ends, :2].astype(np.float64) for ends in (low, high))
        return from_mm + (to_mm - from_mm) * share


def _reaches(z: Heights, faces: Faces) -> tuple[Heights, Heights]:
    """The lowest and the highest corner of each face."""
    low, high = np.empty(len(faces), dtype=np.float32), np.empty(len(faces), dtype=np.float32)
    for part in slices(len(faces), COLUMN_TRIANGLES):
        corners = z.take(faces[part].T.astype(np.intp))
        np.min(corners, axis=0, out=low[part])
        np.max(corners, axis=0, out=high[part])
    return low, high


def _float32_from(height_mm: float) -> np.float32:
    """The first number of float32 from a height on: what lies below one lies below the other."""
    height = np.float32(height_mm)
    # A plain float beside a float32 would be rounded before they are compared.
    return height if float(height) >= height_mm else np.nextafter(height, np.float32(np.inf))


def _edge_from(corners: Ints, chosen: Flags) -> tuple[Ints, Ints]:
    """First and second point of the one edge of each triangle whose first point is chosen."""
    rows, first = np.arange(len(corners)), chosen.argmax(axis=1)
    return corners[rows, first], corners[rows, (first + 1) % 3]


def _unit_normals(corners: Reals) -> Reals:
    normals = cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.sqrt(np.einsum("ij,ij->i", normals, normals))
    lengths[lengths == 0.0] = 1.0
    normals /= lengths[:, np.newaxis]
    return normals
