"""Files of other programs are called by their names, with what to export."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pricing_fdm.errors import ModelFormat
from pricing_fdm.mesh.readers.foreign import looks_like, packed
from pricing_fdm.mesh.readers.formats import read_model
from tests.mesh import shapes
from tests.mesh.foreign import FOREIGN_HEADS
from tests.mesh.threemf_writer import zipped


@pytest.mark.parametrize(("head", "what"), FOREIGN_HEADS)
def test_well_known_content_is_called_by_its_name(head: bytes, what: str) -> None:
    """Nobody who uploaded an error page is helped by "unknown format"."""
    known = looks_like(head)
    assert known is not None
    assert what in known[0]
    assert known[1].endswith(".")


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        (["Document.xml", "PartShape.brp"], "FreeCAD"),
        (["Manifest.dat", "FusionAssetName[Active]/Breps.BlobParts/a.smt"], "Fusion"),
        (["Manifest.json", "Part.f3d"], "Fusion"),
        (["model.usdc", "0/texture.png"], "USDZ"),
        (["part.amf"], "AMF"),
        (["doc.kml", "models/a.dae"], "COLLADA"),
        (["word/document.xml", "[Content_Types].xml"], "Office"),
        (["part.stl"], "ZIP archive that is no 3MF"),
    ],
)
def test_an_archive_is_named_by_what_it_holds(
    tmp_path: Path, entries: list[str], what: str
) -> None:
    """Being told to unpack it helps nobody who exported from a CAD program."""
    content = zipped(dict.fromkeys(entries, "x"))
    with pytest.raises(ModelFormat, match=what) as caught:
        read_model(shapes.saved(tmp_path, bytes(content)), shapes.LIMIT)
    assert re.search("Export|Unpack", caught.value.detail)


def test_a_name_that_tells_nothing_names_no_program() -> None:
    """Better none than a wrong one."""
    assert packed({"readme.txt", "part.stl"}) is None


@pytest.mark.parametrize("head", [bytes(200), b"\x00\x01\x02", b"header".ljust(80, b"\0")])
def test_other_bytes_are_left_open(head: bytes) -> None:
    """A damaged binary STL has no mark of its own; it must not be called text."""
    assert looks_like(head) is None


@pytest.mark.parametrize("head", [b"#\n" * 2048, b"# " * 2048, b"\n" * 4096, b"<?xml" * 800])
def test_no_head_of_one_pattern_takes_long(head: bytes) -> None:
    """Every pattern is anchored and cannot backtrack over the head."""
    assert looks_like(head) is not None
