"""Finds pins, holes and pieces that are smaller than a nozzle can form.

Pins and holes are outlines of a section that are small in x and y and have steep walls. Without
steep walls it may be the tip of a cone or of a drilled hole, which any part may have. The largest
number of such outlines at one height counts, so a long pin is one pin.

Cost: as `components` in segments; each kind compares at most `MAX_LOOKED_THROUGH` of them with
places in a section.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing_fdm.mesh.bodies import Pieces
from pricing_fdm.mesh.components import components, consecutive
from pricing_fdm.mesh.shape.sections import Section
from pricing_fdm.mesh.triangles import Flags, Ints, Reals
from pricing_fdm.model import QuoteWarning

LINES_OF_A_PIN = 2
"""Least width of a pin in lines; guides ask for at least twice the nozzle."""

HOLE_MM = 1.0
"""Holes are printed some tenths of a mm too narrow, so smaller ones close; guides ask for 2 mm."""

PIECE_MM = 2.0
"""The usual "minimum feature" of guides, for pieces that stand apart."""

NEGLIGIBLE_MM = 0.1
"""Smaller outlines are flaws of the mesh, which a slicer drops."""

MAX_LOOKED_AT = 64
MAX_LOOKED_THROUGH = 2_000_000
"""Limits of the work per section: small outlines checked, and outlines times segments."""

_MAX_LEAN = math.sin(math.radians(15.0))
"""The walls of a pin or a hole lean at most 15 degrees from the vertical."""


class SmallFeatures:
    """Collects small pins, holes and pieces, section by section."""

    def __init__(self, line_width_mm: float) -> None:
        self._pins = _Kind("pins", LINES_OF_A_PIN * line_width_mm)
        self._holes = _Kind("holes", HOLE_MM)
        self._pieces = _Kind("pieces", PIECE_MM)

    def look(self, section: Section) -> None:
        """Adds one section."""
        outlines = outlines_of(section)
        features = (outlines.leans <= _MAX_LEAN) & (outlines.sizes_mm >= NEGLIGIBLE_MM)
        around_material = outlines.areas_mm2 > 0
        self._pins.look(section, outlines, features & around_material, enclosed=1)
        self._holes.look(section, outlines, features & ~around_material, enclosed=0)

    def look_at_pieces(self, pieces: Pieces) -> None:
        """Adds the sizes of the pieces."""
        self._pieces.note((pieces.highest - pieces.lowest).max(axis=1))

    def warnings(self) -> Iterator[QuoteWarning]:
        """At most one."""
        found = [kind for kind in (self._pins, self._holes, self._pieces) if kind.most]
        if not found:
            return
        yield QuoteWarning(
            "small_features",
            f"Details smaller than the nozzle forms: {'; '.join(map(str, found))}. Such pins and "
            "pieces break off or are left out, such holes close. Make them larger, or drill the "
            "holes afterwards.",
            {name: figure for kind in found for name, figure in kind.figures().items()},
        )


class _Kind:
    """Features of one kind that are smaller than a limit."""

    def __init__(self, name: str, limit_mm: float) -> None:
        self._name = name
        self._limit_mm = limit_mm
        self._smallest_mm = math.inf
        self.most = 0

    def look(self, section: Section, outlines: Outlines, which: Flags, *, enclosed: int) -> None:
        """Counts outlines whose middle is enclosed that often; others belong to other bodies."""
        small = np.flatnonzero(which & (outlines.sizes_mm < self._limit_mm))
        small = small[: min(MAX_LOOKED_AT, MAX_LOOKED_THROUGH // len(section.starts))]
        real = small[windings_at(section, outlines.centres[small]) == enclosed]
        self.note(outlines.sizes_mm[real])

    def note(self, sizes_mm: Reals) -> None:
        """Counts the sizes below the limit."""
        small = sizes_mm[sizes_mm < self._limit_mm]
        self.most = max(self.most, len(small))
        self._smallest_mm = min(self._smallest_mm, float(small.min(initial=math.inf)))

    def figures(self) -> dict[str, float]:
        """How many, and the smallest."""
        return {
            self._name: self.most,
            f"smallest_{self._name}_mm": round(self._smallest_mm, 2),
        }

    def __str__(self) -> str:
        return (
            f"{self._name} below {self._limit_mm:.2f} mm: at least {self.most:,}, the smallest "
            f"{self._smallest_mm:.2f} mm"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """The closed outlines of a section, one entry for each.

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
    """Joins the segments of a section to outlines; outlines that share a point are one."""
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
