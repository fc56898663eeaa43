"""Opens a ZIP archive of a stranger's, such as a 3MF, and yields the bytes of single parts.

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
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, TypeAlias

Refuse: TypeAlias = Callable[[str, str], Exception]
"""Makes the error of a refusal: what the archive does wrong, from the verb on; how to mend it."""

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
_LEAST_FILE_BYTES = 84
_ENCRYPTED = 0x1
_RESEND = "Send the whole file, or export it again."
_AGAIN = "Export it again."

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What `zipfile` raises on broken archives: its own error and those of the functions below it (bad
deflate data, cut structures, offsets outside the file, names that are no text, unknown methods and
versions)."""


class ZipArchive:
    """The parts of one archive, by name.

    Args:
        file: The archive.
        spend: Is charged for every byte that is unpacked.
        refuse: Makes the errors.

    Raises:
        Exception: What `refuse` makes: the archive is damaged, or its parts overlap.
    """

    def __init__(self, file: BinaryIO, spend: Callable[[int], None], refuse: Refuse) -> None:
        self._refuse = refuse
        with self._breakage():
            self._archive = zipfile.ZipFile(SmallReads(file))
        self._spend = spend
        entries = self._archive.infolist()
        self._require_apart(entries)
        self._require_alone(entries, file)
        self._entries: dict[str, list[zipfile.ZipInfo]] = {}
        for entry in entries:
            self._entries.setdefault(part_key(entry.orig_filename), []).append(entry)

    def has(self, name: str) -> bool:
        """Whether there is a part of that name."""
        return part_key(name) in self._entries

    def names(self) -> Collection[str]:
        """The names of all parts, in lower case."""
        return self._entries.keys()

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yields the bytes of the part `name`.

        Raises:
            Exception: There is no such part, or more than one, or it is damaged, dishonest or
                too large; possibly only after some chunks, so use none of them before the end.
        """
        entry = self._checked(name)
        count = 0
        with self._breakage():
            stream = self._archive.open(entry)
        with stream:
            while chunk := self._read(stream):
                count += len(chunk)
                self._spend(len(chunk))
                yield chunk
        # More bytes than declared never come: `zipfile` stops there, and the CRC shows the lie.
        if count != entry.file_size:
            raise self._refuse("is damaged: a part is shorter than the archive says", _RESEND)

    def _read(self, stream: IO[bytes]) -> bytes:
        # Alone, since the errors of the caller may be of a kind that `zipfile` raises, too.
        with self._breakage():
            return stream.read(CHUNK_BYTES)

    def _checked(self, name: str) -> zipfile.ZipInfo:
        found = self._entries.get(part_key(name), [])
        if not found:
            raise self._refuse("refers to a part that is not in it", _AGAIN)
        if len(found) > 1:
            raise self._refuse("holds two parts of the same name", _AGAIN)
        entry = found[0]
        if entry.flag_bits & _ENCRYPTED:
            raise self._refuse("is encrypted", "Save it without a password.")
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise self._refuse("is compressed in a way that is not read", _AGAIN)
        if entry.file_size > max(HARMLESS_BYTES, MAX_RATIO * entry.compress_size):
            clause = f"holds a part that unpacks to more than {MAX_RATIO} times its size"
            raise self._refuse(clause, _AGAIN)
        return entry

    def _require_apart(self, entries: list[zipfile.ZipInfo]) -> None:
        in_order = sorted(entries, key=lambda entry: entry.header_offset)
        for entry, following in itertools.pairwise(in_order):
            least_end = entry.header_offset + _LOCAL_HEADER_BYTES + entry.compress_size
            if least_end > following.header_offset:
                raise self._refuse("is damaged: its parts overlap", _RESEND)

    def _require_alone(self, entries: list[zipfile.ZipInfo], file: BinaryIO) -> None:
        """Refuses a second file before or behind the archive: `zipfile` would read one of them."""
        before = min((entry.header_offset for entry in entries), default=0)
        file.seek(-min(file.seek(0, os.SEEK_END), _MAX_END_BYTES), os.SEEK_END)
        _, _, end = file.read().rpartition(_END)
        comment_bytes = int.from_bytes(end[16:18], "little")
        behind = end[18 + comment_bytes :].strip(b"\0\x1a \r\n")
        if before or len(behind) >= _LEAST_FILE_BYTES:
            raise self._refuse(
                "is not alone: the file goes on before or behind it", "Send one file alone."
            )

    @contextmanager
    def _breakage(self) -> Iterator[None]:
        try:
            yield
        except _DirectoryTooLargeError as error:
            raise self._refuse("holds more parts than we read", _AGAIN) from error
        except BROKEN as error:
            raise self._refuse("is damaged: it is no complete ZIP archive", _RESEND) from error


def part_key(name: str) -> str:
    """The name of a part as it is looked up."""
    # Part names are equal without regard to case (OPC 6.3.5); some programs write backslashes.
    return name.replace("\\", "/").lower()


class _DirectoryTooLargeError(zipfile.BadZipFile):
    """It would take much memory to read."""


class SmallReads:
    """A file that refuses large reads.

    `zipfile` reads the whole directory in one piece, of whatever size the archive claims.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek = file.seek
        self.seekable = file.seekable
        self.tell = file.tell

    def read(self, size: int = -1, /) -> bytes:
        """Reads; see the class."""
        if size > MAX_DIRECTORY_BYTES:
            raise _DirectoryTooLargeError(f"directory of {size} bytes")
        return self._file.read(size)
