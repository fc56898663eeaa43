"""Packs copies of parts on as few plates as it can, by their outlines.

Of each part as many full plates are made as its copies fill, all alike. What is left over of all
parts shares plates, larger parts first. For each plate several ways to fill it are tried, and the
first that takes the most copies wins. Nothing is left to chance: equal orders get equal plates.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from pricing_fdm.model import Bed, Outline, Placement
from pricing_fdm.plates.filling import Filler
from pricing_fdm.plates.polygons import area_mm2

Layout: TypeAlias = tuple[Placement, ...]
"""What lies on one plate."""

_TURNS = ((0,), (90, 270), (0, 90, 180, 270))
"""In which turns copies may lie on one plate."""


def pack(
    parts: Sequence[tuple[Outline, int]], bed: Bed, gap_mm: float, copies_max: int
) -> tuple[Layout, ...]:
    """Lays out all copies of all parts.

    A copy that is alone on its plate stays where its clean STL has it, in the middle of the bed.

    Args:
        parts: Outline of each, as its clean STL lies, and how many copies.
        bed: Of the printer.
        gap_mm: Between copies.
        copies_max: On one plate.

    Returns:
        The plates. For one part, all are equal but the last.
    """
    outlines = [outline for outline, _ in parts]
    fillers = [
        Filler(outlines, bed, gap_mm, along_y=along_y, gap_corners=corners)
        for corners in (4, 16)
        for along_y in (False, True)
    ]
    plates: list[Layout] = []
    rests: dict[int, int] = {}
    for part, (_, copies) in enumerate(parts):
        full = _fullest(fillers, {part: min(copies, copies_max)}, copies_max)
        # Where all its copies fit, there may be room for others.
        is_full = len(full) < copies or len(full) == copies_max
        plates += [full] * (copies // len(full) if is_full else 0)
        rests[part] = copies % len(full) if is_full else copies
    while rests := {part: copies for part, copies in rests.items() if copies}:
        largest_first = sorted(rests, key=lambda part: area_mm2(outlines[part]), reverse=True)
        plate = _fullest(fillers, {part: rests[part] for part in largest_first}, copies_max)
        for placement in plate:
            rests[placement.part] -= 1
        plates.append(plate)
    return tuple(plates)


def _fullest(fillers: Sequence[Filler], wanted: Mapping[int, int], copies_max: int) -> Layout:
    """The plate that takes the most of the wanted copies."""
    enough = min(sum(wanted.values()), copies_max)
    alone = Placement(next(iter(wanted)), 0.0, 0.0, 0)
    fullest: Layout = (alone,)
    for turns, filler in itertools.product(_TURNS, fillers):
        if len(fullest) == enough:
            break
        fullest = max(fullest, filler.filled(wanted, turns, copies_max), key=len)
    return fullest
