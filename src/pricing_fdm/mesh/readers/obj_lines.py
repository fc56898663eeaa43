r"""Cuts an OBJ into its logical lines, a quarter of a megabyte at a time.

A backslash before the line end joins two lines. A comment ends with its own line, also when that
ends in a backslash (`# C:\parts\`): joined, it would swallow the next vertex and shift the number
of every later one.

Cost: O(n) in bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from pricing_fdm.errors import ModelInvalid

PIECE_BYTES = 256 * 1024
"""Read at a time."""

MAX_LINE_BYTES = 64 * 1024
"""Of a logical line: a polygon of ten thousand corners, or a comment without end."""

BOM = b"\xef\xbb\xbf"
PADDING = b"\0\x1a \t\r\n"
"""What editors and old systems leave behind the end of a text."""

_COMMENT = re.compile(rb"#[^\n]*")


def logical_lines(file: BinaryIO) -> Iterator[list[bytes]]:
    """The lines of each piece, joined where continued, without comments, line ends and empty lines.

    Raises:
        ModelInvalid: A line is longer than `MAX_LINE_BYTES`.
    """
    if file.read(len(BOM)) != BOM:
        file.seek(0)
    rest = b""
    while piece := _read_on(file):
        whole, end, rest = (rest + piece).rpartition(b"\n")
        whole = _COMMENT.sub(b"", whole + end).replace(b"\\\n", b" ")
        whole, _, begun = whole.rpartition(b"\n")
        rest = begun + rest
        lines = [line for line in whole.split(b"\n") if line]
        if max([len(rest), *map(len, lines)]) > MAX_LINE_BYTES:
            raise ModelInvalid(
                f"A line of the OBJ is longer than {MAX_LINE_BYTES:,} bytes. Export the part "
                "again, with triangles as faces."
            )
        yield lines
    yield [_COMMENT.sub(b"", rest).rstrip(PADDING)]


def _read_on(file: BinaryIO) -> bytes:
    """The next piece with lines that end in LF; a CR and its LF come together."""
    piece = file.read(PIECE_BYTES)
    if piece.endswith(b"\r"):
        piece += file.read(1)
    return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
