"""Reads ASCII STL, strictly, in pieces of a quarter of a megabyte.

    solid [name] <end of line>
      facet normal x y z  outer loop  vertex x y z (three times)  endloop  endfacet
    endsolid [name] <end of line>

Any white space may stand between words, words may be in upper case, `end solid` may be two, and a
file may hold several solids. An `endsolid` may be missing; at the end of the file only if the
triangles close, which those of a truncated file do not. NULs and Ctrl-Z behind the end are told.

Names are skipped, however long, and so are normals: exporters write `nan` or `-1.#IND` for slivers,
and we compute our own. A piece is split and converted by a few C calls, so memory is bounded and
the interpreter's lock is held for milliseconds only.

Cost: O(n) in bytes; each of at most `MAX_SOLIDS` solids may move a piece in memory.
"""

from __future__ import annotations

import re
from typing import BinaryIO

import numpy as np

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.judgement import require_coordinates, require_count
from pricing_fdm.mesh.readers.obj_lines import PADDING
from pricing_fdm.mesh.readers.trailing import trailing
from pricing_fdm.mesh.triangles import Corners, Reading
from pricing_fdm.mesh.weld import weld

PIECE_BYTES = 256 * 1024
"""Read at a time; also the most that one facet may take up, blanks included."""

MAX_SOLIDS = 10_000
"""A file with more, mostly empty ones, would only cost time."""

_APART = re.compile(rb"\bend[ \t]+(?=(?:solid|facet|loop)\b)")
_NO_TEXT = b"\0\x1a"
_BOM = b"\xef\xbb\xbf"
_FACET = b"facet normal - - - outer loop vertex x y z vertex x y z vertex x y z endloop endfacet"
_TOKENS = len(_FACET.split())
_WORDS = [(place, word) for place, word in enumerate(_FACET.split()) if len(word) > 1]
_COORDINATES = [place for place, word in enumerate(_FACET.split()) if word in b"xyz"]


def claims(head: bytes, _size: int) -> bool:
    """Whether the text begins with `solid`; a NUL early on tells a binary STL of that name."""
    text, nul, _ = head.rstrip(PADDING).removeprefix(_BOM).lower().partition(b"\0")
    words = text.split(maxsplit=1)
    is_certain = not nul or (b"facet" in text and b"vertex" in text)
    return bool(words) and words[0] == b"solid" and is_certain


def read(file: BinaryIO, _size: int, max_triangles: int) -> Reading:
    """Reads the facets of all solids.

    Raises:
        ModelInvalid: Not as the grammar says, cut off, without triangles or with too many.
    """
    text = _Text(file)
    pieces: list[Corners] = []
    count = solids = 0
    while text.enter_solid():
        solids += 1
        if solids > MAX_SOLIDS:
            raise ModelInvalid(f"The ASCII STL holds more than {MAX_SOLIDS:,} solids.")
        while facets := text.take_facets(expect_end=not count):
            if count > max_triangles:
                count += facets.count(b"endfacet")
                continue
            pieces.append(_parse(facets, count))
            count += len(pieces[-1])
    require_count(count, max_triangles)
    corners = np.concatenate(pieces)
    if text.is_unended:
        require_coordinates(corners)
        if survey(weld(corners).faces).open:
            raise _truncated()
    return Reading(corners, (trailing(text.padding_bytes),) if text.padding_bytes else ())


