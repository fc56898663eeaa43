"""Only what our own writer makes is taken over from a child, and it is a copy."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricing_fdm.mesh import clean_stl
from pricing_fdm.mesh.clean_stl import HEADER, NotClean, most_bytes, take
from tests.mesh.child.puppet_zygote import CLEAN

MOST = most_bytes(1000)


@pytest.fixture
def written(tmp_path: Path) -> Iterator[int]:
    """A child's file."""
    descriptor = os.open(tmp_path, os.O_TMPFILE | os.O_RDWR)
    yield descriptor
    os.close(descriptor)


def test_a_clean_file_is_copied_and_no_longer_the_childs(written: int, tmp_path: Path) -> None:
    """What the child writes later changes nothing."""
    os.write(written, CLEAN)
    take(written, tmp_path / "part.stl", max_bytes=MOST)
    os.pwrite(written, b"solid", 0)
    assert (tmp_path / "part.stl").read_bytes() == CLEAN
    assert [path.name for path in tmp_path.iterdir()] == ["part.stl"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"solid text\n" * 100, id="text"),
        pytest.param(HEADER, id="a header"),
        pytest.param(CLEAN[:-1], id="cut"),
        pytest.param(CLEAN + b"\0", id="more"),
        pytest.param(CLEAN[:80] + bytes(4) + CLEAN[84:], id="another count"),
        pytest.param(CLEAN[:80] + (3).to_bytes(4, "little") + CLEAN[84:-50], id="no solid"),
        pytest.param(CLEAN[:84] + bytes(200), id="text to OrcaSlicer"),
        pytest.param(CLEAN[:80] + (2000).to_bytes(4, "little") + CLEAN[84:134] * 3000, id="long"),
    ],
)
def test_break_in_1_anything_else_is_refused_and_leaves_nothing(
    content: bytes, written: int, tmp_path: Path
) -> None:
    """The slicer would read it with a parser that is not memory-safe, or for ever."""
    os.write(written, content)
    with pytest.raises(NotClean):
        take(written, tmp_path / "part.stl", max_bytes=MOST)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(
    written: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor half a file."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    os.write(written, CLEAN)
    monkeypatch.setattr(clean_stl.os, "sendfile", full)  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="full"):
        take(written, tmp_path / "part.stl", max_bytes=MOST)
    assert list(tmp_path.iterdir()) == []
