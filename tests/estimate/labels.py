"""Labels whose truth is known: a slicer that follows the physics, a third slower."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from pricing_fdm.estimate.features import Sections
from pricing_fdm.estimate.physics import terms
from pricing_fdm.estimate.preset_figures import PresetFigures, section_plan
from pricing_fdm.estimate.rows import Row
from pricing_fdm.mesh.sectioning.measure import measure
from pricing_fdm.mesh.weld import weld
from pricing_fdm.model import Supports
from tests.estimate.test_preset_figures import SETTINGS, bundled
from tests.mesh.shapes import box

HASH = "0123456789abcdef"
SLOWER = 4 / 3


@cache
def part_of(size: tuple[float, float, float], figures: PresetFigures) -> Sections:
    return measure(weld(box(size)), section_plan(figures, Supports.AUTO))


def row_of(family: str, size: tuple[float, float, float], infill: int) -> Row:
    figures = bundled(replace(SETTINGS, infill_percent=infill))
    part = part_of(size, figures)
    found = terms(part, figures)
    filament_g = sum(found.filament_mm3.values()) * figures.density / 1000
    return Row(
        family=family,
        mesh_sha256=f"{size}",
        profile_hash=HASH,
        part=part,
        figures=figures,
        print_time_s=SLOWER * sum(found.time_s.values()),
        filament_g=filament_g,
        support_g=0.0,
    )


@cache
def rows() -> tuple[Row, ...]:
    """Boxes of three families."""
    return tuple(
        row_of(f"family {family}", (20.0 + 5 * family, 15.0 + 4 * width, 5.0 + 6 * height), infill)
        for family in range(3)
        for width in range(2)
        for height in range(2)
        for infill in (20, 60)
    )
