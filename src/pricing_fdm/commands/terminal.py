"""How the commands write: wrapped to the terminal, coloured where that is wanted.

Output into a pipe or a file is not wrapped and not coloured: each item is one line.
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TextIO

from pricing_fdm.settings.terminal import in_colour

_WIDEST = 100
_NARROWEST = 40
_UNKNOWN_WIDTH = 80
_GAP = "  "
_SHORTEST_NAME = 12


class Style(StrEnum):
    """What a colour means; the value is its code in an escape sequence."""

    STRONG = "1"
    FAINT = "2"
    FAULT = "31"
    GOOD = "32"
    CAUTION = "33"


@dataclass(frozen=True, slots=True)
class Row:
    """A label and what is said of it."""

    label: str
    text: str
    style: Style | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: its cells, or the first of them and a message in place of the others."""

    cells: Sequence[str]
    message: str = ""
    style: Style | None = None


class Terminal:
    """A stream that people read, or that is piped.

    Attributes:
        width: Columns of the terminal; None where there is none.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._coloured = in_colour(stream)
        self.width = min(columns_of(stream), _WIDEST) if stream.isatty() else None

    def say(self, text: str, style: Style | None = None, *, indent: str = "") -> None:
        """Writes a paragraph; the lines that follow its first are indented."""
        for line in self._wrapped(text, indent):
            print(self._painted(line, style), file=self._stream)

    def rows(self, rows: Iterable[Row]) -> None:
        """Writes labels in one column and texts in another; without a label and a text, a gap."""
        known = list(rows)
        indent = max(len(row.label) for row in known) + len(_GAP)
        for row in known:
            first, *others = self._wrapped(f"{row.label:<{indent}}{row.text}", " " * indent)
            label = self._painted(first[:indent].rstrip(), row.style or Style.FAINT)
            padding = " " * (len(first[:indent]) - len(first[:indent].rstrip()))
            style = row.style if row.style is not Style.GOOD else None
            text = first[indent:]
            print(f"{label}{padding}{self._painted(text, style)}".rstrip(), file=self._stream)
            for line in others:
                print(self._painted(line, style), file=self._stream)

    def table(self, head: Sequence[str], lines: Iterable[Line], left: int = 1) -> None:
        """Writes columns below their head; the first is shortened where the width does not do.

        Args:
            head: The name of each column.
            lines: What stands below it.
            left: How many columns are words; the others are figures.
        """
        known = [Line(head, style=Style.FAINT), *lines]
        widths = self._widths([line.cells for line in known])
        for line in known:
            padded = [
                f"{_shortened(cell, width):{'<' if number < left else '>'}{width}}"
                for number, (cell, width) in enumerate(zip(line.cells, widths, strict=False))
            ]
            self.say(_GAP.join([*padded, line.message]).rstrip(), line.style, indent=" " * 4)

    def _widths(self, lines: Sequence[Sequence[str]]) -> list[int]:
        most = max(map(len, lines))
        widths = [
            max(len(cells[number]) for cells in lines if number < len(cells))
            for number in range(most)
        ]
        if self.width is not None:
            spare = self.width - sum(widths) - len(_GAP) * (most - 1)
            widths[0] = min(widths[0], max(widths[0] + spare, _SHORTEST_NAME))
        return widths

    def _wrapped(self, text: str, indent: str) -> list[str]:
        text = _printable(text)
        if self.width is None or len(text) <= self.width:
            return [text]
        return textwrap.wrap(
            text,
            self.width,
            subsequent_indent=indent,
            drop_whitespace=True,
            replace_whitespace=False,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _painted(self, text: str, style: Style | None) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if style and text and self._coloured else text


def to_reader() -> Terminal:
    """Where the answer goes."""
    return Terminal(sys.stdout)


def complain(lines: Iterable[str], head: str = "") -> None:
    """Prints each fault as a paragraph, below a heading."""
    terminal = Terminal(sys.stderr)
    if head:
        print(head, file=sys.stderr)
    before = "  " if head else ""
    for line in lines:
        terminal.say(f"{before}{line}", Style.FAULT, indent=f"{before}  ")


def columns_of(stream: TextIO) -> int:
    """How wide a terminal is; a usual one where it does not tell."""
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return max(_NARROWEST, columns or _UNKNOWN_WIDTH)


def _printable(text: str) -> str:
    """The text without control characters: names of files may hold escape sequences."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _shortened(text: str, width: int) -> str:
    """The beginning and the end of a name that is too long."""
    if len(text) <= width:
        return text
    end = (width - 1) // 2
    return f"{text[: width - 1 - end]}…{text[-end:]}"
