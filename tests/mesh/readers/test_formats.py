"""Formats by content, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.errors import ModelFormat, ModelInvalid
from pricing_fdm.mesh.readers.formats import READERS, read_model, recognise
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


def test_an_iges_file_that_begins_like_an_stl_is_one_all_the_same(tmp_path: Path) -> None:
    """Its first line is a remark of the sender."""
    line = b"solid part, exported for quoting".ljust(72) + b"S      1\n"
    with pytest.raises(ModelFormat, match="IGES"):
        read_model(shapes.saved(tmp_path, line * 3), shapes.LIMIT)
