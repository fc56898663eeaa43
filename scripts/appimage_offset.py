"""Prints where the file system of an AppImage begins.

Usage: appimage_offset.py FILE

An AppImage is an ELF program with a squashfs behind it. Its first bytes tell where its last table
ends, so it can be unpacked without being run. Standard library only.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

HEADER = struct.Struct("<16xHHIQQQIHHHHHH")  # the 64-bit, little-endian ELF header
ELF_64_LITTLE = b"\x7fELF\x02\x01"
SQUASHFS = b"hsqs"


def offset_of_file_system(appimage: Path) -> int:
    """Where the squashfs begins.

    Raises:
        ValueError: This is no AppImage of the second type.
    """
    with appimage.open("rb") as file:
        header = file.read(HEADER.size)
        if len(header) < HEADER.size or not header.startswith(ELF_64_LITTLE):
            raise ValueError("it is no 64-bit ELF program")
        *_, section_table, _, _, _, _, entry_size, entries, _ = HEADER.unpack(header)
        offset: int = section_table + entry_size * entries
        file.seek(offset)
        if file.read(len(SQUASHFS)) != SQUASHFS:
            raise ValueError("there is no squashfs behind the program")
    return offset


if __name__ == "__main__":
    print(offset_of_file_system(Path(sys.argv[1])))
