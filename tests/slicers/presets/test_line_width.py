"""The width of a wall's outermost line, however a profile states it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.presets.file import PresetFormat, Profile, ProfileKind, Value
from pricing_fdm.slicers.presets.line_width import outer_line_width_mm


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
    with pytest.raises(ShopError) as caught:
        outer_line_width_mm(machine, process)
    assert str(caught.value) == (
        "process.json: outer_wall_line_width: gives lines of 9 mm, which no printer lays."
    )


@pytest.mark.parametrize(
    ("process", "width_mm"),
    [
        ({"external_perimeter_extrusion_width": "0.65"}, 0.65),
        ({"external_perimeter_extrusion_width": "200%", "layer_height": "0.3"}, 0.6),
        ({"external_perimeter_extrusion_width": "0", "extrusion_width": "0.7"}, 0.7),
        ({"external_perimeter_extrusion_width": "0", "extrusion_width": "0"}, 0.63),
        ({}, 0.63),
    ],
    ids=["mm", "percent of the layer", "general", "automatic", "nothing stated"],
)
def test_prusaslicer_has_a_rule_of_its_own(process: dict[str, Value], width_mm: float) -> None:
    """A percentage is one of the layer height, and its own choice is narrower."""
    path, ini = Path("preset.ini"), PresetFormat.PRUSA
    machine = Profile(ProfileKind.MACHINE, "M", path, {"nozzle_diameter": "0.6"}, ini)
    width = outer_line_width_mm(machine, Profile(ProfileKind.PROCESS, "P", path, process, ini))
    assert width == pytest.approx(width_mm)
