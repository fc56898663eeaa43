"""Real parts and bad uploads with known figures, where the collection lies beside the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.errors import ModelError
from pricing_fdm.mesh.inspect import inspect_model
from pricing_fdm.model import BuildVolume, Part
from tests.mesh.shapes import LIMIT

MODELS = Path(__file__).parents[3] / "shared" / "models"
ROOMY = BuildVolume(400, 400, 400)
PRINTER = BuildVolume(200, 200, 200)


def entries(folder: Path, *suffixes: str) -> list[Any]:
    """The manifest's entries for files of these kinds; none where there is no manifest."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return []
    return [
        pytest.param(folder / entry["file"], entry, id=entry["file"])
        for entry in json.loads(manifest.read_text())
        if entry["file"].endswith(suffixes)
    ]


OF_SHAPE = {"thin_walls", "small_features", "overhangs", "tall_and_slim", "self_intersections"}
"""Warnings that a good file may well deserve."""


def codes(part: Part) -> set[str]:
    return {warning.code for warning in part.warnings}


def inspected(path: Path, folder: Path, volume: BuildVolume) -> Part:
    return inspect_model(path, folder / "part.stl", volume, max_triangles=LIMIT)


@pytest.mark.parametrize(("path", "known"), entries(MODELS, ".stl"))
def test_a_real_part_has_its_known_figures(
    tmp_path: Path, path: Path, known: dict[str, Any]
) -> None:
    """Measured by other programs; ours must agree."""
    part = inspected(path, tmp_path, ROOMY)
    assert part.triangles == known["triangles"]
    assert part.bodies == known["parts"]
    assert part.watertight is known["watertight"]
    assert part.dimensions_mm == pytest.approx(known["box_mm"], abs=0.01)
    volume_cm3 = pytest.approx(known["volume_cm3"], rel=1e-3, abs=5e-5)
    assert part.volume_mm3 / 1000 == volume_cm3
    again = inspect_model(tmp_path / "part.stl", tmp_path / "again.stl", ROOMY, max_triangles=LIMIT)
    assert again.watertight is part.watertight
    assert again.volume_mm3 == pytest.approx(part.volume_mm3, rel=1e-5)
    assert codes(again) == codes(part)


@pytest.mark.parametrize(("path", "known"), entries(MODELS, ".3mf"))
def test_a_real_3mf_has_its_known_figures(
    tmp_path: Path, path: Path, known: dict[str, Any]
) -> None:
    """Its unit, its transforms and its components decide over every one of them."""
    part = inspected(path, tmp_path, ROOMY)
    assert part.format == "3mf"
    assert part.triangles == known["triangles"]
    assert part.dimensions_mm == pytest.approx(known["box_mm"], abs=0.001)
    assert part.volume_mm3 / 1000 == pytest.approx(known["volume_cm3"], rel=1e-4)


@pytest.mark.parametrize(("path", "known"), entries(MODELS / "bad", ".stl", ".3mf"))
def test_a_bad_upload_is_answered_as_it_should_be(
    tmp_path: Path, path: Path, known: dict[str, Any]
) -> None:
    """Accepted, accepted with a warning, or refused in words; never a wrong figure in silence."""
    may_refuse = known["expect"] in {"reject", "warn-or-reject", "safe"}
    try:
        part = inspected(path, tmp_path, PRINTER)
    except ModelError:
        if not may_refuse:
            raise
        return
    assert known["expect"] != "reject"
    assert bool(codes(part) - OF_SHAPE) == (known["expect"] not in {"accept", "safe"})
    if known["expect"] == "safe":
        return
    true_volume_cm3 = known.get("volume_cm3", known.get("true_volume_cm3"))
    assert part.volume_mm3 / 1000 == pytest.approx(true_volume_cm3, rel=1e-3)
