"""Prints how many copies fit on the bundled printer's bed, and how long packing takes at worst.

    python -m scripts.packing_table [FOLDER]

With a folder, each of its models has a row. The bound is the area of the bed by that of an
outline, each with half a gap around it. Without one, the rows are the orders that take longest.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pricing_fdm.errors import ModelError
from pricing_fdm.mesh.inspect import judge_model, set_down
from pricing_fdm.mesh.placing.outline import outline_of
from pricing_fdm.model import MOST_CORNERS, Bed, BuildVolume, Orientation, Outline, rectangle
from pricing_fdm.plates.packing import Layout, pack
from pricing_fdm.plates.polygons import area_mm2, grown
from tests.plates.outlines import ellipse

VOLUME = BuildVolume(200, 200, 200)
GAP_MM = 6.0
TRIANGLES_MAX = 2_000_000
COPIES = 1000
KINDS = 50


def outline(path: Path) -> Outline:
    """The outline of a model in the pose that is printed."""
    judged = judge_model(path, VOLUME, max_triangles=TRIANGLES_MAX)
    part = set_down(judged, io.BytesIO(), VOLUME, orientation=Orientation.AUTO, layer_height_mm=0.2)
    return outline_of(part.placement.mesh.points, part.placement.move_mm)


def main(folder: str | None = None) -> None:
    """Prints a table."""
    if folder is None:
        print_worst()
    else:
        print_models(Path(folder))


def print_models(folder: Path) -> None:
    """Prints a row for each model that can be printed."""
    print("| Part | Copies on a plate | By area at most | CPU s |\n| --- | --- | --- | --- |")
    for path in sorted(folder.iterdir()):
        if path.suffix not in {".stl", ".3mf", ".obj"}:
            continue
        try:
            shape = outline(path)
        except ModelError:
            continue
        plates, taken_s = packed([(shape, COPIES)], COPIES)
        copies = len(plates[0])
        bed_mm2 = (VOLUME.x_mm + GAP_MM) * (VOLUME.y_mm + GAP_MM)
        at_most = int(bed_mm2 / area_mm2(grown(shape, GAP_MM / 2)))
        print(f"| {path.stem} | {copies} | {at_most} | {taken_s:.2f} |")


def print_worst() -> None:
    """Prints a row for each order that is hard to pack."""
    kinds = range(KINDS)
    small = [disc(2 + kind / 20) for kind in kinds]
    orders = [
        ("1,000 discs of 4 mm, 16 on a plate", [(disc(2), 1000)], 16),
        ("1,000 discs of 4 mm, no limit", [(disc(2), 1000)], 1000),
        ("1,000 needles of 150 x 1 mm, no limit", [(rectangle(25, 175, 100, 101), 1000)], 1000),
        (f"1 of each of {KINDS} small discs", [(each, 1) for each in small], 16),
        (f"1,000 of each of {KINDS} small discs", [(each, 1000) for each in small], 16),
        (
            "15 of each of 50 discs that 14 fill a bed of",
            [(disc(22 + k / 20), 15) for k in kinds],
            16,
        ),
        (
            f"7 of each of {KINDS} discs that 3 fill a bed of",
            [(disc(47 + k / 20), 7) for k in kinds],
            16,
        ),
        (f"1,000 of each of {KINDS} small discs, no limit", [(each, 1000) for each in small], 1000),
    ]
    print("| Order | Plates | CPU s |\n| --- | --- | --- |")
    for name, parts, most in orders:
        plates, taken_s = packed(parts, most)
        print(f"| {name} | {len(plates)} | {taken_s:.2f} |")


def disc(radius_mm: float) -> Outline:
    """With as many corners as an outline may have."""
    return ellipse(radius_mm, radius_mm, MOST_CORNERS, VOLUME.centre_mm)


def packed(parts: Sequence[tuple[Outline, int]], most: int) -> tuple[tuple[Layout, ...], float]:
    """The plates, and the CPU time that they took."""
    start = time.process_time()
    plates = pack(parts, Bed(VOLUME.outline), GAP_MM, most)
    return plates, time.process_time() - start


if __name__ == "__main__":
    main(*sys.argv[1:])
