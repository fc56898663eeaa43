"""What copies need of a bed, in the machine's own coordinates."""

from __future__ import annotations

from dataclasses import replace

from pricing_fdm.model import UNTURNED, BuildVolume, Pose
from pricing_fdm.quoting.plate_room import bed_of, outline_of
from tests.quoting.cache.slice_results import slice_result

BED = BuildVolume(250, 210, 200, origin_x_mm=-125, origin_y_mm=0)


def test_a_part_lies_in_the_middle_of_the_bed() -> None:
    """As its clean STL does, whatever the file said."""
    part = replace(slice_result().part, pose=Pose(UNTURNED, (30.0, 10.0, 5.0)))
    assert outline_of(part, BED) == ((-15, 100), (15, 100), (15, 110), (-15, 110))


def test_the_whole_bed_may_be_used() -> None:
    """Its corner need not be at the origin."""
    assert bed_of(BED).outline == ((-125, 0), (125, 0), (125, 210), (-125, 210))