class _Text:
    """The rest of the file, in lower case, with lines that end in LF; read as needed."""

    def __init__(self, file: BinaryIO) -> None:
        self.is_unended = False
        self.padding_bytes = 0
        self._file = file
        self._rest = b""
        self._read_on()
        self._rest = self._rest.removeprefix(_BOM)

    def enter_solid(self) -> bool:
        """Skips `solid` and its name; False at the end of the file."""
        if not self._skip_blanks() or self._skip_padding():
            return False
        while len(self._rest) < len(b"solid") and self._read_on():
            pass
        if not self._rest.startswith(b"solid"):
            raise ModelInvalid(
                "The ASCII STL goes on after `endsolid` with something that is no solid. "
                "Export the part again."
            )
        self._skip_line()
        return True

    def take_facets(self, *, expect_end: bool) -> bytes:
        """The next facets of this solid, whole; empty at its end.

        Args:
            expect_end: The file must not end before an `endsolid`.
        """
        while self._skip_blanks() and self._rest[0] not in _NO_TEXT:
            if self._rest.startswith((b"endsolid", b"solid")):
                self._skip_endsolid()
                return b""
            if end := self._end_of_facets():
                facets, self._rest = self._rest[:end], self._rest[end:]
                return facets
            if len(self._rest) > PIECE_BYTES:
                raise ModelInvalid(
                    "The file begins like an ASCII STL and goes on without any facet. "
                    "Export the part again."
                )
            if not self._read_on():
                break
        if expect_end or not self._skip_padding():
            raise _truncated()
        self.is_unended = True
        return b""

    def _skip_endsolid(self) -> None:
        if self._rest.startswith(b"endsolid"):
            self._skip_line()

    def _skip_padding(self) -> bool:
        """Skips what is left if it is padding; False if it is anything else."""
        padding = 0
        while not self._rest or (self._rest[0] in PADDING and not self._rest.strip(PADDING)):
            padding += len(self._rest) - len(self._rest.translate(None, _NO_TEXT))
            self._rest = b""
            if not self._read_on():
                self.padding_bytes += padding
                return True
        return False

    def _end_of_facets(self) -> int:
        end = self._rest.find(b"solid")
        if end >= 0:
            return end - len(b"end") if self._rest[:end].endswith(b"end") else end
        before, word, _ = self._rest.rpartition(b"endfacet")
        return len(before) + len(word)

    def _skip_blanks(self) -> bool:
        self._rest = self._rest.lstrip()
        while not self._rest and self._read_on():
            self._rest = self._rest.lstrip()
        return bool(self._rest)

    def _skip_line(self) -> None:
        while (end := self._rest.find(b"\n")) < 0:
            self._rest = b""
            if not self._read_on():
                return
        self._rest = self._rest[end:]

    def _read_on(self) -> bool:
        piece = self._file.read(PIECE_BYTES)
        self._rest += piece.lower().replace(b"\r", b"\n")
        if b"end " in self._rest or b"end\t" in self._rest:
            self._rest = _APART.sub(b"end", self._rest)
        return bool(piece)


def _truncated() -> ModelInvalid:
    return ModelInvalid(
        "The ASCII STL is truncated: it ends before its `endsolid`. Upload the whole file."
    )


def _parse(facets: bytes, before: int) -> Corners:
    """Converts whole facets; `before` counts those of earlier pieces."""
    # float() would take the underscores of Python's own literals.
    tokens = facets.replace(b"_", b"?").split()
    corners = _corners(tokens)
    if corners is None:
        fault = next(
            index
            for index, start in enumerate(range(0, len(tokens), _TOKENS))
            if _corners(tokens[start : start + _TOKENS]) is None
        )
        raise ModelInvalid(
            f"Triangle {before + fault + 1:,} of the ASCII STL is not written as a facet with "
            "three vertices of three numbers. Export the part again."
        )
    return corners


def _corners(tokens: list[bytes]) -> Corners | None:
    """The vertices of whole facets; None where the tokens are something else."""
    facets, over = divmod(len(tokens), _TOKENS)
    if over or any(tokens[place::_TOKENS] != [word] * facets for place, word in _WORDS):
        return None
    numbers = np.empty((facets, len(_COORDINATES)), dtype=np.float64)
    try:
        for column, place in enumerate(_COORDINATES):
            numbers[:, column] = np.fromiter(map(float, tokens[place::_TOKENS]), np.float64, facets)
    except ValueError:
        return None
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32).reshape(-1, 3, 3)
