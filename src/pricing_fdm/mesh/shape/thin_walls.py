"""Finds walls thinner than two extrusion lines, by samples along scan lines.

A wall is where a line enters the material and leaves it through a face that looks the opposite
way. The normals are compared in space, not only within the section: tips of corners and ridges of
roofs are thin on any part and are no walls.

Cost: O(c log c) in the crossings of all scan lines, whose number `scanlines` bounds.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing_fdm.mesh.shape.scanlines import Scan
from pricing_fdm.mesh.shape.sections import Section
from pricing_fdm.mesh.triangles import Flags, Reals
from pricing_fdm.model import QuoteWarning

LINES_OF_A_WALL = 2
"""A wall of one line has no inner line to hold it; design guides ask for two (0.8 mm)."""

TOLERANCE = 0.05
"""Share by which a wall may be thinner, since lines overlap: two of 0.42 mm make 0.80 mm."""

MIN_SHARE = 0.01
MIN_AREA_MM2 = 100.0
"""Thin walls are reported from this share of all walls on, or from this area on."""

MIN_SAMPLES = 12
"""Fewer are taken for chance."""

NEGLIGIBLE_MM = 0.02
"""Anything thinner is two surfaces that lie on each other."""

_OPPOSITE = -np.cos(np.radians(30.0))
"""The normals of a wall's sides are opposite within 30 degrees."""

_FACING = np.cos(np.radians(45.0)) - 1e-6
"""A line measures walls that it meets at 45 degrees or steeper; lines across it do the rest."""

_UPRIGHT = np.cos(np.radians(30.0))
"""A face flatter than 30 degrees from the horizontal is top or bottom, not wall."""

_TYPICAL_THINNEST = 0.05
"""The reported thinnest is the thickness below which this share of the thin surface lies."""


class ThinWalls:
    """Collects the thickness of walls, scan by scan."""

    def __init__(self, line_width_mm: float) -> None:
        self._limit_mm = LINES_OF_A_WALL * line_width_mm
        self._sampled_mm2 = 0.0
        self._thicknesses: list[Reals] = []
        self._areas: list[Reals] = []

    def look(self, section: Section, scan: Scan) -> None:
        """Adds one scan."""
        begins, ends = scan.spans()
        width = scan.at_mm[ends] - scan.at_mm[begins]
        near, far = section.normals[scan.segment[begins]], section.normals[scan.segment[ends]]
        opposite = np.einsum("ij,ij->i", near, far) <= _OPPOSITE
        self._add(scan, near, -near[:, scan.axis], width, opposite)
        self._add(scan, far, far[:, scan.axis], width, opposite)

    def warnings(self) -> Iterator[QuoteWarning]:
        """At most one."""
        thickness = np.concatenate([np.empty(0), *self._thicknesses])
        area = np.concatenate([np.empty(0), *self._areas])
        thin_mm2 = float(area.sum())
        large = thin_mm2 >= min(MIN_AREA_MM2, MIN_SHARE * self._sampled_mm2)
        if len(thickness) < MIN_SAMPLES or not large:
            return
        order = np.argsort(thickness, kind="stable")
        undercut = np.searchsorted(np.cumsum(area[order]), _TYPICAL_THINNEST * thin_mm2)
        thinnest_mm, share = float(thickness[order][undercut]), thin_mm2 / self._sampled_mm2
        yield QuoteWarning(
            "thin_walls",
            f"Walls thinner than two extrusion lines ({self._limit_mm:.2f} mm): about "
            f"{share:.1%} of the walls sampled, the thinnest about "
            f"{thinnest_mm:.2f} mm. They come out as a single weak "
            f"line or not at all. Make them at least {self._limit_mm:.2f} mm thick.",
            {
                "share_of_walls": round(share, 3),
                "thinnest_mm": round(thinnest_mm, 2),
                "limit_mm": round(self._limit_mm, 2),
            },
        )

    def _add(self, scan: Scan, normals: Reals, ahead: Reals, width: Reals, wall: Flags) -> None:
        """Adds one side of all spans; `ahead` is the cosine at which the line meets it."""
        level = np.hypot(normals[:, 0], normals[:, 1])
        level[level == 0.0] = 1.0
        facing = ahead / level
        measured = (facing >= _FACING) & (np.abs(normals[:, 2]) <= _UPRIGHT)
        facing = facing[measured]
        area = scan.cell_mm2 / facing
        self._sampled_mm2 += float(area.sum())
        thickness = width[measured] * facing
        thin = wall[measured] & (thickness < (1 - TOLERANCE) * self._limit_mm)
        thin &= thickness >= NEGLIGIBLE_MM
        self._thicknesses.append(thickness[thin])
        self._areas.append(area[thin])
