"""How far apart copies lie, by what their presets lay down beside them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from pricing_fdm.model import BuildVolume
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.presets.bed import excluded_areas
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.presets.file import PresetFormat, Profile, ProfileKind, Value
from pricing_fdm.slicers.presets.plate_room import PlateRoom, plate_room

VOLUME = BuildVolume(250, 210, 200, origin_x_mm=-125)
ORCA, PRUSA = PresetFormat.ORCA, PresetFormat.PRUSA


def room(
    process: dict[str, Value],
    machine: dict[str, Value] | None = None,
    *,
    supported: bool = False,
    kind: PresetFormat = ORCA,
    overrides: dict[str, str] | None = None,
) -> PlateRoom:
    presets = ChosenPresets(
        *(
            Profile(each, "name", Path(f"{each}{kind}"), values, kind)
            for each, values in zip(
                (ProfileKind.MACHINE, ProfileKind.PROCESS, ProfileKind.FILAMENT),
                (machine or {}, process, {}),
                strict=True,
            )
        )
    )
    return plate_room(presets, VOLUME, overrides or {}, supported=supported)


@pytest.mark.parametrize(
    ("process", "supported", "gap_mm", "edge_mm"),
    [
        ({}, False, 6, 0),
        ({"brim_type": "no_brim", "brim_width": "5"}, False, 6, 0),
        ({"brim_type": "inner_only", "brim_width": "5"}, False, 6, 0),
        ({"brim_type": "outer_only", "brim_width": "5", "brim_object_gap": "1"}, False, 12, 6),
        ({"brim_width": "2"}, False, 6, 2),
        ({"raft_layers": "2", "raft_first_layer_expansion": "3.5"}, False, 7, 3.5),
        ({"skirt_loops": "2", "skirt_distance": "3"}, False, 6, 5),
        ({"skirt_loops": "0", "skirt_distance": "3"}, False, 6, 0),
        ({"support_type": "normal(auto)"}, True, 16, 8),
        ({"support_type": "normal(auto)", "support_expansion": "1"}, True, 18, 9),
        ({"raft_first_layer_expansion": "4"}, True, 18, 9),
        ({"support_type": "tree(auto)"}, True, 48, 24),
        ({"support_type": "tree(auto)"}, False, 6, 0),
    ],
)  # fmt: skip
def test_copies_keep_what_stands_out_of_both(
    process: dict[str, Value], supported: bool, gap_mm: float, edge_mm: float
) -> None:
    """Brims that run into each other tear, and support of one copy would lie in another."""
    found = room(process, supported=supported)
    assert found.gap_mm == pytest.approx(gap_mm)
    assert found.bed.edge_mm == pytest.approx(edge_mm)
    assert found.height_max_mm == math.inf


def test_presets_of_prusaslicer_are_asked_by_their_own_keys() -> None:
    """The two slicers call the same things differently."""
    process: dict[str, Value] = {
        "brim_width": "4",
        "brim_separation": "0.5",
        "complete_objects": "1",
        "support_material_style": "organic",
        "extruder_clearance_radius": "45",
        "extruder_clearance_height": "25",
    }
    one_by_one = room(process, kind=PRUSA)
    assert (one_by_one.gap_mm, one_by_one.bed.edge_mm) == (45, 4.5)
    assert one_by_one.height_max_mm == 25
    assert room(process, kind=PRUSA, supported=True).gap_mm == 48


def test_copies_printed_one_by_one_keep_the_heads_clearance() -> None:
    """It would run into those that stand there."""
    machine: dict[str, Value] = {
        "extruder_clearance_radius": "65",
        "extruder_clearance_height_to_rod": "36",
    }
    assert room({"print_sequence": "by layer"}, machine).gap_mm == 6
    found = room({"print_sequence": "by object"}, machine)
    assert (found.gap_mm, found.height_max_mm) == (65, 36)


def test_a_setting_of_the_request_goes_before_the_preset() -> None:
    """It is what is printed."""
    assert room({"brim_type": "no_brim", "brim_width": "5"}).gap_mm == 6
    asked = {"brim_type": "outer_only"}
    assert room({"brim_type": "no_brim", "brim_width": "5"}, overrides=asked).gap_mm == 10


def test_the_bed_lies_in_machine_coordinates_with_what_is_taken_of_it() -> None:
    """Bambu's printers wipe and cut in a corner."""
    bed = room({}, {"bed_exclude_area": ("0x0", "18x0", "18x28", "0x28")}).bed
    assert [*bed.outline] == [(-125, 0), (125, 0), (125, 210), (-125, 210)]
    assert [[*area] for area in bed.excluded] == [[(0, 0), (18, 0), (18, 28), (0, 28)]]


@pytest.mark.parametrize(
    ("corners", "areas"),
    [((), 0), (("",), 0), (("0x0",), 0), (("0x0", "9x0", "9x9", "0x9") * 2, 2)],
    ids=["unstated", "empty", "none", "two"],
)
def test_areas_are_read_by_four_corners(corners: tuple[str, ...], areas: int) -> None:
    """`0x0` is how OrcaSlicer says that there is none."""
    machine = Profile(ProfileKind.MACHINE, "M", Path("m.json"), {"bed_exclude_area": corners})
    assert len(excluded_areas(machine)) == areas


def test_a_corner_that_is_none_is_a_fault_of_the_shop() -> None:
    """Found when the shop is loaded, not at the first plate."""
    machine = Profile(ProfileKind.MACHINE, "M", Path("m.json"), {"bed_exclude_area": ("18",)})
    with pytest.raises(ShopError, match=r"m\.json: bed_exclude_area: has a corner"):
        excluded_areas(machine)
