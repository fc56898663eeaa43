"""Finds the slicer's statements and its settings block in the text of a G-code.

Three layouts are read, as real slicers wrote them:

- footer (OrcaSlicer 2.3.1, PrusaSlicer 2.5.0 and 2.9.2): `; filament used [mm] = 1410.40` after the
  last move, then the settings block;
- Bambu-style header (BambuStudio 2.x): `; model printing time: 3m 31s; total estimated time:
  9m 46s` and `; total filament length [mm] : 673.78` in the first lines, the settings block after
  them;
- OrcaSlicer for a Bambu machine: time and settings at the head, filament at the foot.

The header's `total filament volume [cm^3]` is not read: its number is in mm^3. Of the header's two
times the `total estimated` is taken; it includes the start sequence, as the footer's does.

A line counts only if it begins with the exact label: `filament used [g]` also stands inside
`total filament used [g]`. What is stated twice is kept twice, in the order of the file: what a
difference means depends on the figure, and `metrics` decides it. Time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pricing_fdm.gcode.quantities import same_value


class Figure(StrEnum):
    """What a slicer states; the value is its name in a sentence."""

    PRINT_TIME = "printing time"
    LAYERS = "number of layers"
    LAYERS_AT_END = "number of layers at the end"
    LENGTH_MM = "filament length"
    WEIGHT_G = "filament weight"
    TOTAL_WEIGHT_G = "total filament weight"
    SLOTS_USED = "list of filaments used"


_LABELS = {
    "estimated printing time (normal mode)": Figure.PRINT_TIME,
    "total estimated time": Figure.PRINT_TIME,
    "total layer number": Figure.LAYERS,
    "total layers count": Figure.LAYERS_AT_END,
    "filament used [mm]": Figure.LENGTH_MM,
    "total filament length [mm]": Figure.LENGTH_MM,
    "filament used [g]": Figure.WEIGHT_G,
    "total filament weight [g]": Figure.WEIGHT_G,
    "total filament used [g]": Figure.TOTAL_WEIGHT_G,
    "filament": Figure.SLOTS_USED,
}
_BLOCK_STARTS = frozenset({"; CONFIG_BLOCK_START", "; prusaslicer_config = begin"})
_BLOCK_ENDS = frozenset({"; CONFIG_BLOCK_END", "; prusaslicer_config = end"})
_COMMENT = "; "
_COMMENT_LINE = re.compile(r"\n(;[^\n]*)")
_TWO_TIMES = "; model printing time: "
# The longest real statement (15 filaments) has 150 characters.
_MAX_STATEMENT_CHARS = 2000


@dataclass(frozen=True, slots=True)
class GcodeText:
    """What a G-code says of itself, still as text.

    Attributes:
        figures: All statements found of each figure, in the order of the file.
        config: The settings block; None where it is missing, cut off or there are two. A key that
            stands in it with two values is left out.
    """

    figures: Mapping[Figure, Sequence[str]]
    config: Mapping[str, str] | None


def parse_gcode(pieces: Iterable[str]) -> GcodeText:
    """Reads pieces of whole lines, in the order of the file."""
    figures: dict[Figure, list[str]] = {}
    blocks: list[dict[str, str]] = []
    for piece in pieces:
        statements, piece_blocks = _split(piece)
        blocks += piece_blocks
        for line in statements:
            _note(figures, line)
    return GcodeText(figures, blocks[0] if len(blocks) == 1 else None)


def _split(piece: str) -> tuple[list[str], list[dict[str, str]]]:
    """Separates the comment lines from the complete settings blocks."""
    statements: list[str] = []
    blocks: list[dict[str, str]] = []
    block: list[str] | None = None
    # Nearly all other lines are moves, which are never cut out of the text.
    for comment in _COMMENT_LINE.findall(f"\n{piece}"):
        line = comment.rstrip()
        if line in _BLOCK_STARTS:
            block = []
        elif block is None:
            if line.startswith(_COMMENT):
                statements.append(line)
        elif line in _BLOCK_ENDS:
            blocks.append(_settings(block))
            block = None
        else:
            block.append(line)
    return statements, blocks


def _settings(lines: Iterable[str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    contradictory: set[str] = set()
    for line in lines:
        key, _, value = (part.strip() for part in line.removeprefix(_COMMENT).partition("="))
        if not same_value(settings.setdefault(key, value), value):
            contradictory.add(key)
    return {key: value for key, value in settings.items() if key not in contradictory}


def _note(figures: dict[Figure, list[str]], line: str) -> None:
    if len(line) > _MAX_STATEMENT_CHARS:
        return
    if line.startswith(_TWO_TIMES):
        line = _COMMENT + line.removeprefix(_TWO_TIMES).partition("; ")[2]
    figure, value = _statement(line.removeprefix(_COMMENT))
    if figure is not None:
        figures.setdefault(figure, []).append(value)


def _statement(body: str) -> tuple[Figure | None, str]:
    label, equals, value = body.partition(" = ")
    if not equals:
        label, _, value = body.partition(": ")
    return _LABELS.get(label.rstrip()), value.strip().replace(", ", ",")
