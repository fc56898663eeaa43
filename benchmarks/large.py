"""A model of 100 MB: how long its inspection takes, and how much memory.

`python -m benchmarks.large FILE DESTINATION` inspects one file and prints what that took.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.parts import ball
from benchmarks.place import Place
from benchmarks.section import Claim, Section, at_most
from benchmarks.spread import Spread
from benchmarks.usage import peak_mib
from pricing_fdm.mesh.inspect import describe, judge_model, set_down
from pricing_fdm.model import BuildVolume, Orientation

NAME = "large"
WALL_S_AIM = 1.5
MEMORY_AIM = 3.0

_MB = 99.9
_TURNS = 3
_PRINTER = BuildVolume(200, 200, 200)
_TRIANGLES = 2_000_000
_LAYER_HEIGHT_MM, _LINE_WIDTH_MM = 0.2, 0.42
_BYTES_PER_MIB = 1024 * 1024

_HOW = f"""\
A ball of {_MB:g} MB, just under {_TRIANGLES:,} triangles, inspected and written anew in a process
of its own, {_TURNS} times for each orientation. What a quote waits for ends when the clean STL is
written; what the shape deserves to be warned of is found out while the slicer runs, and is in the
processor time and in the memory. Memory is the peak of that process above what it had before, by
the size of the file."""


def measure(place: Place) -> Section:
    """Inspects it in both orientations."""
    del place
    claims = []
    samples = {}
    with tempfile.TemporaryDirectory(prefix="bench-large-") as name:
        model = Path(name) / "model"
        model.write_bytes(ball(_MB, radius_mm=40).content)
        for orientation in (Orientation.KEEP, Orientation.AUTO):
            runs = [_inspected(model, orientation) for _ in range(_TURNS)]
            samples[orientation.value] = runs
            wall, ready, cpu, memory = (
                Spread.of(run[figure] for run in runs)
                for figure in ("wall_s", "ready_cpu_s", "cpu_s", "memory")
            )
            claims += [
                at_most(
                    f"{_MB:g} MB inspected and rewritten, orientation `{orientation}`, wall",
                    wall.median,
                    WALL_S_AIM,
                    figure=f"{wall.text()} s",
                    unit=" s",
                    floor="Each step is one or a few passes of numpy over all triangles, on one "
                    "core; see the table of steps. Threads won nothing (ADR 22).",
                ),
                Claim(f"The same, CPU, orientation `{orientation}`", f"{ready.text()} s"),
                Claim(
                    f"{_MB:g} MB, orientation `{orientation}`, CPU with the shape's warnings",
                    f"{cpu.text()} s",
                ),
                at_most(
                    f"{_MB:g} MB inspected, memory / size of the file, orientation `{orientation}`",
                    memory.median,
                    MEMORY_AIM,
                    figure=memory.text(),
                    floor="Points, faces and edges of the mesh are in memory at once.",
                ),
            ]
    return Section(NAME, "A model of 100 MB", _HOW, claims, samples=samples)


def _inspected(model: Path, orientation: Orientation) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.large", str(model), orientation.value],
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _inspect(model: Path, orientation: Orientation) -> dict[str, float]:
    before_mib = peak_mib(os.getpid())
    began_s, cpu_s = time.perf_counter(), time.process_time()
    part = set_down(
        judge_model(model, _PRINTER, max_triangles=_TRIANGLES),
        model.with_name("clean.stl"),
        _PRINTER,
        orientation=orientation,
        layer_height_mm=_LAYER_HEIGHT_MM,
    )
    wall_s, ready_cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
    describe(part, line_width_mm=_LINE_WIDTH_MM)
    return {
        "wall_s": wall_s,
        "ready_cpu_s": ready_cpu_s,
        "cpu_s": time.process_time() - cpu_s,
        "memory": (peak_mib(os.getpid()) - before_mib) * _BYTES_PER_MIB / model.stat().st_size,
    }


if __name__ == "__main__":
    print(json.dumps(_inspect(Path(sys.argv[1]), Orientation(sys.argv[2]))))
