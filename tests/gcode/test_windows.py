"""Reading head and tail of a G-code of any size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.gcode.windows import WINDOW_BYTES, file_windows, stream_windows

LINE = b"G1 X1 Y1 E.5\n"
MOVES = LINE * (WINDOW_BYTES // len(LINE) + 1)


def in_chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"; a\n; b", id="no-line-end"),
        pytest.param(MOVES, id="one-window-and-a-bit"),
        pytest.param(LINE * (2 * WINDOW_BYTES // len(LINE)), id="just-under-two-windows"),
        pytest.param(b"x" * (2 * WINDOW_BYTES), id="exactly-two-windows"),
    ],
)
def test_a_small_file_comes_whole(tmp_path: Path, data: bytes) -> None:
    """The two windows meet; nothing is read twice or lost at the seam."""
    path = tmp_path / "out.gcode"
    path.write_bytes(data)
    assert file_windows(path) == stream_windows(in_chunks(data, 1000)) == (data.decode(),)


@pytest.mark.parametrize("chunk", [1000, 128 * 1024, 10 * WINDOW_BYTES])
def test_a_large_file_comes_as_whole_lines_of_its_head_and_tail(tmp_path: Path, chunk: int) -> None:
    """A number cut in two at a window's edge would be another number."""
    data = b"; head\n" + MOVES + MOVES + MOVES + b"; tail\n"
    path = tmp_path / "out.gcode"
    path.write_bytes(data)
    head, tail = file_windows(path)
    assert (head, tail) == stream_windows(in_chunks(data, chunk))
    assert head.startswith("; head\n")
    assert tail.endswith("; tail\n")
    assert set(head.split("\n")[1:]) | set(tail.split("\n")[:-2]) == {LINE.decode().strip()}


def test_a_window_without_a_line_end_is_dropped(tmp_path: Path) -> None:
    """It is a piece of one line, and no one knows where that began or ends."""
    path = tmp_path / "out.gcode"
    path.write_bytes(b"9" * (3 * WINDOW_BYTES))
    assert file_windows(path) == ("", "")


def test_bytes_that_are_no_text_do_not_stop_the_reading(tmp_path: Path) -> None:
    """Comments may hold names in any encoding; figures are ASCII."""
    path = tmp_path / "out.gcode"
    path.write_bytes(b"; \xff\xfe\n; total layers count = 3\n")
    assert "; total layers count = 3" in file_windows(path)[0]


@pytest.mark.parametrize("name", ["missing.gcode", "."])
def test_a_file_that_cannot_be_read_is_an_incomplete_result(tmp_path: Path, name: str) -> None:
    """A slicer may exit with success and leave nothing."""
    with pytest.raises(ResultIncomplete, match="no readable G-code") as caught:
        file_windows(tmp_path / name)
    assert str(tmp_path) not in caught.value.detail
