"""Where a plate's G-code lays plastic, and whether its copies keep apart.

Read from the moves themselves, PrusaSlicer's and OrcaSlicer's. What the printer does before its
first layer is left out, and so is a skirt, which belongs to no copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from pricing_fdm.model import Bed, Outline, Placement
from tests.plates.outlines import Corners, away_mm, placed

_WORD = re.compile(r"([XYE])(-?(?:\d+\.?\d*|\.\d+))")
_KIND = re.compile(r"; ?(?:TYPE|FEATURE): ?(.*)")
_OF_NO_COPY = frozenset({"Custom", "Skirt"})
_MOVES = frozenset({"G0", "G1", "G2", "G3"})


def extrusions(gcode: Iterable[str]) -> Corners:
    """Moves that lay plastic for a copy, (n, 2, 2): from where to where, to 0.1 mm, each once."""
    at, relative, kind, moves = {"X": 0.0, "Y": 0.0, "E": 0.0}, False, "Custom", []
    for line in gcode:
        if found := _KIND.match(line):
            kind = found[1].strip()
        command, _, rest = line.partition(";")[0].strip().partition(" ")
        words = {letter: float(number) for letter, number in _WORD.findall(rest)}
        start = dict(at, E=0.0) if relative else dict(at)
        if command in {"M82", "M83"}:
            relative = command == "M83"
        if command in _MOVES or command == "G92":
            at.update(words)
        lays = command in _MOVES and at["E"] > start["E"] and "E" in words
        if lays and words.keys() & {"X", "Y"} and kind not in _OF_NO_COPY:
            moves.append(((start["X"], start["Y"]), (at["X"], at["Y"])))
    return np.unique(np.array(moves, dtype=float).reshape(-1, 4).round(1), axis=0).reshape(-1, 2, 2)


def plate_faults(
    gcode: Iterable[str],
    layout: Sequence[Placement],
    outlines: Sequence[Outline],
    bed: Bed,
    stands_out_mm: float = 0.0,
) -> list[str]:
    """What is wrong with a plate as it was sliced; nothing if its copies keep apart.

    They do if each move stays with one copy. Half the gap of the plate is more than what may
    stand out.

    Args:
        gcode: Its lines.
        layout: As it was packed.
        outlines: Of the parts.
        bed: Of the printer.
        stands_out_mm: How far brim and support may stand out of a copy.
    """
    moves = extrusions(gcode)
    away = np.stack([_farther(moves, placed(outlines[each.part], each)) for each in layout])
    owner, by = away.argmin(axis=0), away.min(axis=0)
    faults = [f"no move of copy {number}" for number in set(range(len(layout))) - {*owner.tolist()}]
    if (by > stands_out_mm).any():
        faults.append(f"{by.max():.2f} mm beside every copy, in {(by > stands_out_mm).sum()} moves")
    if (off := _farther(moves, np.array(bed.outline, dtype=float)).max()) > 0:
        faults.append(f"{off:.2f} mm off the bed")
    faults += [
        "on an excluded area"
        for area in bed.excluded
        if (away_mm(moves.reshape(-1, 2), np.array(area, dtype=float)) == 0).any()
    ]
    return faults


def _farther(moves: Corners, polygon: Corners) -> Corners:
    """How far the farther end of each move is from a polygon."""
    farther: Corners = away_mm(moves.reshape(-1, 2), polygon).reshape(-1, 2).max(axis=1)
    return farther
