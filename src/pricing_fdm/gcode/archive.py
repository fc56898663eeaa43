"""Reads one named member of a 3MF, and nothing else of it.

The archive comes from a slicer that worked on a stranger's geometry, so it is not trusted: a zip
may hold 100,000 entries, two of the same name, overlapping data, a wrong size, or a gigabyte of
zeros in a megabyte. Nothing is written to disk, so names with `../` do no harm. The bytes are
counted, and `zipfile` compares their CRC at the end.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from pricing_fdm.gcode.faults import incomplete
from pricing_fdm.zip_archive import BROKEN, SmallReads

MAX_MEMBER_BYTES = 1024**3
"""Twice the largest G-code seen (518 MB, a 190 mm cube filled with gyroid)."""

MAX_RATIO = 200
"""G-code deflates to a fifth or a tenth, a tall pin whose layers are all alike to a sixtieth; zeros
to a thousandth."""

_CHUNK_BYTES = 128 * 1024
_LOCAL_HEADER_BYTES = 30
_ENCRYPTED = 0x1


def member_chunks(file: BinaryIO, member: str) -> Iterator[bytes]:
    """Yields the bytes of exactly the entry `member`.

    Raises:
        ResultIncomplete: The archive is damaged, or does not hold exactly one such entry; possibly
            only after some chunks, so use none of them before the end.
    """
    try:
        with zipfile.ZipFile(SmallReads(file)) as archive:
            yield from _chunks(archive, _checked_entry(archive, member))
    except BROKEN as error:
        raise incomplete(
            "The slicer's result file is damaged", log_detail=f"{type(error).__name__}: {error}"
        ) from error


def _checked_entry(archive: zipfile.ZipFile, member: str) -> zipfile.ZipInfo:
    found = [entry for entry in archive.infolist() if entry.orig_filename == member]
    if len(found) != 1:
        raise zipfile.BadZipFile(f"{len(found)} entries named {member}")
    entry = found[0]
    if entry.flag_bits & _ENCRYPTED:
        raise zipfile.BadZipFile("encrypted")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise zipfile.BadZipFile(f"compression method {entry.compress_type}")
    if entry.file_size > MAX_MEMBER_BYTES:
        raise zipfile.BadZipFile(f"member of {entry.file_size} bytes")
    if entry.file_size > MAX_RATIO * entry.compress_size:
        raise zipfile.BadZipFile(f"{entry.file_size} bytes out of {entry.compress_size}")
    if any(_overlap(entry, other) for other in archive.infolist() if other is not entry):
        raise zipfile.BadZipFile("overlapping entries")
    return entry


def _overlap(one: zipfile.ZipInfo, other: zipfile.ZipInfo) -> bool:
    return one.header_offset < _least_end(other) and other.header_offset < _least_end(one)


def _least_end(entry: zipfile.ZipInfo) -> int:
    return entry.header_offset + _LOCAL_HEADER_BYTES + entry.compress_size


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    count = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            count += len(chunk)
            yield chunk
    # More bytes than declared never come: `zipfile` stops there, and the CRC differs.
    if count != entry.file_size:
        raise zipfile.BadZipFile(f"{count} bytes where {entry.file_size} were declared")
