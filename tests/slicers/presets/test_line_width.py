"""The width of a wall's outermost line, however a profile states it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.slicers.presets.file import Profile, ProfileError, ProfileKind, Value
from pricing_fdm.slicers.presets.line_width import line_width_faults, outer_line_width_mm


def profile(kind: ProfileKind, values: dict[str, Value]) -> Profile:
    return Profile(kind, "name", Path(f"{kind}.json"), values)


@pytest.mark.parametrize(
    ("process", "machine", "width_mm"),
    [
        ({"outer_wall_line_width": "0.42"}, {"nozzle_diameter": ("0.4",)}, 0.42),
        ({"outer_wall_line_width": "110%"}, {"nozzle_diameter": ("0.6",)}, 0.66),
        ({"outer_wall_line_width": "0", "line_width": "0.5"}, {}, 0.5),
        ({"outer_wall_line_width": "0", "line_width": "0"}, {"nozzle_diameter": ("0.8",)}, 0.9),
        ({"line_width": "0.45"}, {}, 0.45),
        ({}, {}, 0.45),
    ],
    ids=["mm", "percent of the nozzle", "general", "automatic", "general alone", "nothing stated"],
)
def test_width_follows_the_slicers_rule(
    process: dict[str, Value], machine: dict[str, Value], width_mm: float
) -> None:
    """A shop's own profile may state it in any of these ways."""
    width = outer_line_width_mm(
        profile(ProfileKind.MACHINE, machine), profile(ProfileKind.PROCESS, process)
    )
    assert width == pytest.approx(width_mm)


def test_a_width_that_no_printer_lays_is_a_fault() -> None:
    """Found at start; at request time it would be a fault of ours."""
    machine = profile(ProfileKind.MACHINE, {})
    process = profile(ProfileKind.PROCESS, {"outer_wall_line_width": "9"})
    with pytest.raises(ProfileError):
        outer_line_width_mm(machine, process)
    assert list(line_width_faults(process, machine)) == [
        "outer_wall_line_width gives lines of 9 mm, which no printer lays."
    ]


def test_without_a_machine_nothing_is_said_twice() -> None:
    """The unreadable machine profile is a fault already."""
    process = profile(ProfileKind.PROCESS, {"outer_wall_line_width": "110%"})
    assert list(line_width_faults(process, None)) == []
