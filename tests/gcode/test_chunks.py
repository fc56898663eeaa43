"""A G-code of any size, in pieces that end where its lines end."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.gcode.chunks import MAX_LINE_BYTES, gcode_chunks, line_pieces

MOVES = b"G1 X1 Y1 E.5\n" * 30_000


@pytest.mark.parametrize("member", [None, "Metadata/plate_1.gcode"])
def test_a_file_and_a_member_of_a_3mf_give_the_same_bytes(
    tmp_path: Path, member: str | None
) -> None:
    """What reads them need not know which it is."""
    path = tmp_path / "out"
    if member is None:
        path.write_bytes(MOVES)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, MOVES)
    chunks = tuple(gcode_chunks(path, member))
    assert len(chunks) > 1
    assert b"".join(chunks) == MOVES


@pytest.mark.parametrize("name", ["missing.gcode", "."])
def test_a_file_that_cannot_be_read_is_an_incomplete_result(tmp_path: Path, name: str) -> None:
    """It was there when its figures were read; somebody took it away."""
    with pytest.raises(ResultIncomplete, match="no readable G-code") as caught:
        tuple(gcode_chunks(tmp_path / name, None))
    assert str(tmp_path) not in caught.value.detail


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(st.lists(st.text("ab\n", max_size=9).map(str.encode), max_size=9))
def test_pieces_are_whole_lines_wherever_the_chunks_are_cut(chunks: list[bytes]) -> None:
    """A number cut in two would be two other numbers."""
    text = b"".join(chunks)
    pieces = tuple(line_pieces(chunks))
    assert b"".join(pieces) == b"\n" + text
    assert all(piece.startswith(b"\n") for piece in pieces if piece)


def test_a_long_line_is_none_without_end() -> None:
    """PrusaSlicer lists the outlines of all objects in one line; start G-codes have 22 kB."""
    outline = b'; objects_info = {"objects":[' + b"[100.001,99.999]," * 12_000 + b"]}\n"
    pieces = tuple(line_pieces([b"G1 X1\n" + outline[:90_000], outline[90_000:], MOVES]))
    assert b"".join(pieces) == b"\nG1 X1\n" + outline + MOVES


def test_a_line_without_end_is_a_damaged_file() -> None:
    """It would have to be kept, and a file of nothing but zeros is one."""
    chunk = bytes(MAX_LINE_BYTES // 2)
    with pytest.raises(ResultIncomplete, match="damaged"):
        tuple(line_pieces([b"G1 X1\n", chunk, chunk]))
