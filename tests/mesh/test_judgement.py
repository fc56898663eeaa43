"""What no part may be (B9), each with its own words."""

from __future__ import annotations

import numpy as np
import pytest

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.mesh.judgement import (
    doubt_unit,
    require_coordinates,
    require_count,
    require_faces,
    require_size,
    require_volume,
)
from pricing_fdm.mesh.units import Size
from pricing_fdm.mesh.weld import weld
from tests.mesh import shapes

SIGNALLING_NAN = np.uint32(0x7FA00000)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, SIGNALLING_NAN.view(np.float32)])
def test_b9_numbers_that_are_none_are_counted_by_triangle(value: float) -> None:
    """B9: dropping such triangles would leave holes; the caller must repair the part."""
    corners = shapes.cube()
    corners[3, 1, 2] = corners[3, 2, 0] = corners[7, 0, 0] = value
    with pytest.raises(ModelInvalid, match="2 of 12"):
        require_coordinates(corners)


@pytest.mark.parametrize("value", [1e38, -1e38, 1_000_001.0, -1_000_001.0])
def test_b9_coordinates_beyond_a_kilometre_are_refused(value: float) -> None:
    """B9: float32 cannot tell neighbouring points there, and squares of 1e38 overflow."""
    corners = shapes.cube()
    corners[3, 1, 2] = value
    with pytest.raises(ModelInvalid, match="1,000,000 mm"):
        require_coordinates(corners)


def test_ordinary_coordinates_pass() -> None:
    """A kilometre to each side is room enough."""
    require_coordinates(shapes.cube(at=(-999_000.0, 999_000.0, 0.0)))


def test_count_is_judged_at_both_ends() -> None:
    """No triangles, or more than we take."""
    require_count(1, 1)
    with pytest.raises(ModelInvalid, match="no triangles"):
        require_count(0, 1)
    with pytest.raises(ModelInvalid, match="1,234 triangles; at most 1,233"):
        require_count(1234, 1233)


def test_b9_a_mesh_without_area_is_refused() -> None:
    """B9: all triangles collapsed."""
    require_faces(weld(shapes.cube()))
    with pytest.raises(ModelInvalid, match="area"):
        require_faces(weld(shapes.soup([[1, 1, 1]] * 3)))


def test_b9_a_mesh_without_volume_is_refused() -> None:
    """B9: a sheet folded onto itself is closed, and nothing to print."""
    require_volume(8000.0, 2400.0)
    for volume_mm3 in (0.0, 1e-3, -1e-3, float("nan")):
        with pytest.raises(ModelInvalid, match="encloses no volume"):
            require_volume(volume_mm3, 2400.0)


@pytest.mark.parametrize(
    ("size", "hint", "ending"),
    [
        pytest.param((0.03, 0.03, 0.03), "Read in metres: 30.", "Read in metres: 30.", id="metres"),
        pytest.param((100.0, 80.0, 0.02), "", "Give it a thickness", id="foil"),
        pytest.param((100.0, 80.0, 0.0), "", "Give it a thickness", id="flat"),
    ],
)
def test_a_part_too_thin_to_print_is_refused_with_a_guess_at_its_unit(
    size: Size, hint: str, ending: str
) -> None:
    """K4: A free part would be the alternative: nothing of it would be printed."""
    with pytest.raises(ModelInvalid) as caught:
        require_size(size, hint)
    assert "too thin to print: every side must be at least 0.05 mm" in caught.value.detail
    assert ending in caught.value.detail


def test_a_doubtful_part_that_prints_is_priced_with_the_doubt() -> None:
    """Never scaled in silence, never refused if it can be printed."""
    (warning,) = doubt_unit((0.9, 0.5, 0.4), "Read in inches: 22.86.")
    assert warning.code == "unit_suspected"
    assert warning.message == (
        "The part measures 0.9 x 0.5 x 0.4 mm and was priced so. Read in inches: 22.86."
    )


@pytest.mark.parametrize("size", [(92.0, 92.0, 0.21), (3.03, 2.41, 7.2), (0.05, 0.5, 0.5)])
def test_thin_and_small_parts_that_print_pass_without_remark(size: Size) -> None:
    """A first-layer sheet and a dowel are real parts."""
    require_size(size, "")
    assert doubt_unit(size, "") == ()
