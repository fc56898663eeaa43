"""Packed plates as PrusaSlicer really prints them: copies keep apart, none is off the bed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pricing_fdm.mesh.placing.outline import outline_of
from pricing_fdm.mesh.triangles import Corners as Triangles
from pricing_fdm.model import BuildVolume, Outline, Placement, rectangle
from pricing_fdm.plates.packing import Layout, pack
from pricing_fdm.plates.threemf import write_plate
from pricing_fdm.slicers.presets.plate_room import PlateRoom, plate_room
from pricing_fdm.slicers.prusa.config import prusa_config
from tests.mesh import shapes
from tests.mesh.threemf_writer import mesh
from tests.plates.gcode_moves import extrusions, plate_faults
from tests.slicers.engines import bundled_presets
from tests.slicers.real_prusa import Sliced, slice_with_prusa

VOLUME = BuildVolume(200, 200, 200)
# A flag: a plate of 24 x 6 mm on a post, high enough above the bed to be held up by support.
FLAG: Triangles = np.concatenate(
    [
        shapes.box((6, 6, 3), at=(88, 97, 0)),
        shapes.box((24, 6, 2), at=(88, 97, 3)),
    ]
).astype(np.float32)


def sliced(layout: Layout, folder: Path, settings: dict[str, str]) -> Sliced:
    """A plate of flags, by the bundled presets and other settings."""
    plate, part = folder / "plate.3mf", folder / "flag.mesh"
    part.write_text(mesh(FLAG))
    write_plate(plate, {0: part}, layout)
    config = {**prusa_config(bundled_presets()), **settings}
    return slice_with_prusa(config, plate, folder)


def packed(copies: int, *, supported: bool) -> tuple[Layout, Outline, PlateRoom]:
    outline = outline_of(FLAG.reshape(-1, 3), (0.0, 0.0, 0.0))
    room = plate_room(bundled_presets(), VOLUME, {}, supported=supported)
    (layout,) = pack([(outline, copies)], room.bed, room.gap_mm, copies)
    return layout, outline, room


@pytest.mark.parametrize("supported", [False, True], ids=["bare", "with-support"])
def test_copies_of_a_sliced_plate_keep_apart(supported: bool, tmp_path: Path) -> None:
    """What is laid down for a copy stays within half the gap, so no two can meet."""
    layout, outline, room = packed(12, supported=supported)
    gcode = sliced(layout, tmp_path, {"support_material": str(int(supported))}).gcode
    stands_out_mm = room.gap_mm / 2 if supported else 0.1
    assert plate_faults(gcode.splitlines(), layout, [outline], room.bed, stands_out_mm) == []


def test_what_lies_elsewhere_is_seen(tmp_path: Path) -> None:
    """A check that cannot fail proves nothing."""
    layout, outline, room = packed(2, supported=False)
    gcode = sliced(layout, tmp_path, {}).gcode.splitlines()
    # Half a line of 0.4 mm lies within the outline.
    moved = (replace(layout[0], x_mm=layout[0].x_mm - 2), layout[1])
    assert plate_faults(gcode, moved, [outline], room.bed, 0.1)[0].startswith("1.80 mm beside")
    third = (*layout, Placement(0, 60.0, 60.0, 0))
    assert plate_faults(gcode, third, [outline], room.bed, 0.1) == ["no move of copy 2"]
    small = replace(room.bed, outline=rectangle(0, 200, 0, 100))
    assert "off the bed" in plate_faults(gcode, layout, [outline], small, 0.1)[0]
    taken = replace(room.bed, excluded=(((80, 90), (120, 90), (120, 110), (80, 110)),))
    assert plate_faults(gcode, layout, [outline], taken, 0.1) == ["on an excluded area"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "cooling",
    [
        {},
        {"slowdown_below_layer_time": "20"},
        {"slowdown_below_layer_time": "40", "min_print_speed": "3"},
    ],
    ids=["of-the-preset", "longer", "longest"],
)
def test_each_copy_adds_time_and_its_weight(cooling: dict[str, str], tmp_path: Path) -> None:
    """Closest where a layer waits to cool, alone or with others: even then the ways remain.

    So no copy more makes an order cheaper, but for the shop's own breaks.
    """
    plates = []
    for copies in range(1, 17):
        layout, *_ = packed(copies, supported=False)
        plates.append(sliced(layout, tmp_path, {**cooling, "fill_density": "20%"}))
    times_s = [plate.seconds for plate in plates]
    assert times_s == sorted({*times_s})
    each_g = [float(plate.grams) / copies for copies, plate in enumerate(plates, 1)]
    assert each_g == pytest.approx([each_g[0]] * 16, rel=0.005)


@pytest.mark.parametrize(
    ("gcode", "moves"),
    [
        ("M83|;TYPE:Perimeter|G1 X1 Y1|G1 X5 E.2|G1 X9", [[[1, 1], [5, 1]]]),
        ("M82|;TYPE:Perimeter|G92 E0|G1 X1 Y1|G1 X5 E.2|G1 X9 E.2", [[[1, 1], [5, 1]]]),
        ("M83|; FEATURE: Outer wall|G1 X1 Y1|G1 E.5|G1 X2 E-.5|G2 Y4 I1 E.1", [[[2, 1], [2, 4]]]),
        ("M83|G1 X1 E1|;TYPE:Skirt|G1 X2 E1|;TYPE:Custom|G1 X3 E1", []),
        ("M83|;TYPE:Support|G1 X1 E1 ; X9|; G1 X9 E9", [[[0, 0], [1, 0]]]),
    ],
    ids=["relative", "absolute", "orca-and-arcs", "no-copy's", "comments"],
)
def test_only_moves_that_lay_plastic_for_a_copy_count(
    gcode: str, moves: Sequence[Sequence[Sequence[float]]]
) -> None:
    """Travels, retractions, the start and the skirt may go anywhere."""
    assert extrusions(gcode.split("|")).tolist() == moves
