"""Packs copies of parts on as few plates as it can, by their outlines.

Of each part as many full plates are made as its copies fill, all alike. For these, several ways to
fill a plate are tried, and the one that takes the most copies wins. What is left over of several
parts shares plates, larger parts first. Nothing is left to chance: equal orders get equal plates.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from pricing_fdm.model import Bed, Outline, Placement
from pricing_fdm.plates.filling import Filler
from pricing_fdm.plates.polygons import area_mm2

Layout: TypeAlias = tuple[Placement, ...]
"""What lies on one plate."""

_TURNS = ((0,), (90, 270), (0, 90, 180, 270))
"""In which turns copies of one part may lie on one plate."""

_TURNS_SHARED = (0, 90)
"""The same on plates that parts share."""

_STEPS, _STEPS_SHARED = 1_000, 250
"""Of the grid across the bed; coarser where many parts must be tried beside each other."""

_SQUARE, _ROUND = 4, 16
"""Corners of what stands for a circle around a copy: boxes lie closer in rows with the first."""

_TRIES_MAX = 5_000
"""Copies laid on trial for a full plate, by their turns; ways that come later are left out."""


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
        The plates. Of each part the full ones are equal, and for one part all but the last.
    """
    outlines = [outline for outline, _ in parts]
    fillers = [
        Filler(outlines, bed, gap_mm, along_y=along_y, gap_corners=corners, steps=_STEPS)
        for corners in (_SQUARE, _ROUND)
        for along_y in (False, True)
    ]
    plates: list[Layout] = []
    rests: dict[int, int] = {}
    for part, (_, copies) in enumerate(parts):
        plate = _fullest(fillers, part, min(copies + 1, copies_max))
        if len(plate) <= copies:  # it takes no more
            plates += [plate] * (copies // len(plate))
            rests[part] = copies % len(plate)
        else:
            rests[part] = copies
    rests = {part: copies for part, copies in rests.items() if copies}
    if len(rests) == 1:
        return (*plates, *(_fullest(fillers, *rest) for rest in rests.items()))
    shared = Filler(outlines, bed, gap_mm, along_y=False, gap_corners=_ROUND, steps=_STEPS_SHARED)
    return (*plates, *_shared_plates(shared, rests, outlines, copies_max))


def _fullest(fillers: Sequence[Filler], part: int, most: int) -> Layout:
    """The plate that takes the most copies of one part; of equal ones the first."""
    fullest, tries = _alone(part), 0
    for turns, filler in itertools.product(_TURNS, fillers):
        if len(fullest) == most or tries >= _TRIES_MAX:
            break
        plate = filler.filled({part: most}, turns, most)
        tries += len(plate) * len(turns)
        fullest = max(fullest, plate, key=len)
    return fullest


def _shared_plates(
    filler: Filler, rests: Mapping[int, int], outlines: Sequence[Outline], copies_max: int
) -> Iterator[Layout]:
    """Plates for what is left over of several parts, larger ones first."""
    left = dict(sorted(rests.items(), key=lambda rest: area_mm2(outlines[rest[0]]), reverse=True))
    while left:
        plate = filler.filled(left, _TURNS_SHARED, copies_max)
        if len(plate) <= 1:
            plate = _alone(next(iter(left)))
        yield plate
        for placement in plate:
            left[placement.part] -= 1
        left = {part: copies for part, copies in left.items() if copies}


def _alone(part: int) -> Layout:
    """A plate with one copy, where its clean STL has it."""
    return (Placement(part, 0.0, 0.0, 0),)
