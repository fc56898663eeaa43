"""Formats by content, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.errors import ModelFormat, ModelInvalid
from pricing_fdm.mesh.readers.formats import READERS, looks_like, read_model, recognise
from tests.mesh import shapes
from tests.mesh.foreign import FOREIGN_HEADS


@pytest.mark.parametrize(("head", "what"), FOREIGN_HEADS)
def test_b7_other_formats_are_refused_by_content(tmp_path: Path, head: bytes, what: str) -> None:
    """B7: the caller's name for a file plays no part, only its bytes do."""
    path = tmp_path / "part.stl"
    path.write_bytes(head)
    with pytest.raises(ModelFormat) as caught:
        read_model(path, shapes.LIMIT)
    assert what in caught.value.detail
    for reader in READERS:
        assert reader.title in caught.value.detail


def test_b7_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    """B7: zero bytes are an upload that failed."""
    with pytest.raises(ModelFormat, match="empty"):
        read_model(shapes.saved(tmp_path, b""), shapes.LIMIT)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x01", id="one-byte"),
        pytest.param(bytes(83), id="shorter-than-a-header"),
        pytest.param(bytes(range(256)) * 4, id="binary-without-a-header"),
    ],
)
def test_b7_unknown_bytes_are_refused(tmp_path: Path, content: bytes) -> None:
    """B7: neither a known format nor anything with the header of a binary STL."""
    with pytest.raises(ModelFormat, match="nothing we know"):
        read_model(shapes.saved(tmp_path, content), shapes.LIMIT)


def test_a_damaged_binary_stl_is_still_a_binary_stl(tmp_path: Path) -> None:
    """Its sender must hear "truncated", not "unknown"."""
    content = shapes.binary_stl(shapes.cube(), b"Exported by a CAD program")[:-7]
    with pytest.raises(ModelInvalid, match="truncated"):
        read_model(shapes.saved(tmp_path, content), shapes.LIMIT)


def test_refusals_never_repeat_the_content(tmp_path: Path) -> None:
    """What was downloaded may be private, whatever it is."""
    with pytest.raises(ModelFormat) as caught:
        read_model(shapes.saved(tmp_path, b"<html>S3CRET</html>"), shapes.LIMIT)
    assert "S3CRET" not in caught.value.detail
    assert str(tmp_path) not in caught.value.detail


def test_each_reader_has_a_name_of_its_own() -> None:
    """The name is public: it is `model.format` of a quote."""
    assert [reader.name for reader in READERS] == ["stl-binary", "stl-ascii", "3mf", "obj"]
    assert recognise(shapes.ascii_stl(shapes.cube()), 4000).name == "stl-ascii"


@pytest.mark.parametrize(("head", "what"), FOREIGN_HEADS)
def test_well_known_content_is_called_by_its_name(head: bytes, what: str) -> None:
    """Nobody who uploaded an error page is helped by "unknown format"."""
    known = looks_like(head)
    assert known is not None
    assert what in known[0]
    assert known[1].endswith(".")


@pytest.mark.parametrize("head", [bytes(200), b"\x00\x01\x02", b"header".ljust(80, b"\0")])
def test_other_bytes_are_left_open(head: bytes) -> None:
    """A damaged binary STL has no mark of its own; it must not be called text."""
    assert looks_like(head) is None


@pytest.mark.parametrize("head", [b"#\n" * 2048, b"# " * 2048, b"\n" * 4096, b"<?xml" * 800])
def test_no_head_of_one_pattern_takes_long(head: bytes) -> None:
    """Every pattern is anchored and cannot backtrack over the head."""
    assert looks_like(head) is not None
