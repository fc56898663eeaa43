"""The file that the slicer sees, read by an independent reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from stl import Mode
from stl.mesh import Mesh as StlMesh

from pricing_fdm.mesh import triangles
from pricing_fdm.mesh.clean_stl import HEADER
from pricing_fdm.mesh.stl_writer import write_stl
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from tests.mesh import shapes

STAY = (0.0, 0.0, 0.0)


def read_back(path: Path) -> StlMesh:
    return StlMesh.from_file(str(path), calculate_normals=False, mode=Mode.BINARY)


def written(folder: Path, corners: Corners, move_mm: tuple[float, float, float] = STAY) -> Path:
    path = folder / "part.stl"
    with path.open("wb") as file:
        write_stl(weld(corners.copy()), file, move_mm)
    return path


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param(shapes.cube(), id="cube"),
        pytest.param(shapes.torus(), id="torus"),
        pytest.param(shapes.sphere(), id="ball"),
    ],
)
def test_numpy_stl_reads_the_same_triangles_and_computes_the_same_normals(
    tmp_path: Path, corners: Corners
) -> None:
    """The writer is ours; the reader that confirms it is not."""
    mesh = read_back(written(tmp_path, corners))
    assert (mesh.vectors == corners).all()
    ours = mesh.normals.copy()
    mesh.update_normals()
    assert ours == pytest.approx(mesh.get_unit_normals(), abs=1e-5)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(4, 8), st.just(3), st.just(3)),
        elements=st.floats(-1000, 1000, width=32),
        unique=True,
    )
)
def test_any_triangles_come_back_bit_by_bit(tmp_path: Path, corners: Corners) -> None:
    """Order, corners and unit normals survive the way to the disk."""
    mesh = read_back(written(tmp_path, corners))
    assert (mesh.vectors == corners).all()
    assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(1.0, abs=1e-6)


def test_orcaslicer_takes_the_file_for_binary(tmp_path: Path) -> None:
    """It looks for a byte above 127 among bytes 134 to 261, else it parses text, unsafely."""
    content = written(tmp_path, shapes.tetrahedron()).read_bytes()
    assert len(content) == 84 + 50 * 4 > 262
    assert any(byte > 127 for byte in content[134:262])
    for facet in range(4):
        assert content[84 + 50 * facet + 48 : 84 + 50 * facet + 50] == b"\xff\xff"


def test_the_header_is_constant_and_no_solid(tmp_path: Path) -> None:
    """A date in it would give the same part other bytes tomorrow."""
    assert written(tmp_path, shapes.cube()).read_bytes()[:80] == HEADER
    assert len(HEADER) == 80
    assert not HEADER.lower().lstrip().startswith(b"solid")


def test_the_same_part_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Caches and comparisons rest on it; chunks must not show."""
    once = written(tmp_path, shapes.torus()).read_bytes()
    monkeypatch.setattr(triangles, "COLUMN_TRIANGLES", 100)
    assert written(tmp_path, shapes.torus()).read_bytes() == once


def test_the_part_is_moved(tmp_path: Path) -> None:
    """The slicer takes positions as they are."""
    mesh = read_back(written(tmp_path, shapes.cube(), (90.0, 90.0, 5.0)))
    assert (mesh.vectors == shapes.cube(at=(90.0, 90.0, 5.0))).all()


def test_a_triangle_whose_corners_lie_on_a_line_is_kept(tmp_path: Path) -> None:
    """Without it the mesh would be open; its normal is made up, and of unit length."""
    sliver = shapes.soup([[0, 0, 0], [1, 0, 0], [2, 0, 0]])
    mesh = read_back(written(tmp_path, np.concatenate([shapes.cube(), sliver])))
    assert len(mesh.vectors) == 13
    assert mesh.normals[12].tolist() == [0.0, 0.0, 1.0]


def test_a_triangle_that_rounding_collapses_is_left_out(tmp_path: Path) -> None:
    """At 100 mm two corners a nanometre apart are one; its neighbours close the gap."""
    needle = shapes.soup([[0.0, 0.0, 0.0], [1e-6, 0.0, 0.0], [0.0, 5.0, 0.0]])
    path = written(tmp_path, np.concatenate([needle, shapes.cube()]), (100.0, 100.0, 0.0))
    assert len(read_back(path).vectors) == 12
    assert path.stat().st_size == 84 + 50 * 12


def test_less_than_a_solid_is_never_finished(tmp_path: Path) -> None:
    """Under four facets OrcaSlicer would read text."""
    with pytest.raises(ValueError, match="3 triangles"):
        written(tmp_path, shapes.cube()[:3])
    assert (tmp_path / "part.stl").read_bytes()[80:84] == bytes(4)
