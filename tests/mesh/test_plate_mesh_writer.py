"""The mesh that copies share is the one of the clean STL, bit for bit."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from pricing_fdm.mesh.plate_mesh import BETWEEN, END, most_mesh_bytes
from pricing_fdm.mesh.plate_mesh_writer import write_mesh
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.stl_writer import write_stl
from pricing_fdm.mesh.weld import weld
from tests.mesh.threemf_writer import an_object, built

MANY = 1_000_000
MODELS = Path(__file__).parents[1] / "fixtures" / "models"


def clean_stl(name: str) -> bytes:
    """A model's clean STL, not posed."""
    reading = read_model(MODELS / name, MANY)[1]
    file = io.BytesIO()
    write_stl(weld(reading.corners), file, (0.1, 0.2, 0.3))
    return file.getvalue()


def mesh_of(stl: bytes) -> bytes:
    file = io.BytesIO()
    write_mesh(io.BytesIO(stl), file)
    return file.getvalue()


@pytest.mark.parametrize("name", ["thin-walls.stl", "wheel-solid-header.stl"])
def test_the_mesh_reads_back_as_the_stl(name: str, tmp_path: Path) -> None:
    """Every corner to the last bit, and neighbours share theirs, so that the surface is closed."""
    stl = clean_stl(name)
    mesh = mesh_of(stl)
    (tmp_path / "part.stl").write_bytes(stl)
    (tmp_path / "part.3mf").write_bytes(built(an_object(1, mesh.decode())))
    of_stl, of_mesh = (
        read_model(tmp_path / f"part.{each}", MANY)[1].corners for each in ("stl", "3mf")
    )
    assert np.array_equal(of_stl, of_mesh)
    assert mesh.count(b"<vertex ") == len(weld(of_stl).points)
    assert mesh.endswith(END)
    assert mesh.count(BETWEEN) == 1
    assert len(mesh) < most_mesh_bytes(len(of_mesh))


def test_the_same_stl_gives_the_same_bytes() -> None:
    """So that the same plate is the same file."""
    stl = clean_stl("thin-walls.stl")
    assert mesh_of(stl) == mesh_of(stl)
