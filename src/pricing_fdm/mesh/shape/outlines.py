"""The closed outlines of a section, each by itself: how large, how steep, and what is inside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.components import components, consecutive
from pricing_fdm.mesh.shape.sections import Section
from pricing_fdm.mesh.triangles import Ints, Reals


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """One entry for each outline.

    Attributes:
        areas_mm2: Positive around material, negative around a hole.
        sizes_mm: The larger side of the box around each.
        centres: (n, 2), the middle of that box.
        leans: Sine of the angle from the vertical at which the walls lean, mean along the outline.
    """

    areas_mm2: Reals
    sizes_mm: Reals
    centres: Reals
    leans: Reals


def outlines_of(section: Section) -> Outlines:
    """Joins the segments to outlines; outlines that share a point are one."""
    of_joint, _ = consecutive(components(section.joints, section.start_joints, section.end_joints))
    outline = of_joint[section.start_joints]
    starts, ends = section.starts, section.ends
    lengths = np.hypot(ends[:, 0] - starts[:, 0], ends[:, 1] - starts[:, 1])
    twice_areas = starts[:, 0] * ends[:, 1] - starts[:, 1] * ends[:, 0]
    leaning = lengths * np.abs(section.normals[:, 2])

    order = np.argsort(outline, kind="stable")
    firsts = np.flatnonzero(np.diff(outline[order], prepend=-1))
    points = starts[order]
    lowest, highest = np.minimum.reduceat(points, firsts), np.maximum.reduceat(points, firsts)
    around = np.bincount(outline, weights=lengths)
    return Outlines(
        areas_mm2=np.bincount(outline, weights=twice_areas) / 2,
        sizes_mm=(highest - lowest).max(axis=1),
        centres=(lowest + highest) / 2,
        leans=np.bincount(outline, weights=leaning) / np.where(around > 0.0, around, 1.0),
    )


def windings_at(section: Section, places: Reals) -> Ints:
    """How often the outlines enclose each place, (k, 2): 0 is outside of the material."""
    (x_from, y_from), (x_to, y_to) = section.starts.T, section.ends.T
    windings = np.zeros(len(places), dtype=np.int32)
    for number, (x, y) in enumerate(places.tolist()):
        from_above, to_above = y_from >= y, y_to >= y
        # Beyond the place along +x: a segment that rises there has the place to its left.
        crossing = np.flatnonzero(from_above != to_above)
        share = (y - y_from[crossing]) / (y_to[crossing] - y_from[crossing])
        beyond = crossing[x_from[crossing] + (x_to - x_from)[crossing] * share > x]
        windings[number] = 2 * np.count_nonzero(to_above[beyond]) - len(beyond)
    return windings
