"""Pins, holes and pieces smaller than what a nozzle forms.

Pins and holes are outlines of a section that are small both ways and have steep walls; where a
cone or the end of a drilled hole runs out, every part has a small outline. Most such outlines at
one height are counted, so a long pin is one pin.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from pricing_fdm.mesh.bodies import Pieces
from pricing_fdm.mesh.shape.outlines import Outlines, outlines_of, windings_at
from pricing_fdm.mesh.shape.sections import Section
from pricing_fdm.mesh.triangles import Flags, Reals
from pricing_fdm.model import QuoteWarning

LINES_OF_A_PIN = 2
"""A pin of fewer lines is a dot on a dot; guides ask for twice the nozzle at the least."""

HOLE_MM = 1.0
"""Holes come out narrower by some tenths of a mm, and these close; guides ask for 2 mm."""

PIECE_MM = 2.0
"""The usual "minimum feature" of guides, asked of what stands on the bed by itself."""

NEGLIGIBLE_MM = 0.1
"""Smaller outlines are faults of a mesh; a slicer drops them."""

MAX_LOOKED_AT = 64
MAX_LOOKED_THROUGH = 2_000_000
"""How many small outlines of a section are looked at, and at how many segments in all."""

_MAX_LEAN = math.sin(math.radians(15.0))
"""The walls of a pin or a hole lean at most 15 degrees from the vertical."""


class SmallFeatures:
    """Small pins, holes and pieces, collected section by section."""

    def __init__(self, line_width_mm: float) -> None:
        self._pins = _Kind("pins", LINES_OF_A_PIN * line_width_mm)
        self._holes = _Kind("holes", HOLE_MM)
        self._pieces = _Kind("pieces", PIECE_MM)

    def look(self, section: Section) -> None:
        """Takes in one section."""
        outlines = outlines_of(section)
        features = (outlines.leans <= _MAX_LEAN) & (outlines.sizes_mm >= NEGLIGIBLE_MM)
        around_material = outlines.areas_mm2 > 0
        self._pins.look(section, outlines, features & around_material, enclosed=1)
        self._holes.look(section, outlines, features & ~around_material, enclosed=0)

    def look_at_pieces(self, pieces: Pieces) -> None:
        """Takes in the sizes of what stands apart."""
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
        )


class _Kind:
    """Features of one kind that are smaller than a limit."""

    def __init__(self, name: str, limit_mm: float) -> None:
        self._name = name
        self._limit_mm = limit_mm
        self._smallest_mm = math.inf
        self.most = 0

    def look(self, section: Section, outlines: Outlines, which: Flags, *, enclosed: int) -> None:
        """Counts outlines whose middle the section encloses that often: no wall of another body."""
        small = np.flatnonzero(which & (outlines.sizes_mm < self._limit_mm))
        small = small[: min(MAX_LOOKED_AT, MAX_LOOKED_THROUGH // len(section.starts))]
        real = small[windings_at(section, outlines.centres[small]) == enclosed]
        self.note(outlines.sizes_mm[real])

    def note(self, sizes_mm: Reals) -> None:
        """Counts those below the limit."""
        small = sizes_mm[sizes_mm < self._limit_mm]
        self.most = max(self.most, len(small))
        self._smallest_mm = min(self._smallest_mm, float(small.min(initial=math.inf)))

    def __str__(self) -> str:
        return (
            f"{self._name} below {self._limit_mm:.2f} mm: at least {self.most:,}, the smallest "
            f"{self._smallest_mm:.2f} mm"
        )
