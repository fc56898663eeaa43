"""Reads an STL file the way admesh inside OrcaSlicer 2.3.1 and PrusaSlicer does.

The rule a reader must know: nobody looks at the header. A file is binary only when a byte above
127 lies in the 128 bytes that are tested, and a file too short for that test is "empty", whatever
it holds. A valid small or round-numbered binary file is therefore taken for text, and refused.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Point: TypeAlias = tuple[float, float, float]
Triangle: TypeAlias = tuple[Point, Point, Point]

HEADER_BYTES = 84
FACET_BYTES = 50
SMALLEST_BINARY = HEADER_BYTES + 4 * FACET_BYTES
TESTED_BYTES = 128
# The ASCII reader copies the name after "solid" into a buffer of this size without a check.
NAME_BUFFER_BYTES = 255

_FACET = struct.Struct("<12x9f2x")
_WORDS_OF_A_FACET = 21


class UnreadableStl(Exception):
    """The file is refused; the text is what the program logs."""


class NameOverflow(Exception):
    """The name of an ASCII solid overruns the reader's buffer: the real program corrupts memory."""


def read_stl(path: Path, shown_as: str, *, tested_from: int) -> list[Triangle]:
    """All facets of a file, without those that hold a NaN.

    Args:
        path: The file.
        shown_as: How the command line named it; the log repeats that.
        tested_from: Where the tested bytes begin: observed are 134 in OrcaSlicer 2.3.1 (one
            facet after the header) and 84 in PrusaSlicer 2.5.0.

    Raises:
        UnreadableStl: The real program would refuse it.
        NameOverflow: The real program would corrupt its memory.
    """
    data = path.read_bytes()
    tested = data[tested_from : tested_from + TESTED_BYTES]
    if len(tested) < TESTED_BYTES:
        raise UnreadableStl(f"stl_open_count_facets: The input is an empty file: {shown_as}")
    facets = _binary(data, shown_as) if max(tested) > 127 else _ascii(data)
    return [facet for facet in facets if not any(math.isnan(c) for p in facet for c in p)]


def _binary(data: bytes, shown_as: str) -> Iterator[Triangle]:
    if (len(data) - HEADER_BYTES) % FACET_BYTES or len(data) < SMALLEST_BINARY:
        raise UnreadableStl(f"stl_open_count_facets: The file {shown_as} has the wrong size.")
    for ax, ay, az, bx, by, bz, cx, cy, cz in _FACET.iter_unpack(data[HEADER_BYTES:]):
        yield (ax, ay, az), (bx, by, bz), (cx, cy, cz)


def _ascii(data: bytes) -> Iterator[Triangle]:
    first_line, _, body = data.partition(b"\n")
    if not first_line.lstrip().startswith(b"solid"):
        raise _broken_ascii()
    if len(first_line) > NAME_BUFFER_BYTES:
        raise NameOverflow
    words = body.decode("latin-1").split()
    if "endsolid" in words:
        del words[words.index("endsolid") :]
    # A file cut off within a facet is read up to there, without a word.
    whole = len(words) - len(words) % _WORDS_OF_A_FACET
    if not whole:
        raise _broken_ascii()
    for start in range(0, whole, _WORDS_OF_A_FACET):
        yield _ascii_facet(words[start : start + _WORDS_OF_A_FACET])


def _ascii_facet(words: list[str]) -> Triangle:
    keywords = words[0:2] + words[5:7] + [words[7], words[11], words[15]] + words[19:21]
    expected = ["facet", "normal", "outer", "loop"] + ["vertex"] * 3 + ["endloop", "endfacet"]
    if keywords != expected:
        raise _broken_ascii()
    try:
        a, b, c = ([float(word) for word in words[at : at + 3]] for at in (8, 12, 16))
    except ValueError:
        raise _broken_ascii() from None
    return (a[0], a[1], a[2]), (b[0], b[1], b[2]), (c[0], c[1], c[2])


def _broken_ascii() -> UnreadableStl:
    return UnreadableStl("Something is syntactically very wrong with this ASCII STL! ")
