"""From bytes to a file on the bed, for parts that do not fit as they lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.inspect import inspect_model
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.triangles import Corners
from pricing_fdm.mesh.weld import weld
from pricing_fdm.model import Part, Unit
from tests.mesh import shapes
from tests.mesh.shapes import LIMIT, PRINTER


def inspected(folder: Path, corners: Corners, unit: Unit = Unit.MM) -> Part:
    source = shapes.saved(folder, shapes.binary_stl(corners))
    return inspect_model(source, folder / "part.stl", PRINTER, max_triangles=LIMIT, unit=unit)


def written(folder: Path) -> Corners:
    _, reading = read_model(folder / "part.stl", LIMIT)
    return reading.corners


def test_a_long_bar_lies_across_the_bed_in_the_written_file(tmp_path: Path) -> None:
    """The figures are those of the file; the pose tells how it is printed."""
    part = inspected(tmp_path, shapes.box((260, 20, 10), at=(500, 500, 500)))
    assert part.dimensions_mm == (260.0, 20.0, 10.0)
    assert part.volume_mm3 == pytest.approx(52_000.0)
    assert part.pose.dimensions_mm == pytest.approx((197.99, 197.99, 10.0), abs=1e-3)
    assert part.pose.rotation[1][0] == pytest.approx(0.5**0.5)
    assert part.warnings == ()
    corners = written(tmp_path)
    points = corners.reshape(-1, 3)
    assert points.min(axis=0) == pytest.approx([1.005, 1.005, 0.0], abs=1e-3)
    assert points.max(axis=0) == pytest.approx([198.995, 198.995, 10.0], abs=1e-3)
    assert survey(weld(corners).faces).watertight


def test_parts_that_lie_too_far_apart_are_written_side_by_side(tmp_path: Path) -> None:
    """The inverted one is turned right side out where it came to stand."""
    corners = np.concatenate(
        [shapes.cube(30.0), shapes.inside_out(shapes.cube(30.0, at=(0, 900, 40)))]
    )
    part = inspected(tmp_path, corners)
    assert [warning.code for warning in part.warnings] == [
        "rearranged", "inverted_normals_fixed", "multiple_bodies",
    ]  # fmt: skip
    assert part.dimensions_mm == (30.0, 930.0, 70.0)
    assert part.pose.dimensions_mm == (66.0, 30.0, 30.0)
    assert part.volume_mm3 == pytest.approx(54_000.0)
    points = written(tmp_path).reshape(-1, 3)
    assert points.min(axis=0).tolist() == [67.0, 85.0, 0.0]
    assert points.max(axis=0).tolist() == [133.0, 115.0, 30.0]


def test_the_unit_of_the_request_is_known_to_the_guess(tmp_path: Path) -> None:
    """Ordered in inches already, another `inch` would be no advice."""
    part = inspected(tmp_path, shapes.cube(0.03), Unit.INCH)
    warning = part.warnings[0]
    assert warning.code == "unit_suspected"
    assert "Read in metres it would measure 30 x 30 x 30 mm." in warning.message
    assert "inches" not in warning.message


def test_the_same_bytes_give_the_same_file(tmp_path: Path) -> None:
    """Also where the part is turned: the same part must have the same price."""
    corners = shapes.box((231, 37, 10), at=(1, 2, 3))
    files = []
    for _ in range(2):
        inspected(tmp_path, corners)
        files.append((tmp_path / "part.stl").read_bytes())
    assert files[0] == files[1]
