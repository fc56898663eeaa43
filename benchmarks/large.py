"""A model of 100 MB: how long its inspection takes, and how much memory; measured by pyperf.

`BENCH_MODEL=part.stl python -m benchmarks.large --copy-env -o before.json` measures any part, and
`python -m pyperf compare_to before.json after.json` compares two commits.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyperf

from benchmarks.parts import ball
from benchmarks.place import Place
from benchmarks.report import Section, at_most
from benchmarks.spread import Spread
from pricing_fdm.mesh.inspect import describe, judge_model, set_down
from pricing_fdm.model import BuildVolume, Orientation

NAME = "large"
WALL_S_AIM, MEMORY_AIM = 1.5, 3.0

_SIZES_MB = (0.1, 99.9)
_PROCESSES = 3
_MODEL = "BENCH_MODEL"
_PRINTER = BuildVolume(200, 200, 200)
_TRIANGLES = 2_000_000
_LAYER_HEIGHT_MM, _LINE_WIDTH_MM = 0.2, 0.42

_HOW = f"""\
A ball of {_SIZES_MB[1]:g} MB, just under {_TRIANGLES:,} triangles, inspected and written anew by
pyperf in {_PROCESSES} processes for each orientation. What a quote waits for ends when the clean
STL is written; what the shape deserves to be warned of is found out while the slicer runs, and
counts for the memory only. Memory is the peak of the process beyond that of a ball of
{_SIZES_MB[0]:g} MB, by the size of the file."""


def measure(place: Place) -> Section:
    """Inspects both in both orientations."""
    del place
    small, large = (_inspected(size_mb) for size_mb in _SIZES_MB)
    claims = []
    for orientation in (Orientation.KEEP, Orientation.AUTO):
        base_bytes = min(small[orientation][1])
        wall_s, peaks_bytes = large[orientation]
        memory = Spread.of((peak - base_bytes) / (_SIZES_MB[1] * 1e6) for peak in peaks_bytes)
        what = f"{_SIZES_MB[1]:g} MB inspected and rewritten, orientation `{orientation}`"
        claims.append(at_most(f"{what}, wall", Spread.of(wall_s), WALL_S_AIM, " s"))
        claims.append(at_most(f"{what}, memory / size of the file", memory, MEMORY_AIM))
    return Section(
        NAME, "A model of 100 MB", _HOW, claims, samples={"small": small, "large": large}
    )


def _inspected(size_mb: float) -> dict[str, tuple[list[float], list[int]]]:
    """Seconds and peak memory of each process, by orientation."""
    with tempfile.TemporaryDirectory(prefix="bench-large-") as name:
        model, result = Path(name) / "model", Path(name) / "result.json"
        model.write_bytes(ball(size_mb, radius_mm=40).content)
        subprocess.run(
            [sys.executable, "-m", "benchmarks.large", "--copy-env", "--quiet", "-o", str(result)],
            env={**os.environ, _MODEL: str(model)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        suite = pyperf.BenchmarkSuite.load(str(result))
    return {
        each.get_name(): (
            list(each.get_values()),
            [run.get_metadata()["mem_max_rss"] for run in each.get_runs()],
        )
        for each in suite
    }


def _inspect_s(_loops: int, model: Path, orientation: Orientation) -> float:
    """Seconds until the clean STL is written, once."""
    began_s = time.perf_counter()
    judged = judge_model(model, _PRINTER, max_triangles=_TRIANGLES)
    with model.with_name(f"clean-{os.getpid()}.stl").open("wb") as clean:
        part = set_down(
            judged,
            clean,
            _PRINTER,
            orientation=orientation,
            layer_height_mm=_LAYER_HEIGHT_MM,
        )
    wall_s = time.perf_counter() - began_s
    describe(part, line_width_mm=_LINE_WIDTH_MM)
    return wall_s


def main() -> None:
    """Lets pyperf start processes that inspect the model."""
    runner = pyperf.Runner(
        values=1, processes=_PROCESSES, loops=1, warmups=0, program_args=("-m", "benchmarks.large")
    )
    for orientation in (Orientation.KEEP, Orientation.AUTO):
        runner.bench_time_func(orientation.value, _inspect_s, Path(os.environ[_MODEL]), orientation)


if __name__ == "__main__":
    main()
