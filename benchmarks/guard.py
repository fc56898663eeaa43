"""The figures that CI watches: counts, and ratios of processor times within one process.

A count (bytes read, bytes held) is the same on every machine. A ratio is of our work to a plain
piece of work of the same kind, both the least of several turns: what else the machine does slows
both. `tests/benchmarks/test_guard.py` holds them to their bounds, and `python -m benchmarks.guard`
prints both.
"""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.parts import ball
from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.stl_writer import write_stl
from pricing_fdm.mesh.weld import weld
from pricing_fdm.model import MOST_CORNERS, Bed, BuildVolume, Orientation
from pricing_fdm.plates.packing import pack
from pricing_fdm.quoting.cache.key import key_of
from pricing_fdm.quoting.cache.result_cache import ResultCache
from tests.harness.shapes import binary_stl, box
from tests.mesh.inspecting import inspect_model
from tests.quoting.cache.slice_results import slice_result

_FIXTURES = Path(__file__).parent.parent / "tests" / "gcode" / "fixtures"
_UNSUPPORTED = _FIXTURES / "orca-2.3.1-pulley-over-a-day.gcode"
_SUPPORTED = _FIXTURES / "orca-2.3.1-overhang-support.gcode"
_PRINTER = BuildVolume(200, 200, 200)
_TRIANGLES = 2_000_000
_BALL_MB = 10.0  # 200,000 triangles
_GCODE_BYTES = 16 * 1024 * 1024
_END_OF_MOVES = b"; EXECUTABLE_BLOCK_END"
_TURNS = 5
_MANY = 200
_SORTED = 2_000_000
_COPIES = 1_000


def inspection_reads(folder: Path) -> float:
    """Bytes read to inspect a model, by its size."""
    model = _saved(folder)
    before = _bytes("rchar")
    _inspect(model)
    return (_bytes("rchar") - before) / model.stat().st_size


def inspection_memory(folder: Path) -> float:
    """Most bytes held to inspect a model, by its size."""
    model = _saved(folder)
    _inspect(model)  # imports what it needs
    tracemalloc.start()
    try:
        _inspect(model)
        return tracemalloc.get_traced_memory()[1] / model.stat().st_size
    finally:
        tracemalloc.stop()


def unsupported_gcode_reads(folder: Path) -> float:
    """Bytes read of a G-code without support, by its size: once, for what each plate takes."""
    gcode = _grown(_UNSUPPORTED, folder)
    before = _bytes("rchar")
    extract_metrics(gcode, None, {})
    return (_bytes("rchar") - before) / gcode.stat().st_size


def inspection_time(folder: Path) -> float:
    """CPU to inspect 200,000 triangles, by that to sort 2,000,000 numbers."""
    model = _saved(folder)
    numbers = np.random.default_rng(8).random(_SORTED)
    return _ratio(lambda: _inspect(model), lambda: np.sort(numbers))


def stl_writing_time(folder: Path) -> float:
    """CPU to write a clean STL, by that to read and write its bytes."""
    mesh = weld(read_model(_saved(folder), _TRIANGLES)[1].corners)
    clean = folder / "clean.stl"

    def write() -> None:
        with clean.open("wb") as file:
            write_stl(mesh, file, (0.0, 0.0, 0.0))

    def copy() -> None:
        (folder / "copy.stl").write_bytes(clean.read_bytes())

    return _ratio(write, copy)


def supported_gcode_time(folder: Path) -> float:
    """CPU to weigh the support in a G-code, by that to split its text into lines."""
    gcode = _grown(_SUPPORTED, folder)
    return _ratio(
        lambda: extract_metrics(gcode, None, {}), lambda: len(gcode.read_text().splitlines())
    )


def hit_time(folder: Path) -> float:
    """CPU to look up a cached slice result, by that to inspect a cube: the least part of a miss."""
    model = folder / "cube.stl"
    model.write_bytes(binary_stl(box(20, 20, 20)))
    cache = ResultCache(max_bytes=1024**2, ttl_s=3600, refusal_ttl_s=60)
    facts: dict[str, str | int] = {
        "model": "0" * 64,
        "material": "pla",
        "infill": 20,
        "engine": "prusa",
    }

    async def remember() -> None:
        await cache.remember(key_of(facts), slice_result())

    async def look_up() -> None:
        for _ in range(_MANY):
            if await cache.lookup(key_of(facts)) is None:
                raise RuntimeError("it is not in the cache")

    asyncio.run(remember())
    return _ratio(lambda: asyncio.run(look_up()), lambda: _inspect(model)) / _MANY


