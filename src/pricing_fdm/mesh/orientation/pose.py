"""The ways to lay a part down: for each side, the rotation and the heights that come of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.orientation.candidates import rotation_to_bed
from pricing_fdm.mesh.triangles import CHUNK_TRIANGLES, Points, Reals
from pricing_fdm.model import Rotation


@dataclass(frozen=True, slots=True)
class Posing:
    """A way to lay a part down.

    Attributes:
        rotation: From the part's axes to the printer's.
        lowest_mm: Along the printer's z, after the rotation.
        height_mm: Extent along the printer's z.
    """

    rotation: Rotation
    lowest_mm: float
    height_mm: float


def posings(points: Points, undersides: list[Reals]) -> Iterator[Posing]:
    """How the part lies with each of these sides down.

    Args:
        points: All points of the mesh; their heights are exact.
        undersides: Unit vectors in the part's axes.
    """
    downs = np.stack(undersides, axis=1)
    nearest, deepest = np.full(len(undersides), np.inf), np.full(len(undersides), -np.inf)
    for start in range(0, len(points), CHUNK_TRIANGLES):
        depths = points[start : start + CHUNK_TRIANGLES] @ downs
        nearest = np.minimum(nearest, depths.min(axis=0))
        deepest = np.maximum(deepest, depths.max(axis=0))
    for down, near, deep in zip(undersides, nearest, deepest, strict=True):
        yield Posing(rotation_to_bed(down), -float(deep), float(deep - near))
