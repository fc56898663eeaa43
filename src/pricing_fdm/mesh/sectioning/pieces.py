"""How many pieces a region of the grid is filled in.

A piece is of lines side by side that are printed without lifting off. It begins with a line that
has none beside it, and where a line has several beside it. Runs of a single place do not count:
they are where the grid does not fit the walls.

Cost: O(g + r log r) in places of the grid and in runs along its lines.
"""

from __future__ import annotations

import numpy as np

from pricing_fdm.mesh.sectioning.cuts import Indices
from pricing_fdm.mesh.triangles import Flags, Reals


def pieces(region: Flags) -> Reals:
    """Of each plane.

    Args:
        region: (planes, lines, places).
    """
    planes, lines, places = region.shape
    # An empty place and an empty line keep lines and planes apart.
    line = places + 1
    padded = np.zeros((planes, lines + 1, line), dtype=np.int8)
    padded[:, :-1, :-1] = region
    change = np.diff(padded.ravel(), prepend=np.int8(0))
    starts, ends = np.flatnonzero(change > 0), np.flatnonzero(change < 0)
    long = ends - starts > 1
    starts, ends = starts[long], ends[long]
    begun = (_beside(starts, ends, -line) == 0) + np.maximum(_beside(starts, ends, line) - 1, 0)
    plane = starts // ((lines + 1) * line)
    return np.bincount(plane, weights=begun, minlength=planes).astype(np.float64)


def _beside(starts: Indices, ends: Indices, by: int) -> Indices:
    """How many runs each one touches when it is moved."""
    return np.searchsorted(starts, ends + by) - np.searchsorted(ends, starts + by, side="right")
