"""How many good parts keep their figures when their files are damaged: the table of docs/repair.md.

Each good part of the suite, and of what lies beside it, is damaged at random and judged. A part
counts as priced if it is not refused and its volume and its surface are within 1 % of those of the
undamaged part: time and weight follow them. `--slice` also slices so many of the damaged parts
with PrusaSlicer, and compares the weight of the filament.

    .venv/bin/python scripts/repair_table.py [--seeds 3] [--slice 20]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[1]))

from pricing_fdm.errors import ModelError
from pricing_fdm.mesh.edges import survey
from pricing_fdm.mesh.inspect import judge_model, set_down
from pricing_fdm.mesh.readers.formats import read_model
from pricing_fdm.mesh.weld import weld
from pricing_fdm.model import BuildVolume, Orientation
from tests.harness.models import known
from tests.mesh.shapes import binary_stl

Corners = npt.NDArray[np.float32]
Random = np.random.Generator

ROOMY = BuildVolume(1000, 1000, 1000)
MAX_TRIANGLES = 2_000_000
TOLERANCE = 0.01
SHARE = 0.05
FEW_TRIANGLES = 1_000
MANY_TRIANGLES = 30_000
"""Parts with more are not sliced: it would take hours."""


def removed(share: float) -> Callable[[Corners, Random], Corners]:
    """So many triangles are missing, at least one."""

    def damage(corners: Corners, random: Random) -> Corners:
        count = max(1, round(share * len(corners)))
        return np.delete(corners, random.choice(len(corners), count, replace=False), axis=0)

    return damage


def moved(by_mm: float) -> Callable[[Corners, Random], Corners]:
    """Each corner of each triangle is moved for itself, up to so much along each axis."""

    def damage(corners: Corners, random: Random) -> Corners:
        shifts = random.uniform(-by_mm, by_mm, corners.shape)
        return (corners + shifts).astype(np.float32)

    return damage


def doubled(corners: Corners, random: Random) -> Corners:
    """A twentieth of the triangles is there twice."""
    twice = random.random(len(corners)) < SHARE
    return np.concatenate([corners, corners[twice]])


def flipped(corners: Corners, random: Random) -> Corners:
    """A twentieth of the triangles faces the other way."""
    wrong = random.random(len(corners)) < SHARE
    result = corners.copy()
    result[wrong] = result[wrong][:, ::-1]
    return result


def torn(corners: Corners, random: Random) -> Corners:
    """Three ragged holes, together 1 % of the triangles; none in a part with few triangles."""
    mesh = weld(corners.copy())
    edges = survey(mesh.faces)
    neighbours: dict[int, list[int]] = defaultdict(list)
    for left, right in zip(edges.left.tolist(), edges.right.tolist(), strict=True):
        neighbours[left].append(right)
        neighbours[right].append(left)
    size = len(corners) // 300 if len(corners) > FEW_TRIANGLES else 0
    gone: set[int] = set()
    for _ in range(3):
        front = [int(random.integers(len(mesh.faces)))]
        hole: set[int] = set()
        while front and len(hole) < size:
            face = front.pop(int(random.integers(len(front))))
            hole.add(face)
            front += [each for each in neighbours[face] if each not in hole | set(front)]
        gone |= hole
    return np.asarray(mesh.points[np.delete(mesh.faces, sorted(gone), axis=0)])


DAMAGES = {
    "1 % of triangles removed": removed(0.01),
    "5 % of triangles removed": removed(0.05),
    "1 % in three ragged holes": torn,
    "corners moved by up to 0.001 mm": moved(0.001),
    "5 % of triangles twice": doubled,
    "5 % of triangles turned": flipped,
}


@dataclass
class Row:
    """What became of one kind of damage."""

    parts: int = 0
    priced: int = 0
    refused: int = 0
    off: list[str] = field(default_factory=list)


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--slice", type=int, default=0)
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    rows = {name: Row() for name in DAMAGES}
    with tempfile.TemporaryDirectory() as folder:
        for name, corners in good_parts():
            try_part(Path(folder), name, corners, rows, arguments.seeds)
        print("| Damage | damaged parts | priced within 1 % | refused | off by more |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for name, row in rows.items():
            share = row.priced / max(1, row.parts)
            print(f"| {name} | {row.parts} | {share:.1%} | {row.refused} | {len(row.off)} |")
        if arguments.verbose:
            print("\n".join(line for row in rows.values() for line in row.off))
        if arguments.slice:
            compare_slices(Path(folder), arguments.slice)
    return 0


def good_parts() -> Iterator[tuple[str, Corners]]:
    """The triangles of each good mesh file."""
    for path, _ in known(".stl", ".obj", ".3mf"):
        yield path.name, read_model(path, MAX_TRIANGLES)[1].corners.copy()


def try_part(folder: Path, name: str, corners: Corners, rows: dict[str, Row], seeds: int) -> None:
    """Damages one part in all ways and adds what became of it."""
    whole = figures(folder, corners)
    assert not isinstance(whole, str), f"{name}: {whole}"
    for kind, damage in DAMAGES.items():
        row = rows[kind]
        for seed in range(seeds):
            damaged = damage(corners, np.random.default_rng(seed))
            if damage is torn and len(corners) <= FEW_TRIANGLES:
                continue
            found = figures(folder, damaged)
            row.parts += 1
            if isinstance(found, str):
                row.refused += 1
                row.off.append(f"{kind}: {name}, seed {seed}: {found}")
                continue
            errors = [abs(a / b - 1) for a, b in zip(found, whole, strict=True)]
            if max(errors) <= TOLERANCE:
                row.priced += 1
            else:
                row.off.append(f"{kind}: {name}, seed {seed}: volume, surface off by {errors}")


def figures(folder: Path, corners: Corners) -> tuple[float, float] | str:
    """Volume and surface, or why the part is refused."""
    source = folder / "part.stl"
    source.write_bytes(binary_stl(corners))
    try:
        judged = judge_model(source, ROOMY, max_triangles=MAX_TRIANGLES)
    except ModelError as error:
        return f"refused: {error.detail}"
    return judged.volume_mm3, judged.surface_mm2


def compare_slices(folder: Path, count: int) -> None:
    """Slices parts and their damaged copies with PrusaSlicer, and compares filament and time."""
    parts = [part for part in good_parts() if len(part[1]) < MANY_TRIANGLES]
    steps = np.linspace(0, len(parts) - 1, min(count, len(parts))).astype(int).tolist()
    print("\n| Damage | sliced | filament and time within 1 % | worst filament | worst time |")
    print("| --- | ---: | ---: | ---: | ---: |")
    whole = {at: sliced(folder, parts[at][1]) for at in steps}
    for kind, damage in DAMAGES.items():
        errors = []
        for at in steps:
            before = whole[at]
            after = sliced(folder, damage(parts[at][1], np.random.default_rng(0)))
            if before is not None:
                pairs = zip(after or (np.inf, np.inf), before, strict=True)
                errors.append([abs(a / b - 1) for a, b in pairs])
        good = sum(max(each) <= TOLERANCE for each in errors)
        worst = [f"{max(each[figure] for each in errors):.2%}" for figure in (0, 1)]
        print(f"| {kind} | {len(errors)} | {good} | {worst[0]} | {worst[1]} |")


def sliced(folder: Path, corners: Corners) -> tuple[float, float] | None:
    """Filament in mm and time in seconds; None if the part is refused."""
    source, clean, gcode = folder / "part.stl", folder / "clean.stl", folder / "part.gcode"
    source.write_bytes(binary_stl(corners))
    try:
        judged = judge_model(source, ROOMY, max_triangles=MAX_TRIANGLES)
        with clean.open("wb") as file:
            set_down(judged, file, ROOMY, orientation=Orientation.KEEP, layer_height_mm=0.2)
    except ModelError:
        return None
    bed = "0x0,1000x0,1000x1000,0x1000"
    command = ["prusa-slicer", "--bed-shape", bed, "--max-print-height", "1000"]
    command += ["--fill-density", "20%", "-g", "-o", str(gcode), str(clean)]
    subprocess.run(command, check=True, capture_output=True)
    text = gcode.read_text()
    used = re.search(r"; filament used \[mm\] = ([\d.]+)", text)
    time = re.search(r"; estimated printing time \(normal mode\) = (.*)", text)
    assert used is not None
    assert time is not None
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    seconds = sum(int(n) * units[unit] for n, unit in re.findall(r"(\d+)([dhms])", time[1]))
    return float(used[1]), float(seconds)


if __name__ == "__main__":
    sys.exit(main())
