"""An AppImage is unpacked without being run, so the place of its files is read from its header."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts.appimage_offset import offset_of_file_system


def program() -> bytes:
    """A real ELF program, whose section table is its end."""
    return Path(shutil.which("true") or "/bin/true").read_bytes()


def test_the_squashfs_begins_where_the_program_ends(tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(program() + b"hsqs" + bytes(100))
    assert offset_of_file_system(tmp_path / "made") == len(program())


@pytest.mark.parametrize(
    "content",
    [b"", b"\x7fELF", b"#!/bin/sh\n" + bytes(100), b"\x7fELF\x01\x01" + bytes(100)],
    ids=["empty", "cut short", "a script", "32 bits"],
)
def test_what_is_no_program_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "made").write_bytes(content)
    with pytest.raises(ValueError, match="ELF"):
        offset_of_file_system(tmp_path / "made")


def test_a_program_without_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(program())
    with pytest.raises(ValueError, match="squashfs"):
        offset_of_file_system(tmp_path / "made")
