"""PrusaSlicer's progress is read from what it prints."""

from __future__ import annotations

import pytest

from pricing_fdm.slicers.prusa.progress import prusa_percent


@pytest.mark.parametrize(
    ("line", "percent"),
    [
        (b"10 => Processing triangulated mesh", 2),
        (b" 5 => Something", 0),
        (b"20 => Generating perimeters", 3),
        (b"85 => Generating support material", 53),
        (b"88 => Generating skirt and brim", 65),
        (b"90 => Exporting G-code to /tmp/run/out.gcode", 65),
        (b"Slicing result exported to out.gcode", 100),
        (b"70 => Infilling layers", 40),
        (b"30 => Preparing infill", 40),
        (b"Empty layer between 12.2 and 13", None),
        (b"see 10 => there", None),
        (b"1000 => x", None),
        (b"", None),
    ],
)
def test_prusaslicer_s_steps_are_read(line: bytes, percent: int | None) -> None:
    """As recorded from 2.5.0, whose 70 comes before its 30; as shares of the time, not its own."""
    assert prusa_percent(line) == percent
