"""Real parts and bad uploads whose figures other programs have measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.errors import ModelError
from pricing_fdm.model import BuildVolume, Part
from tests.harness.models import Known, known, params
from tests.mesh.inspecting import inspect_model
from tests.mesh.shapes import LIMIT

ROOMY = BuildVolume(400, 400, 400)
PRINTER = BuildVolume(200, 200, 200)


OF_SHAPE = {"thin_walls", "small_features", "overhangs", "tall_and_slim", "self_intersections"}
"""Warnings that a good file may well deserve."""


def codes(part: Part) -> set[str]:
    return {warning.code for warning in part.warnings}


def inspected(path: Path, folder: Path, volume: BuildVolume) -> Part:
    return inspect_model(path, folder / "part.stl", volume, max_triangles=LIMIT)


@pytest.mark.parametrize(("path", "figures"), params(known(".stl")))
def test_a_real_part_has_its_known_figures(tmp_path: Path, path: Path, figures: Known) -> None:
    """Measured by other programs; ours must agree."""
    part = inspected(path, tmp_path, ROOMY)
    assert part.triangles == figures["triangles"]
    assert part.bodies == figures["parts"]
    assert part.watertight is figures["watertight"]
    assert part.dimensions_mm == pytest.approx(figures["box_mm"], abs=0.01)
    volume_cm3 = pytest.approx(figures["volume_cm3"], rel=1e-3, abs=5e-5)
    assert part.volume_mm3 / 1000 == volume_cm3
    again = inspect_model(tmp_path / "part.stl", tmp_path / "again.stl", ROOMY, max_triangles=LIMIT)
    assert again.watertight is part.watertight
    assert again.volume_mm3 == pytest.approx(part.volume_mm3, rel=1e-5)
    assert codes(again) == codes(part)


@pytest.mark.parametrize(("path", "figures"), params(known(".3mf")))
def test_a_real_3mf_has_its_known_figures(tmp_path: Path, path: Path, figures: Known) -> None:
    """Its unit, its transforms and its components decide over every one of them."""
    part = inspected(path, tmp_path, ROOMY)
    assert part.format == "3mf"
    assert part.triangles == figures["triangles"]
    assert part.dimensions_mm == pytest.approx(figures["box_mm"], abs=0.001)
    assert part.volume_mm3 / 1000 == pytest.approx(figures["volume_cm3"], rel=1e-4)


@pytest.mark.parametrize(("path", "figures"), params(known(".stl", ".3mf", folder="bad")))
def test_a_bad_upload_is_answered_as_it_should_be(
    tmp_path: Path, path: Path, figures: Known
) -> None:
    """Accepted, accepted with a warning, or refused in words; never a wrong figure in silence."""
    may_refuse = figures["expect"] in {"reject", "warn-or-reject", "safe"}
    try:
        part = inspected(path, tmp_path, PRINTER)
    except ModelError:
        if not may_refuse:
            raise
        return
    assert figures["expect"] != "reject"
    assert bool(codes(part) - OF_SHAPE) == (figures["expect"] not in {"accept", "safe"})
    if figures["expect"] == "safe":
        return
    true_volume_cm3 = figures.get("volume_cm3", figures.get("true_volume_cm3"))
    assert part.volume_mm3 / 1000 == pytest.approx(true_volume_cm3, rel=1e-3)
