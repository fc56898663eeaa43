"""The 3MF of a plate: each part once, each copy where it is laid."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pricing_fdm.mesh.plate_mesh_writer import write_mesh
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.model import Bed, Placement, rectangle
from pricing_fdm.plates.threemf import write_plate
from pricing_fdm.slicers.prusa.config import prusa_config
from tests.harness import shapes
from tests.mesh.threemf_writer import mesh as mesh_text
from tests.plates.gcode_moves import plate_faults
from tests.slicers.engines import bundled_presets
from tests.slicers.real_prusa import slice_with_prusa, write_boxes

LAYOUT = (
    Placement(0, 10.0, 20.0, 0),
    Placement(0, 50.25, 20.0, 90),
    Placement(2, 100.0, 1 / 3, 270),
)


@pytest.fixture
def meshes(tmp_path: Path) -> dict[int, Path]:
    """A long box and a cube, each with its nearest corner at the origin."""
    found = {0: tmp_path / "long.mesh", 2: tmp_path / "cube.mesh"}
    for path, size in zip(found.values(), ((30, 10, 5), (8, 8, 8)), strict=True):
        corners = np.array(shapes.box(*size), dtype=np.float32)
        path.write_text(mesh_text(corners))
    return found


def test_each_copy_is_turned_about_the_origin_and_then_moved(
    meshes: dict[int, Path], tmp_path: Path
) -> None:
    """As our own reader finds them, which is tested against other programs' files."""
    plate = tmp_path / "plate.3mf"
    write_plate(plate, meshes, LAYOUT)
    corners = read_model(plate, 1000)[1].corners.reshape(-1, 3)
    first, second, third = corners[:36], corners[36:72], corners[72:]
    assert [first.min(axis=0).tolist(), first.max(axis=0).tolist()] == [[10, 20, 0], [40, 30, 5]]
    assert second.min(axis=0) == pytest.approx((40.25, 20, 0))
    assert second.max(axis=0) == pytest.approx((50.25, 50, 5))
    assert third.min(axis=0) == pytest.approx((100, 1 / 3 - 8, 0))
    assert third.max(axis=0) == pytest.approx((108, 1 / 3, 8))


def test_a_part_is_written_once_whatever_the_copies(
    meshes: dict[int, Path], tmp_path: Path
) -> None:
    """A slicer slices an object once for all its instances."""
    write_plate(tmp_path / "plate.3mf", meshes, LAYOUT)
    with zipfile.ZipFile(tmp_path / "plate.3mf") as archive:
        document = archive.read("3D/3dmodel.model").decode()
    assert document.count("<mesh>") == document.count("<object ") == 2
    assert document.count("<item ") == 3
    assert 'transform="0 1 0 -1 0 0 0 0 1 50.25 20 0"' in document


def test_equal_plates_are_equal_files(meshes: dict[int, Path], tmp_path: Path) -> None:
    """No date and no name of a temporary folder is in it."""
    for name in ("one", "two"):
        write_plate(tmp_path / name, meshes, LAYOUT)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_prusaslicer_prints_each_copy_as_an_instance_where_it_is_put(tmp_path: Path) -> None:
    """Told from the moves of its G-code; it slices the part once for each way that it is turned."""
    clean, mesh, plate = tmp_path / "clean.stl", tmp_path / "mesh", tmp_path / "plate.3mf"
    write_boxes(clean, [(-15, -5, 0, 15, 5, 4)])
    with clean.open("rb") as source, mesh.open("wb") as written:
        write_mesh(source, written)
    layout = (
        *(Placement(0, x, y, 0) for x, y in ((20, 10), (180, 10))),
        *(Placement(0, x, y, 90) for x, y in ((10, 180), (190, 180))),
    )
    write_plate(plate, {0: mesh}, layout)
    config = {**prusa_config(bundled_presets()), "gcode_label_objects": "1"}
    gcode = slice_with_prusa(config, plate, tmp_path).gcode
    copies = {*re.findall(r"^; printing object .* (id:\d+ copy \d+)$", gcode, re.MULTILINE)}
    assert copies == {"id:0 copy 0", "id:0 copy 1", "id:1 copy 0", "id:1 copy 1"}
    outline, bed = rectangle(-15, 15, -5, 5), Bed(rectangle(0, 200, 0, 200))
    assert plate_faults(gcode.splitlines(), layout, [outline], bed, 0.1) == []
