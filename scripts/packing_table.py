"""Prints for the models of a folder how many copies fit on the bundled printer's bed.

    python -m scripts.packing_table FOLDER

The bound is the area of the bed by that of an outline, each with half a gap around it.
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

from pricing_fdm.errors import ModelError
from pricing_fdm.mesh.inspect import judge_model, set_down
from pricing_fdm.mesh.placing.outline import outline_of
from pricing_fdm.model import Bed, BuildVolume, Orientation, Outline
from pricing_fdm.plates.packing import pack
from pricing_fdm.plates.polygons import area_mm2, grown

VOLUME = BuildVolume(200, 200, 200)
GAP_MM = 6.0
TRIANGLES_MAX = 2_000_000
COPIES = 1000


def outline(path: Path) -> Outline:
    """The outline of a model in the pose that is printed."""
    judged = judge_model(path, VOLUME, max_triangles=TRIANGLES_MAX)
    part = set_down(judged, io.BytesIO(), VOLUME, orientation=Orientation.AUTO, layer_height_mm=0.2)
    return outline_of(part.placement.mesh.points, part.placement.move_mm)


def main(folder: str) -> None:
    """Prints a row for each model that can be printed."""
    print("| Part | Copies on a plate | By area at most | CPU s |\n| --- | --- | --- | --- |")
    for path in sorted(Path(folder).iterdir()):
        if path.suffix not in {".stl", ".3mf", ".obj"}:
            continue
        try:
            shape = outline(path)
        except ModelError:
            continue
        start = time.process_time()
        copies = len(pack([(shape, COPIES)], Bed(VOLUME.outline), GAP_MM, COPIES)[0])
        taken_s = time.process_time() - start
        bed_mm2 = (VOLUME.x_mm + GAP_MM) * (VOLUME.y_mm + GAP_MM)
        at_most = int(bed_mm2 / area_mm2(grown(shape, GAP_MM / 2)))
        print(f"| {path.stem} | {copies} | {at_most} | {taken_s:.2f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
