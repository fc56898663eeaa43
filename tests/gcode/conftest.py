"""Shared by the tests of this folder: recorded G-code, and a real PrusaSlicer."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "fixtures"

# A key may be given anew by a test; `end_gcode` makes the slicer state its layers, which it
# does not do by itself.
PRUSA_CONFIG: Mapping[str, str] = {
    "layer_height": "0.2",
    "first_layer_height": "0.2",
    "fill_density": "20%",
    "fill_pattern": "grid",
    "filament_type": "PLA",
    "filament_density": "1.24",
    "filament_diameter": "1.75",
    "nozzle_diameter": "0.4",
    "gcode_flavor": "marlin2",
    "bed_shape": "0x0,200x0,200x200,0x200",
    "use_relative_e_distances": "1",
    "before_layer_gcode": "G92 E0",
    "end_gcode": "; total layers count = {layer_num + 1}",
}

Triangle = tuple[tuple[float, float, float], ...]
PrusaSlice = Callable[..., Path]


@pytest.fixture
def fixtures() -> Path:
    """Folder of the recorded G-code; see its README."""
    return FIXTURES


@pytest.fixture(scope="session")
def prusa_slice(tmp_path_factory: pytest.TempPathFactory) -> PrusaSlice:
    """Slices a box (x, y, z in mm, or several boxes) with the installed PrusaSlicer.

    A missing PrusaSlicer fails the test: without it nothing here would be real.
    """
    binary = shutil.which("prusa-slicer")
    if binary is None:
        pytest.fail("prusa-slicer is not installed; `make setup` installs it")

    def slice_boxes(*corners: tuple[float, ...], **config: str) -> Path:
        folder = tmp_path_factory.mktemp("prusa")
        model, profile, gcode = folder / "m.stl", folder / "p.ini", folder / "out.gcode"
        model.write_text(_stl(corners), "ascii")
        lines = {**PRUSA_CONFIG, **config}.items()
        profile.write_text("".join(f"{key} = {value}\n" for key, value in lines), "ascii")
        inputs = ["--load", str(profile), "--output", str(gcode), str(model)]
        subprocess.run(
            [binary, "--export-gcode", "--post-process", "", *inputs],
            env={"LANG": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            timeout=120,
            check=True,
        )
        return gcode

    return slice_boxes


def _stl(boxes: tuple[tuple[float, ...], ...]) -> str:
    facets = "".join(
        "facet normal 0 0 0\nouter loop\n"
        + "".join(f"vertex {x} {y} {z}\n" for x, y, z in triangle)
        + "endloop\nendfacet\n"
        for box in boxes
        for triangle in _box(box[:3], box[3:])
    )
    return f"solid m\n{facets}endsolid m\n"


def _box(low: tuple[float, ...], high: tuple[float, ...]) -> list[Triangle]:
    xs, ys, zs = zip(low, high, strict=True)
    corner = [(x, y, z) for z in zs for y in ys for x in xs]
    quads = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))
    return [
        (corner[a], corner[b], corner[c])
        for p, q, r, s in quads
        for a, b, c in ((p, q, r), (p, r, s))
    ]
