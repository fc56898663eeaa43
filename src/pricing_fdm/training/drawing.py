"""What generated parts are drawn with: measures at random, and a few solids. Millimetres."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
from manifold3d import Manifold, OpType

SEED = 22


class Draw:
    """Measures drawn at random, the same for the same number."""

    def __init__(self, number: int) -> None:
        self._random = np.random.default_rng((SEED, number))

    def length(self, low: float, high: float) -> float:
        """Evenly distributed in its logarithm."""
        return float(np.exp(self._random.uniform(np.log(low), np.log(high))))

    def share(self, low: float = 0.0, high: float = 1.0) -> float:
        """Evenly distributed."""
        return float(self._random.uniform(low, high))

    def count(self, low: int, high: int) -> int:
        """From `low` to `high`."""
        return int(self._random.integers(low, high + 1))


def block(x: float, y: float, z: float) -> Manifold:
    """With a corner at the origin."""
    return Manifold.cube([x, y, z])


def pin(radius: float, height: float, segments: int = 48) -> Manifold:
    """Upright on the origin."""
    return Manifold.cylinder(height, radius, circular_segments=segments)


def union(solids: Iterable[Manifold]) -> Manifold:
    """All of them as one solid."""
    return Manifold.batch_boolean([*solids], OpType.Add)


def copies(piece: Manifold, places: Iterable[tuple[float, ...]]) -> list[Manifold]:
    """The same piece at several places; those of two measures are on the ground."""
    return [piece.translate([*place, 0.0][:3]) for place in places]


def grid(columns: int, rows: int) -> list[tuple[int, int]]:
    """The numbers of the cells, column by column."""
    return list(itertools.product(range(columns), range(rows)))


def holes(draw: Draw, x: float, y: float, height: float) -> Manifold:
    """A grid of drills through a plate of x times y."""
    across, along = draw.count(1, 4), draw.count(1, 3)
    radius = min(draw.length(1, 6), x / across / 3, y / along / 3)
    drill = pin(radius, height + 2).translate([0, 0, -1])
    cells = grid(across, along)
    places = [(x * (i + 0.5) / across, y * (j + 0.5) / along) for i, j in cells]
    return union(copies(drill, places))


def corners(solid: Manifold) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The lowest and the highest of its box."""
    box = solid.bounding_box()
    return tuple(box[:3]), tuple(box[3:])
