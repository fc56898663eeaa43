"""A G-code of any size: its head and tail, and all of it in pieces of whole lines."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.gcode.reading import (
    MAX_LINE_BYTES,
    WINDOW_BYTES,
    gcode_chunks,
    head_and_tail,
    line_pieces,
)

MOVES = b"G1 X1 Y1 E.5\n" * 30_000
LINE = b"G1 X1 Y1 E.5\n"
WINDOW = LINE * (WINDOW_BYTES // len(LINE) + 1)


def both_ways(data: bytes, folder: Path) -> tuple[str, ...]:
    """Head and tail of a file, which are those of a member of a 3MF."""
    (folder / "out.gcode").write_bytes(data)
    with zipfile.ZipFile(folder / "out.3mf", "w") as archive:
        archive.writestr("plate.gcode", data)
    with (folder / "out.gcode").open("rb") as gcode, (folder / "out.3mf").open("rb") as packed:
        from_file = head_and_tail(gcode, None)
        assert head_and_tail(packed, "plate.gcode") == from_file
    return from_file


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"; a\n; b", id="no-line-end"),
        pytest.param(WINDOW, id="one-window-and-a-bit"),
        pytest.param(LINE * (2 * WINDOW_BYTES // len(LINE)), id="just-under-two-windows"),
        pytest.param(b"x" * (2 * WINDOW_BYTES), id="exactly-two-windows"),
    ],
)
def test_a_small_file_comes_whole(tmp_path: Path, data: bytes) -> None:
    """The two windows meet; nothing is read twice or lost at the seam."""
    assert both_ways(data, tmp_path) == (data.decode(),)


def test_a_large_file_comes_as_whole_lines_of_its_head_and_tail(tmp_path: Path) -> None:
    """A number cut in two at a window's edge would be another number."""
    data = b"; head\n" + WINDOW + WINDOW + WINDOW + b"; tail\n"
    head, tail = both_ways(data, tmp_path)
    assert head.startswith("; head\n")
    assert tail.endswith("; tail\n")
    assert set(head.split("\n")[1:]) | set(tail.split("\n")[:-2]) == {LINE.decode().strip()}


def test_a_window_without_a_line_end_is_dropped(tmp_path: Path) -> None:
    """It is a piece of one line, and no one knows where that began or ends."""
    assert both_ways(b"9" * (3 * WINDOW_BYTES), tmp_path) == ("", "")


def test_bytes_that_are_no_text_do_not_stop_the_reading(tmp_path: Path) -> None:
    """Comments may hold names in any encoding; figures are ASCII."""
    text = both_ways(b"; \xff\xfe\n; total layers count = 3\n", tmp_path)[0]
    assert "; total layers count = 3" in text


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
    with path.open("rb") as file:
        chunks = tuple(gcode_chunks(file, member))
        assert tuple(gcode_chunks(file, member)) == chunks  # from wherever the file was read before
    assert len(chunks) > 1
    assert b"".join(chunks) == MOVES


def test_a_file_that_cannot_be_read_is_an_incomplete_result(tmp_path: Path) -> None:
    """A disk may fail after the file was opened."""
    with (tmp_path / "out.gcode").open("wb") as file:  # as good as a disk that cannot be read
        for read in (head_and_tail, gcode_chunks):
            with pytest.raises(ResultIncomplete, match="no readable G-code"):
                tuple(read(file, None))


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
