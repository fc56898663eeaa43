"""An OBJ comes in logical lines, wherever its pieces end."""

from __future__ import annotations

import io

import pytest

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.readers import obj_lines
from pricing_fdm.mesh.readers.obj_lines import MAX_LINE_BYTES, logical_lines


def lines_of(content: bytes) -> list[bytes]:
    """Without blanks, which the reader of the words ignores."""
    lines = [line for piece in logical_lines(io.BytesIO(content)) for line in piece]
    return [b" ".join(line.split()) for line in lines if line.strip()]


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("content", "lines"),
    [
        pytest.param(b"v 1\nv 2\n", [b"v 1", b"v 2"], id="lf"),
        pytest.param(b"v 1\r\nv 2\r\n", [b"v 1", b"v 2"], id="crlf"),
        pytest.param(b"v 1\rv 2\r", [b"v 1", b"v 2"], id="cr"),
        pytest.param(b"v 1\n\n\nv 2", [b"v 1", b"v 2"], id="no-line-end-at-last"),
        pytest.param(b"\xef\xbb\xbfv 1\n", [b"v 1"], id="byte-order-mark"),
        pytest.param(b"f 1 \\\n2 \\\r\n3\nv 1\n", [b"f 1 2 3", b"v 1"], id="continued"),
        pytest.param(b"# C:\\parts\\\nv 1\n", [b"v 1"], id="comment-with-a-backslash-at-its-end"),
        pytest.param(b"v 1 # one\nv 2#two", [b"v 1", b"v 2"], id="comments"),
    ],
)
def test_lines_are_the_same_wherever_a_piece_ends(
    monkeypatch: pytest.MonkeyPatch, content: bytes, lines: list[bytes], piece_bytes: int
) -> None:
    """Also between a CR and its LF, or a backslash and its line end."""
    monkeypatch.setattr(obj_lines, "PIECE_BYTES", piece_bytes)
    assert lines_of(content) == lines


def test_a_line_without_end_is_refused_before_it_is_whole() -> None:
    """So memory stays bounded."""
    assert lines_of(b"f" + b" 1" * (MAX_LINE_BYTES // 2 - 1))
    file = io.BytesIO(b"f" + b" 1" * 20 * MAX_LINE_BYTES)
    with pytest.raises(ModelInvalid, match="longer than 65,536 bytes"):
        list(logical_lines(file))
    assert file.tell() == obj_lines.PIECE_BYTES
