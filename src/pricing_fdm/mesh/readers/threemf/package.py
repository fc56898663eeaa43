"""Opens a 3MF's ZIP archive and yields the bytes of single parts.

The archive is not trusted. Nothing of it is ever written to disk, so names such as `../x` lead
nowhere; they are not even looked up. A ZIP may lie about sizes, hold a gigabyte of blanks in a
megabyte, 100,000 entries, two of one name or two over the same bytes. So the directory is bounded
before it is read, bytes are counted while they are read, and `zipfile` checks the CRC at the end.

Cost: O(n) in bytes; O(e log e) in entries of the directory, whose size is bounded.
"""

from __future__ import annotations

import itertools
import os
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from pricing_fdm.mesh.readers.threemf.budget import Budget, fault

CHUNK_BYTES = 128 * 1024

MAX_RATIO = 200
"""A mesh in XML deflates to 1/5, one of equal cubes to 1/50, blanks to 1/1000."""

HARMLESS_BYTES = 1024 * 1024
"""Parts up to this size may have any ratio."""

MAX_DIRECTORY_BYTES = 256 * 1024
"""Room for more than 2,000 entries; a project of four plates has 40."""

_LOCAL_HEADER_BYTES = 30
_END = b"PK\5\6"
_MAX_END_BYTES = 22 + 0xFFFF
_LEAST_MODEL_BYTES = 84
_ENCRYPTED = 0x1
_RESEND = "Upload the whole file, or export the part again."

# What `zipfile` raises on broken archives: its own error and those of the functions below it (bad
# deflate data, cut structures, offsets outside the file, names that are no text, unknown methods
# and versions).
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class Package:
    """The parts of one archive, by name.

    Args:
        file: The archive.
        budget: Is charged for every byte that is unpacked.

    Raises:
        ModelInvalid: Damaged, or its parts overlap.
    """

    def __init__(self, file: BinaryIO, budget: Budget) -> None:
        with _breakage():
            self._archive = zipfile.ZipFile(_SmallReads(file))
        self._budget = budget
        entries = self._archive.infolist()
        _require_apart(entries)
        _require_alone(entries, file)
        self._entries: dict[str, list[zipfile.ZipInfo]] = {}
        for entry in entries:
            self._entries.setdefault(_key(entry.orig_filename), []).append(entry)

    def has(self, name: str) -> bool:
        """Whether there is a part of that name."""
        return _key(name) in self._entries

    def names(self) -> Collection[str]:
        """The names of all parts, in lower case."""
        return self._entries.keys()

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yields the bytes of the part `name`.

        Raises:
            ModelInvalid: There is no such part, or more than one, or it is damaged, dishonest or
                too large; possibly only after some chunks, so use none of them before the end.
        """
        entry = self._checked(name)
        count = 0
        with _breakage(), self._archive.open(entry) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                count += len(chunk)
                self._budget.spend("bytes", len(chunk))
                yield chunk
        # More bytes than declared never come: `zipfile` stops there, and the CRC shows the lie.
        if count != entry.file_size:
            raise fault("is damaged: a part is shorter than the archive says", _RESEND)

    def _checked(self, name: str) -> zipfile.ZipInfo:
        found = self._entries.get(_key(name), [])
        if not found:
            raise fault("refers to a part that is not in it")
        if len(found) > 1:
            raise fault("holds two parts of the same name")
        entry = found[0]
        if entry.flag_bits & _ENCRYPTED:
            raise fault("is encrypted", "Save it without a password.")
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise fault("is compressed in a way that 3MF does not allow")
        if entry.file_size > max(HARMLESS_BYTES, MAX_RATIO * entry.compress_size):
            raise fault(f"holds a part that unpacks to more than {MAX_RATIO} times its size")
        return entry


def part_name(reference: str) -> str:
    """The name of the part that a reference names, absolute or from the package's root.

    Raises:
        ModelInvalid: It leads out of the package, or nowhere.
    """
    name = reference.removeprefix("/")
    if any(segment in {"", ".", ".."} for segment in name.split("/")):
        raise fault("refers to a part outside of itself")
    return _key(name)


def _key(name: str) -> str:
    # Part names are equal without regard to case (OPC 6.3.5); some programs write backslashes.
    return name.replace("\\", "/").lower()


def _require_apart(entries: list[zipfile.ZipInfo]) -> None:
    in_order = sorted(entries, key=lambda entry: entry.header_offset)
    for entry, following in itertools.pairwise(in_order):
        least_end = entry.header_offset + _LOCAL_HEADER_BYTES + entry.compress_size
        if least_end > following.header_offset:
            raise fault("is damaged: its parts overlap", _RESEND)


def _require_alone(entries: list[zipfile.ZipInfo], file: BinaryIO) -> None:
    """Refuses a second file before or behind the archive: `zipfile` would read one of them."""
    before = min((entry.header_offset for entry in entries), default=0)
    file.seek(-min(file.seek(0, os.SEEK_END), _MAX_END_BYTES), os.SEEK_END)
    _, _, end = file.read().rpartition(_END)
    comment_bytes = int.from_bytes(end[16:18], "little")
    behind = end[18 + comment_bytes :].strip(b"\0\x1a \r\n")
    if before or len(behind) >= _LEAST_MODEL_BYTES:
        raise fault(
            "is not alone: the file goes on before or behind it", "Send one model as one file."
        )


class _SmallReads:
    """A file that refuses large reads.

    `zipfile` reads the whole directory in one piece, of whatever size the archive claims.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek = file.seek
        self.seekable = file.seekable
        self.tell = file.tell

    def read(self, size: int = -1, /) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise fault("holds more parts than we read")
        return self._file.read(size)


@contextmanager
def _breakage() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise fault("is damaged: it is no complete ZIP archive", _RESEND) from error
