"""Undoes the Content-Encoding of a body within the caps of a download.

Buckets hold files that were compressed before, and SDKs leave words there that change no byte
(`aws-chunked`, `utf-8`, an empty value). 65 KB of gzip can become 67 MB, so a body is unpacked in
small pieces, which the caller counts, and to no more than `MAX_RATIO` times its size. A body may
consist of several gzip files, as `bgzip` writes one for each 64 KiB; 5 MB can hold 240,000 of them.

Cost: O(n) in bytes unpacked, 64 KiB of them at a time.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

_UNCHANGED = frozenset({"", "identity", "aws-chunked", "utf-8"})
_GZIP = frozenset({"gzip", "x-gzip"})
_DEFLATE = "deflate"

_PIECE_BYTES = 64 * 1024
MAX_RATIO = 200
"""An ASCII STL deflates to 1/5 or 1/20, one of equal cubes to 1/100, blanks to 1/1000."""
HARMLESS_BYTES = 1024 * 1024
"""So much may have any ratio."""
MOST_MEMBERS = 10_000
"""gzip files in one body."""

_GZIP_WINDOW, _ZLIB_WINDOW, _RAW_WINDOW = 31, 15, -15
_GZIP_MARK = b"\x1f\x8b"


class CodingError(ValueError):
    """Another coding than we undo, or a body that is not coded so."""


class Unpacked:
    """A body as it was before it was coded.

    Args:
        headers: The values of Content-Encoding.

    Raises:
        CodingError: A coding that we do not undo, or more than one.
    """

    def __init__(self, headers: Sequence[str]) -> None:
        named = {word.strip().lower() for header in headers for word in header.split(",")}
        coded = named - _UNCHANGED
        if len(coded) > 1 or not coded <= _GZIP | {_DEFLATE}:
            raise CodingError("another coding than gzip or deflate")
        self._is_coded = bool(coded)
        self._is_gzip = not coded.isdisjoint(_GZIP)
        self._head = b""
        self._decoder: zlib._Decompress | None = None
        self._members = 0
        self._received = 0
        self._unpacked = 0

    def take(self, piece: bytes) -> Iterator[bytes]:
        """Yields what a piece of the body unpacks to, little by little.

        Raises:
            CodingError: It is not coded as the header says, or unpacks too far.
        """
        if not self._is_coded:
            yield piece
            return
        self._received += len(piece)
        data = self._head + piece
        self._head = b""
        while data:
            if self._decoder is None or self._decoder.eof:
                if len(data) < len(_GZIP_MARK):
                    self._head = data
                    return
                if self._decoder and not (self._is_gzip and data.startswith(_GZIP_MARK)):
                    return  # padding; other gzip files behind the first belong to the body
                self._members += 1
                if self._members > MOST_MEMBERS:
                    raise CodingError(f"more than {MOST_MEMBERS} gzip files")
                self._decoder = zlib.decompressobj(self._window(data))
            yield from self._decoded(self._decoder, data)
            data = self._decoder.unused_data

    def is_whole(self) -> bool:
        """Whether the body does not end in the middle."""
        return not self._is_coded or (self._decoder is not None and self._decoder.eof)

    def _window(self, data: bytes) -> int:
        if self._is_gzip:
            return _GZIP_WINDOW
        # By the standard it has the head of zlib; some servers send it without.
        has_head = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0
        return _ZLIB_WINDOW if has_head else _RAW_WINDOW

    def _decoded(self, decoder: zlib._Decompress, data: bytes) -> Iterator[bytes]:
        while data and not decoder.eof:
            try:
                made = decoder.decompress(data, _PIECE_BYTES)
            except zlib.error:
                raise CodingError("not what its coding says") from None
            data = decoder.unconsumed_tail
            self._unpacked += len(made)
            if self._unpacked > max(HARMLESS_BYTES, MAX_RATIO * self._received):
                raise CodingError(f"unpacks to more than {MAX_RATIO} times its size")
            if made:
                yield made