def packing_time(folder: Path) -> float:
    """CPU to pack 1,000 discs on full beds, by that for 40,000 operations on long numbers."""
    del folder
    turns = [math.tau * number / MOST_CORNERS for number in range(MOST_CORNERS)]
    disc = tuple((100 + 3 * math.cos(turn), 100 + 3 * math.sin(turn)) for turn in turns)
    bed, numbers = Bed(_PRINTER.outline), [(1 << 900) - 1] * _MANY * _MANY
    return _ratio(
        lambda: pack([(disc, _COPIES)], bed, 6.0, _COPIES),
        lambda: [one | other << 100 for one, other in zip(numbers, numbers, strict=True)],
    )


def modules_at_start(folder: Path) -> float:
    """Modules that the service imports before it serves."""
    code = "import sys, pricing_fdm.app, pricing_fdm.commands.serve; print(len(sys.modules))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return float(done.stdout)


@dataclass(frozen=True, slots=True)
class Figure:
    """What is watched.

    Attributes:
        measure: Measures it, in an empty folder.
        seen: What it was when the bound was set.
        bound: What it may be at most.
        counts: The same on every machine; the others are ratios of processor times.
    """

    measure: Callable[[Path], float]
    seen: float
    bound: float
    counts: bool = False


FIGURES = {
    figure.measure.__name__: figure
    for figure in (
        Figure(inspection_reads, 1.05, 1.2, counts=True),
        Figure(inspection_memory, 2.16, 3.0, counts=True),
        Figure(unsupported_gcode_reads, 1.06, 1.2, counts=True),
        Figure(modules_at_start, 881, 1100, counts=True),
        Figure(inspection_time, 11.0, 45),
        Figure(stl_writing_time, 4.2, 18),
        Figure(supported_gcode_time, 2.6, 20),
        Figure(hit_time, 0.0014, 0.005),
        Figure(packing_time, 12, 40),
    )
}


def main() -> int:
    """Prints all figures."""
    for name, figure in FIGURES.items():
        with tempfile.TemporaryDirectory(prefix="bench-guard-") as folder:
            print(f"{name}: {figure.measure(Path(folder)):.4g} (at most {figure.bound:g})")
    return 0


def _ratio(ours: Callable[[], object], plain: Callable[[], object]) -> float:
    """Least processor time of the one by the least of the other, in turn."""
    ours_s, plain_s = [], []
    for _ in range(_TURNS):
        ours_s.append(_cpu_s(ours))
        plain_s.append(_cpu_s(plain))
    return min(ours_s) / min(plain_s)


def _cpu_s(work: Callable[[], object]) -> float:
    began_s = time.process_time()
    work()
    return time.process_time() - began_s


def _inspect(model: Path) -> None:
    inspect_model(
        model,
        model.with_name("clean.stl"),
        _PRINTER,
        max_triangles=_TRIANGLES,
        orientation=Orientation.AUTO,
    )


def _saved(folder: Path) -> Path:
    model = folder / "model"
    model.write_bytes(ball(_BALL_MB, radius_mm=40).content)
    return model


def _grown(gcode: Path, folder: Path) -> Path:
    """The same G-code with its moves, which were left out of it."""
    head, end, tail = gcode.read_bytes().partition(_END_OF_MOVES)
    moves = b"".join(_moves())
    grown = folder / "grown.gcode"
    with grown.open("wb") as file:
        file.write(head + b"M83\n")
        for _ in range(_GCODE_BYTES // len(moves)):
            file.write(moves)
        file.write(end + tail)
    return grown


def _moves() -> Iterator[bytes]:
    """Walls, infill and a little support, as a slicer writes them."""
    for kind, length in (("Outer wall", ".03125"), ("Sparse infill", ".5"), ("Support", ".00001")):
        yield f";TYPE:{kind}\n".encode()
        for n in range(40):
            yield f"G1 X{n % 180}.125 Y{n % 170}.5 E{length}\n".encode()


def _bytes(counter: str) -> int:
    """Of the kernel's account of what this process has read or written."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{counter}:"))


if __name__ == "__main__":
    sys.exit(main())
