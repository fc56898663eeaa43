"""Outlines to pack, and how far two of them lie apart, without the packing's own code."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pricing_fdm.model import Outline, Placement

Corners = npt.NDArray[np.float64]


def rectangle(x_mm: float, y_mm: float, left: float = 0.0, front: float = 0.0) -> Outline:
    """Along the axes."""
    right, back = left + x_mm, front + y_mm
    return (left, front), (right, front), (right, back), (left, back)


def ellipse(x_mm: float, y_mm: float, corners: int, centre: tuple[float, float]) -> Outline:
    """With its half axes along the axes of the bed."""
    angles = [math.tau * number / corners for number in range(corners)]
    return tuple(
        (centre[0] + x_mm * math.cos(angle), centre[1] + y_mm * math.sin(angle)) for angle in angles
    )


def placed(outline: Outline, placement: Placement) -> Corners:
    """The corners of a copy on the bed."""
    angle = math.radians(placement.turned_deg)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    corners: Corners = np.array(outline) @ turn.T + (placement.x_mm, placement.y_mm)
    return corners


def distance_mm(one: Corners, other: Corners) -> float:
    """Between two convex polygons; negative if they overlap, by how deep.

    The difference of all their corners spans their Minkowski difference; its distance from the
    origin is found along the normals of both and along the ways from corner to corner.
    """
    return max(
        float((other @ axis).min() - (one @ axis).max())
        for axis in (*_normals(one), *-_normals(other), *_ways(one, other))
    )


def away_mm(points: Corners, polygon: Corners) -> Corners:
    """How far each point, (n, 2), is from a convex polygon; 0 inside."""
    sides = np.roll(polygon, -1, axis=0) - polygon
    ways = points[:, np.newaxis] - polygon
    share = np.einsum("nki,ki->nk", ways, sides) / np.einsum("ki,ki->k", sides, sides)
    to_sides = ways - np.clip(share, 0, 1)[:, :, np.newaxis] * sides
    outside = np.einsum("nki,ki->nk", ways, _normals(polygon)).max(axis=1) > 0
    away: Corners = np.linalg.norm(to_sides, axis=2).min(axis=1) * outside
    return away


def _normals(corners: Corners) -> Corners:
    sides = np.roll(corners, -1, axis=0) - corners
    normals = np.stack([sides[:, 1], -sides[:, 0]]).T
    unit: Corners = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    return unit


def _ways(one: Corners, other: Corners) -> Iterator[Corners]:
    ways = (other[np.newaxis] - one[:, np.newaxis]).reshape(-1, 2)
    lengths = np.linalg.norm(ways, axis=1)
    nearest = lengths.argmin()
    if lengths[nearest] > 0:
        yield ways[nearest] / lengths[nearest]
