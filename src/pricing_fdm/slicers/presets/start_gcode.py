"""What a start G-code moves and extrudes before the part begins: it is charged with every part.

An estimate from the code's own coordinates and speeds, without acceleration. Homing, probing and
heating take no figure from the code and are not in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_WORD = re.compile(r"([A-Z])\s*(-?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?![0-9.\w\[{])")
_MOVES = frozenset({"G0", "G1", "G00", "G01", "G2", "G3"})
_AXES = "XYZ"
_SECONDS_PER_MINUTE = 60


@dataclass(slots=True)
class StartMoves:
    """What the moves come to.

    Attributes:
        seconds: They take.
        extruded_mm: Of filament, what is drawn back taken off.
    """

    seconds: float = 0.0
    extruded_mm: float = 0.0
    _at: dict[str, float] = field(default_factory=dict)
    _speed_mm_min: float = 0.0
    _extrudes_relatively: bool = False
    _is_absolute: bool = True

    def follow(self, line: str) -> None:
        """Takes the next line into account."""
        code, _, _ = line.partition(";")
        command, _, rest = code.strip().upper().partition(" ")
        words = {letter: float(number) for letter, number in _WORD.findall(rest)}
        match command:
            case "G90":
                self._is_absolute, self._extrudes_relatively = True, False
            case "G91":
                self._is_absolute, self._extrudes_relatively = False, True
            case "M82" | "M83":
                self._extrudes_relatively = command == "M83"
            case "G92":
                self._at.update(words)
            case "G28":
                self._at.update(dict.fromkeys(_AXES, 0.0))
            case _ if command in _MOVES:
                self._move(words)

    def _move(self, words: dict[str, float]) -> None:
        self._speed_mm_min = words.get("F", self._speed_mm_min)
        moved = [self._step(axis, words[axis]) for axis in _AXES if axis in words]
        extruded = self._step("E", words["E"]) if "E" in words else 0.0
        self.extruded_mm += extruded
        way_mm = math.hypot(*moved) or abs(extruded)
        if self._speed_mm_min > 0:
            self.seconds += way_mm / self._speed_mm_min * _SECONDS_PER_MINUTE

    def _step(self, axis: str, value: float) -> float:
        """How far the axis goes; nothing where it is not known where it stands."""
        is_absolute = not self._extrudes_relatively if axis == "E" else self._is_absolute
        start = self._at.get(axis, 0.0 if axis == "E" else None)
        if not is_absolute:
            self._at[axis] = (start or 0.0) + value
            return value
        self._at[axis] = value
        return 0.0 if start is None else value - start


def start_moves(gcodes: Iterable[str], *, extrudes_relatively: bool) -> StartMoves:
    """Follows the start G-codes of a machine and a filament.

    Args:
        gcodes: In the order in which they are run.
        extrudes_relatively: What the slicer has set before.
    """
    moves = StartMoves(_extrudes_relatively=extrudes_relatively)
    for gcode in gcodes:
        for line in gcode.splitlines():
            moves.follow(line)
    return moves
