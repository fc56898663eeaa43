"""The engines that the tests hold to the same demands."""

from __future__ import annotations

import asyncio
import os
import shutil
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.mesh.plate_mesh_writer import write_mesh
from pricing_fdm.model import Metrics, PrintSettings, Slice, Supports
from pricing_fdm.plates.packing import Layout
from pricing_fdm.plates.threemf import write_plate
from pricing_fdm.sandbox.process import Limits
from pricing_fdm.slicers.engine import Engine, EngineSetup, SliceJob
from pricing_fdm.slicers.orca.engine import OrcaEngine
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.program import ProgramEngine, find_binary
from pricing_fdm.slicers.prusa.engine import PrusaEngine
from tests.harness import qualities
from tests.harness.puppet import install_fake_orca, install_fake_prusa
from tests.harness.shapes import Triangle, binary_stl
from tests.mesh.inspecting import inspect_model
from tests.slicers.profile_folder import chosen_for, only_printer

PROFILES = Path(__file__).parents[2] / "profiles"
LIMITS = Limits(wall_s=120, cpu_s=240, memory_bytes=4 * 1024**3, file_size_bytes=1024**3)
STANDARD = PrintSettings("pla", 20, qualities.STANDARD, Supports.NEVER)

REAL_ORCA = os.environ.get("ORCA_BINARY", "")

# Those whose figures mean something; the real OrcaSlicer joins where it is.
REAL = [
    "prusa",
    *(pytest.param(name, marks=pytest.mark.orca) for name in ("orca", "orca, gcode") if REAL_ORCA),
]
ENGINES = ["orca puppet", "orca puppet, gcode", *REAL]

# Puppets that can misbehave.
KINDS = ["orca", "orca, gcode", "prusa"]


def setup(**changes: Any) -> EngineSetup:
    """Generous limits, but for the changes."""
    return EngineSetup(**{"limits": LIMITS, **changes})


@cache
def bundled_presets(settings: PrintSettings = STANDARD) -> ChosenPresets:
    """The bundled presets that these settings choose."""
    return chosen_for(settings)


def job_of(stl: Path, folder: Path, settings: PrintSettings = STANDARD, **changes: Any) -> SliceJob:
    """A job with the bundled presets."""
    return SliceJob(stl, settings, bundled_presets(settings), folder, **changes)


def find(name: str, folder: Path) -> ProgramEngine:
    """Builds a good engine by its name in `ENGINES`; equal parts get equal figures."""
    if name == "prusa":
        binary = find_binary(os.environ.get("PRUSA_BINARY", "prusa-slicer"))
        assert binary is not None, "PrusaSlicer is missing; run `make setup`"
        return asyncio.run(PrusaEngine.find(binary, setup(reproducible=True)))
    binary = install_fake_orca(folder / "bin") if "puppet" in name else Path(REAL_ORCA)
    return asyncio.run(OrcaEngine.find(binary, setup(gcode_only=name.endswith("gcode"))))


def misbehaving(
    kind: str, folder: Path, *, limits: Limits = LIMITS, **behaviour: Any
) -> ProgramEngine:
    """An engine whose program does what `behaviour` says."""
    started_with = setup(limits=limits, gcode_only=kind.endswith("gcode"))
    shutil.rmtree(folder / "bin", ignore_errors=True)
    if kind.startswith("orca"):
        binary = install_fake_orca(folder / "bin", **behaviour)
        return asyncio.run(OrcaEngine.find(binary, started_with))
    binary = install_fake_prusa(folder / "bin", **behaviour)
    return asyncio.run(PrusaEngine.find(binary, started_with))


def slice_part(
    engine: Engine, folder: Path, triangles: list[Triangle], settings: PrintSettings = STANDARD
) -> tuple[Slice, Path]:
    """Inspects and slices; the run's folder stays for the test to look at."""
    folder.mkdir(parents=True)
    (folder / "upload").write_bytes(binary_stl(triangles))
    clean = folder / "model.stl"
    inspect_model(
        folder / "upload",
        clean,
        only_printer().build_volume,
        max_triangles=1_000_000,
    )
    return asyncio.run(engine.slice(job_of(clean, folder, settings))), folder


def slice_plate(
    engine: Engine,
    folder: Path,
    parts: Sequence[list[Triangle]],
    layout: Layout,
    settings: PrintSettings = STANDARD,
) -> tuple[Slice, Metrics]:
    """The same with a plate of copies of parts."""
    meshes = {number: folder / f"mesh-{number}" for number in range(len(parts))}
    folder.mkdir(parents=True)
    for number, triangles in enumerate(parts):
        upload, clean = folder / f"upload-{number}", folder / f"clean-{number}.stl"
        upload.write_bytes(binary_stl(triangles))
        inspect_model(upload, clean, only_printer().build_volume, max_triangles=1_000_000)
        with clean.open("rb") as source, meshes[number].open("wb") as written:
            write_mesh(source, written)
    plate = folder / "model.3mf"
    write_plate(plate, meshes, layout)
    sliced = asyncio.run(engine.slice(job_of(plate, folder, settings)))
    return sliced, extract_metrics(sliced.gcode, sliced.member, sliced.expected)


def gcode_of(sliced: Slice) -> list[str]:
    """The lines of a slice's G-code."""
    if sliced.member is None:
        return sliced.gcode.read_text().splitlines()
    with zipfile.ZipFile(sliced.gcode) as archive:
        return archive.read(sliced.member).decode().splitlines()


def measure(
    engine: Engine, folder: Path, triangles: list[Triangle], settings: PrintSettings = STANDARD
) -> Metrics:
    """Slices and extracts, as the pipeline does."""
    sliced, _ = slice_part(engine, folder, triangles, settings)
    return extract_metrics(sliced.gcode, sliced.member, sliced.expected)
