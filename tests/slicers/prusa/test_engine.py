"""What is left out of PrusaSlicer's output costs time and decides nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import tempfile
from pathlib import Path

import pytest

from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.model import Metrics, Supports
from pricing_fdm.slicers.cores import Cores, usable_cores
from pricing_fdm.slicers.prusa.config import prusa_config
from pricing_fdm.slicers.prusa.engine import PrusaEngine
from tests.harness.shapes import tee
from tests.slicers.engines import STANDARD, bundled_presets, find, job_of, slice_part

SUPPORTED = dataclasses.replace(STANDARD, supports=Supports.ALWAYS)
LEFT_OUT = {
    "comments": {"gcode_comments": "1"},
    "names-of-objects": {"gcode_label_objects": "1"},
    "progress-of-the-printer": {"remaining_times": "1"},
    "pictures": {"thumbnails": "220x124"},
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> PrusaEngine:
    """The installed program."""
    found = find("prusa", tmp_path_factory.mktemp("engine"))
    assert isinstance(found, PrusaEngine)
    return found


@pytest.fixture(scope="module")
def usual(engine: PrusaEngine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Metrics, Path]:
    """Figures and model of a slice as it is always made."""
    folder = tmp_path_factory.mktemp("usual") / "run"
    sliced, _ = slice_part(engine, folder, tee(), SUPPORTED)
    return extract_metrics(sliced.gcode, sliced.member, sliced.expected), folder / "model.stl"


@pytest.mark.parametrize(
    "settings", [pytest.param(each, id=name) for name, each in LEFT_OUT.items()]
)
def test_what_is_left_out_moves_no_figure(
    engine: PrusaEngine, usual: tuple[Metrics, Path], tmp_path: Path, settings: dict[str, str]
) -> None:
    """Bit for bit, weight of support included, which is read from the moves' comments."""
    metrics, stl = usual
    costlier = PrusaEngine(engine._binary, engine.version, engine._setup, engine._line_buffering)
    config = prusa_config(bundled_presets(SUPPORTED))
    costlier._config = lambda presets: {**config, **settings}  # type: ignore[method-assign] # noqa: ARG005
    assert all(config[key] != value for key, value in settings.items())
    assert _metrics(costlier, stl, tmp_path / "run") == metrics


def test_the_core_moves_no_figure(
    engine: PrusaEngine, usual: tuple[Metrics, Path], tmp_path: Path
) -> None:
    """With `SLICE_REPRODUCIBLE` a slice has one core; which one depends on who else slices."""
    metrics, stl = usual
    for core in sorted(usable_cores())[:2]:
        cores = Cores(functools.partial(frozenset, {core}))
        engine._setup = dataclasses.replace(engine._setup, cores=cores)
        assert _metrics(engine, stl, tmp_path / str(core)) == metrics


def test_where_it_works_moves_no_figure(
    engine: PrusaEngine, usual: tuple[Metrics, Path], tmp_path: Path
) -> None:
    """`TEMP_DIR` may be any folder, also one in memory."""
    metrics, stl = usual
    deep = tmp_path / "a-folder-with-a-long-name" / "and-another-one-inside"
    deep.mkdir(parents=True)
    assert _metrics(engine, stl, deep / "run") == metrics
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        assert _metrics(engine, stl, Path(memory) / "run") == metrics


def _metrics(engine: PrusaEngine, stl: Path, folder: Path) -> Metrics:
    folder.mkdir()
    own = folder / stl.name
    own.write_bytes(stl.read_bytes())
    sliced = asyncio.run(engine.slice(job_of(own, folder, SUPPORTED)))
    return extract_metrics(sliced.gcode, sliced.member, sliced.expected)
