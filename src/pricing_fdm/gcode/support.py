"""Measures the filament that goes into support, which no slicer states.

Slicers mark in the G-code what the moves that follow print: `;TYPE:Support material`
(PrusaSlicer), `;TYPE:Support interface` (OrcaSlicer), `; FEATURE: Support` (OrcaSlicer and
BambuStudio for a Bambu machine). The filament of a stretch is the sum of the E of its printing
moves: those that push filament while they move in X or Y. Retractions and unretractions do not
count, since they may stand in different stretches. Summed over all stretches, real files come to
the slicer's own `filament used [mm]` within the rounding of their numbers.

After `M83`, as in our profiles, E counts from the last command: only the stretches of support are
parsed, the others are skipped at the speed of memory. After `M82` it counts from the last `G92 E0`,
and the position is followed through all stretches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from pricing_fdm.gcode.reading import line_pieces

SUPPORT = b"Support"
"""How each slicer's names for support, its interface and its transition begin."""

_MARKER = rb"\n(?:;TYPE:|; FEATURE: )"
_ANY_MARKER = re.compile(_MARKER)
_GO_ABSOLUTE, _GO_RELATIVE = b"\nM82", b"\nM83"
# The slicers write the axes in this order: X, Y, Z, I, J, E, F.
_STEP = re.compile(rb"\n(?:M8([23])|G(92|[0-3]) ([^;\nE]*)E(-?[0-9]*\.?[0-9]+))")
# What printing moves lay down while E is relative.
_LAID = re.compile(rb"\nG[0-3] [^;\nEXY]*[XY][^;\nE]*E([0-9]*\.?[0-9]+)")
_RELATIVE, _SET_POSITION = b"3", b"92"
_NOTHING_MM = Decimal(0)
# An unknown position; what is computed from it is unknown too.
_UNKNOWN = Decimal("NaN")


def extruded_mm(chunks: Iterable[bytes], kind: bytes) -> Decimal | None:
    """Sums the filament that the moves of one kind lay down.

    Args:
        chunks: The G-code, cut anywhere.
        kind: How the names of the kind begin, such as `SUPPORT`.

    Returns:
        None where the file marks no moves, or E counts from an unknown position.

    Raises:
        ResultIncomplete: The file is damaged.
    """
    extruder = _Extruder()
    total_mm = _NOTHING_MM
    is_wanted: bool | None = None
    for moves, is_wanted in _stretches(chunks, kind):
        if is_wanted:
            total_mm += extruder.follow(moves)
        else:
            extruder.pass_by(moves)
    return None if is_wanted is None or total_mm.is_nan() else total_mm


def _stretches(chunks: Iterable[bytes], kind: bytes) -> Iterator[tuple[bytes, bool | None]]:
    """Yields moves and whether they are of `kind`; None for those before the first marker."""
    wanted = re.compile(_MARKER + re.escape(kind))
    is_wanted: bool | None = None
    for piece in line_pieces(chunks):
        start = 0
        while border := (wanted if is_wanted is False else _ANY_MARKER).search(piece, start):
            yield piece[start : border.start()], is_wanted
            is_wanted = wanted.match(piece, border.start()) is not None
            start = border.end()
        yield piece[start:], is_wanted


class _Extruder:
    """The position of the filament, as a printer's firmware keeps it from its start."""

    def __init__(self) -> None:
        self.is_relative = False
        self.position_mm = Decimal(0)

    def pass_by(self, moves: bytes) -> None:
        """Follows moves that are not summed, as far as later ones depend on them."""
        *_, last = moves.rpartition(_GO_RELATIVE)
        is_relative = self.is_relative or len(last) < len(moves)
        if is_relative and _GO_ABSOLUTE not in last:
            self.is_relative, self.position_mm = True, _UNKNOWN
        else:
            self.follow(moves)

    def follow(self, moves: bytes) -> Decimal:
        """Returns how much filament the moves lay down."""
        if self.is_relative and _GO_ABSOLUTE not in moves:
            self.position_mm = _UNKNOWN
            laid = b" ".join(_LAID.findall(moves)).decode()
            return sum(map(Decimal, laid.split()), _NOTHING_MM)
        laid_mm = _NOTHING_MM
        for step in _STEP.finditer(moves):
            mode, command, path, number = step.groups()
            if mode:
                self.is_relative = mode == _RELATIVE
            else:
                laid_mm += self._move(command, path, Decimal(number.decode()))
        return laid_mm

    def _move(self, command: bytes, path: bytes, e_mm: Decimal) -> Decimal:
        if command == _SET_POSITION:
            self.position_mm = e_mm
            return _NOTHING_MM
        if self.is_relative:
            pushed_mm, self.position_mm = e_mm, self.position_mm + e_mm
        else:
            pushed_mm, self.position_mm = e_mm - self.position_mm, e_mm
        prints = b"X" in path or b"Y" in path
        # `is_signed`, since an unknown length compares with nothing; it makes the sum unknown.
        return pushed_mm if prints and not pushed_mm.is_signed() else _NOTHING_MM
