"""Only what our own writer makes is put into a 3MF."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pricing_fdm.mesh.clean_stl import NotClean, take
from pricing_fdm.mesh.plate_mesh import BEGIN, BETWEEN, END, most_mesh_bytes, require_mesh

MESH = BEGIN + b'<vertex x="0" y="0" z="0"/>' + BETWEEN + END


@pytest.mark.parametrize(
    ("content", "is_mesh"),
    [
        pytest.param(MESH, True, id="a mesh"),
        pytest.param(b"", False, id="nothing"),
        pytest.param(MESH[:-1], False, id="cut"),
        pytest.param(MESH + b"<item/>", False, id="more"),
        pytest.param(b"<!DOCTYPE x>" + MESH, False, id="something before it"),
    ],
)
def test_a_mesh_is_known_by_its_ends(content: bytes, is_mesh: bool, tmp_path: Path) -> None:
    """It is copied whole or not at all."""
    written = os.open(tmp_path, os.O_TMPFILE | os.O_RDWR)
    os.write(written, content)
    target = tmp_path / "mesh"
    if is_mesh:
        take(written, target, max_bytes=most_mesh_bytes(1), require_clean=require_mesh)
        assert target.read_bytes() == content
    else:
        with pytest.raises(NotClean):
            take(written, target, max_bytes=most_mesh_bytes(1), require_clean=require_mesh)
        assert list(tmp_path.iterdir()) == []
    os.close(written)
