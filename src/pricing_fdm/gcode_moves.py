"""What the moves of a G-code take: filament and seconds.

From the code's own coordinates and speeds, without acceleration. Homing, probing and heating take
no figure from the code and are not in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_WORD = re.compile(r"([A-Z])\s*(-?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?![0-9.\w\[{])")
_MOVES = frozenset({"G0", "G1", "G00", "G01", "G2", "G3"})
_AXES = "XYZ"
_SECONDS_PER_MINUTE = 60
_MS_PER_SECOND = 1000


@dataclass(slots=True)
class Moves:
    """What the moves come to.

    Attributes:
        fastest_mm_s: How fast the machine moves each axis at most, where that is known.
        extrudes_relatively: Whether `E` counts from the last command.
        seconds: They take.
        extruded_mm: Of filament, what is drawn back taken off.
        laid_mm: Of filament, by moves that push it while they move in X or Y.
    """

    fastest_mm_s: Mapping[str, float] = field(default_factory=dict)
    extrudes_relatively: bool = False
    seconds: float = 0.0
    extruded_mm: float = 0.0
    laid_mm: float = 0.0
    _at: dict[str, float] = field(default_factory=dict)
    _speed_mm_min: float = 0.0
    _is_absolute: bool = True

    def follow(self, line: str) -> None:
        """Takes the next line into account."""
        code, _, _ = line.partition(";")
        command, _, rest = code.strip().upper().partition(" ")
        words = {letter: float(number) for letter, number in _WORD.findall(rest)}
        match command:
            case "G90":
                self._is_absolute, self.extrudes_relatively = True, False
            case "G91":
                self._is_absolute, self.extrudes_relatively = False, True
            case "M82" | "M83":
                self.extrudes_relatively = command == "M83"
            case "G92":
                self._at.update(words)
            case "G28":
                self._at.update(dict.fromkeys(_AXES, 0.0))
            case "G4":
                self.seconds += words.get("S", 0.0) + words.get("P", 0.0) / _MS_PER_SECOND
            case _ if command in _MOVES:
                self._move(words)

    def stand_at(self, words: Mapping[str, float]) -> None:
        """Takes place, position of the filament (`E`) and speed (`F`) from moves left out."""
        self._at.update(words)
        self._speed_mm_min = self._at.pop("F", self._speed_mm_min)

    def _move(self, words: dict[str, float]) -> None:
        self._speed_mm_min = words.get("F", self._speed_mm_min)
        steps = {axis: self._step(axis, words[axis]) for axis in _AXES if axis in words}
        extruded = self._step("E", words["E"]) if "E" in words else 0.0
        self.extruded_mm += extruded
        if extruded > 0 and not steps.keys().isdisjoint("XY"):
            self.laid_mm += extruded
        way_mm = math.hypot(*steps.values()) or abs(extruded)
        if self._speed_mm_min > 0:
            by_speed = way_mm / self._speed_mm_min * _SECONDS_PER_MINUTE
            self.seconds += max(by_speed, self._least_s({**steps, "E": extruded}))

    def _least_s(self, steps: Mapping[str, float]) -> float:
        """What the slowest axis takes, of those whose limit is known."""
        known = steps.keys() & self.fastest_mm_s.keys()
        return max((abs(steps[axis]) / self.fastest_mm_s[axis] for axis in known), default=0.0)

    def _step(self, axis: str, value: float) -> float:
        """How far the axis goes; nothing where it is not known where it stands."""
        is_absolute = not self.extrudes_relatively if axis == "E" else self._is_absolute
        start = self._at.get(axis, 0.0 if axis == "E" else None)
        if not is_absolute:
            self._at[axis] = (start or 0.0) + value
            return value
        self._at[axis] = value
        return 0.0 if start is None else value - start


def start_moves(gcodes: Iterable[str], *, extrudes_relatively: bool) -> Moves:
    """Follows the start G-codes of a machine and a filament.

    Args:
        gcodes: In the order in which they are run.
        extrudes_relatively: What the slicer has set before.
    """
    moves = Moves(extrudes_relatively=extrudes_relatively)
    for gcode in gcodes:
        for line in gcode.splitlines():
            moves.follow(line)
    return moves
