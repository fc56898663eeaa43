"""Material along vertical rays: exact heights of tops and bottoms, and the skin below and above.

Cost: as `cuts` and `scans`, and O(g) in places of the grid.
"""

from __future__ import annotations

import numpy as np

from pricing_fdm.mesh.sectioning.cuts import Indices, cut
from pricing_fdm.mesh.sectioning.posed import Posed
from pricing_fdm.mesh.sectioning.scans import Crossings, Spans, covered, crossed, spans
from pricing_fdm.mesh.triangles import Reals

_BEYOND = 1.01


def columns_of(part: Posed) -> Spans:
    """Stretches of material; the sources are triangles, a ray's number is that of v x u."""
    cuts = cut(part.points, part.corners, 1, part.v)
    segment, line, z = crossed(
        part.u, (cuts.starts[0], cuts.ends[0]), (cuts.starts[1], cuts.ends[1])
    )
    face = cuts.face[segment]
    ray = cuts.plane[segment] * part.u.count + line
    return spans(Crossings(ray, z, part.facing[face] < 0, face), part.size_mm[2] * _BEYOND)


def cover(part: Posed, ray: Indices, low: Reals, high: Reals) -> Reals:
    """Share of each place of the grid that disjoint vertical stretches cover, (planes, v, u)."""
    shares = covered(ray, low, high, part.z, part.u.count * part.v.count)
    return shares.reshape(part.z.count, part.v.count, part.u.count)


def material(part: Posed, columns: Spans) -> Reals:
    """Share of each place that is material."""
    return cover(part, columns.ray, columns.low, columns.high)


def skin(part: Posed, columns: Spans, top_mm: float, bottom_mm: float) -> Reals:
    """Share of each place that is solid for being near a top or a bottom."""
    low_end = np.minimum(columns.low + bottom_mm, columns.high)
    high_start = np.maximum(columns.high - top_mm, low_end)
    return cover(
        part,
        np.concatenate([columns.ray, columns.ray]),
        np.concatenate([columns.low, high_start]),
        np.concatenate([low_end, columns.high]),
    )
