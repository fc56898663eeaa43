"""Where parts stand on the bed, and whether they are inside the printable volume.

Arranging takes 1 mm (and the skirt's distance) off each side of the bed and adds 1 mm around the
part, so 246 mm of a 250 mm bed can be used; `--arrange 0` keeps x and y and allows all of it.
A bed is judged by the box around its corners.
"""

from __future__ import annotations

from tests.fakes.geometry import Box, bounds, mapped, moved, turned
from tests.fakes.orca import settings
from tests.fakes.orca.models import Part
from tests.fakes.orca.options import CommandLine
from tests.fakes.orca.report import NOTHING_INSIDE, PARTLY_INSIDE, Crash, Refusal
from tests.fakes.stl import Triangle

_BED_MARGIN_MM = 1.0
_PART_MARGIN_MM = 1.0
_TOLERANCE_MM = 3e-4
_TURNS = (0, 45, 90, 135)
_OUTSIDE = (
    "plate 1: Nothing to be sliced, Either the print is empty or no object is fully inside the"
    " print volume before apply.\n"
)


def placed(parts: list[Part], line: CommandLine, values: settings.Settings) -> list[Part]:
    """Arranges the parts if asked to, and refuses what is not inside the printer.

    Raises:
        Refusal: No part is fully inside (-50), or some are and another is not (-52).
        Crash: The bed has fewer than three corners.
    """
    bed = bed_of(values)
    if line.text("arrange") != "0":
        parts = [_arranged(part, bed, line, values) for part in parts]
    inside = [_inside(part.facets, bed) for part in parts]
    if line.text("orient") == "1" and line.text("arrange") != "1":
        inside = [False for _ in parts]
    if not any(inside):
        raise Refusal(NOTHING_INSIDE, plate=1, log=_OUTSIDE)
    if not all(inside):
        raise Refusal(PARTLY_INSIDE, plate=1)
    return [part._replace(facets=_cut_at_bed(part.facets)) for part in parts]


def bed_of(values: settings.Settings) -> Box:
    """The printable volume."""
    corners = [
        tuple(float(number) for number in corner.split("x")) for corner in values["printable_area"]
    ]
    if len(corners) < 3:
        raise Crash
    xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
    height = settings.number(values, "printable_height")
    return Box((min(xs), min(ys), 0.0), (max(xs), max(ys), height))


def _arranged(part: Part, bed: Box, line: CommandLine, values: settings.Settings) -> Part:
    """Centres the part, turned about z if only so it fits; off the bed if it never does."""
    skirt = settings.number(values, "skirt_loops") > 0
    margin = _BED_MARGIN_MM + _PART_MARGIN_MM
    margin += settings.number(values, "skirt_distance") if skirt else 0.0
    room_x, room_y = bed.size[0] - 2 * margin, bed.size[1] - 2 * margin
    for degrees in _TURNS if line.flag("allow_rotations") else _TURNS[:1]:
        facets = turned(part.facets, 2, degrees) if degrees else part.facets
        box = bounds(facets)
        if box.size[0] <= room_x and box.size[1] <= room_y:
            return part._replace(facets=_to_centre(facets, box, bed, 0.0))
    return part._replace(facets=_to_centre(part.facets, bounds(part.facets), bed, bed.size[0] * 2))


def _to_centre(facets: list[Triangle], box: Box, bed: Box, aside: float) -> list[Triangle]:
    shift = [sum(bed_ends) / 2 - sum(ends) / 2 for bed_ends, ends in _ends(bed, box)]
    return moved(facets, shift[0] + aside, shift[1], 0.0)


def _ends(bed: Box, box: Box) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    return [((bed.low[i], bed.high[i]), (box.low[i], box.high[i])) for i in (0, 1)]


def _inside(facets: list[Triangle], bed: Box) -> bool:
    box = bounds(facets)
    flat = not all(box.size)
    in_plane = all(
        box.low[i] >= bed.low[i] - _TOLERANCE_MM and box.high[i] <= bed.high[i] + _TOLERANCE_MM
        for i in (0, 1)
    )
    return in_plane and not flat and box.high[2] <= bed.high[2] + _TOLERANCE_MM


def _cut_at_bed(facets: list[Triangle]) -> list[Triangle]:
    """What is below the bed is not printed: a rough cut that presses it flat."""
    return mapped(facets, lambda p: (p[0], p[1], max(p[2], 0.0)))
