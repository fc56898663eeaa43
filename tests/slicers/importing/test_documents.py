"""Presets are found in texts, and their kind is told by what stands in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pricing_fdm.slicers.importing.contents import Text
from pricing_fdm.slicers.importing.documents import FoundPreset, presets_in
from pricing_fdm.slicers.presets.file import PresetFormat, ProfileKind


def found_in(content: Any, remarks: list[str]) -> FoundPreset:
    written = content if isinstance(content, str) else json.dumps(content)
    (found,) = presets_in(Text("x: some.bin", "some", written, None, ""), remarks)
    return found


@pytest.mark.parametrize(
    ("content", "slicer", "kind", "name"),
    [
        ({"type": "process", "name": "A"}, PresetFormat.ORCA, ProfileKind.PROCESS, "A"),
        ({"filament_settings_id": ["A"]}, PresetFormat.ORCA, ProfileKind.FILAMENT, "some"),
        (
            {"print_settings_id": "A", "layer_height": "1", "nozzle_diameter": ["1"]},
            PresetFormat.ORCA,
            ProfileKind.PROCESS,
            "some",
        ),
        ({"wall_loops": "2"}, PresetFormat.ORCA, ProfileKind.PROCESS, "some"),
        ({"nozzle_temperature": ["9"]}, PresetFormat.ORCA, ProfileKind.FILAMENT, "some"),
        ({"printable_height": "9"}, PresetFormat.ORCA, ProfileKind.MACHINE, "some"),
        ("perimeters = 3\n", PresetFormat.PRUSA, ProfileKind.PROCESS, "some"),
        ("nozzle_diameter = 1\n", PresetFormat.PRUSA, ProfileKind.MACHINE, "some"),
        ("[filament:A]\ncooling = 1\n", PresetFormat.PRUSA, ProfileKind.FILAMENT, "A"),
    ],
)
def test_slicer_and_kind_follow_from_the_content(
    content: Any,
    slicer: PresetFormat,
    kind: ProfileKind,
    name: str,
) -> None:
    """A preset that states its kind is believed; else a key decides that only one kind has."""
    found = found_in(content, [])
    assert (found.format, found.kind, found.raw.name) == (slicer, kind, name)


def test_what_a_preset_says_of_itself_is_no_setting() -> None:
    """And a value that OrcaSlicer would pass over is named."""
    remarks: list[str] = []
    content = {"type": "process", "name": "A", "from": "User", "version": "2.3.1", "wall_loops": 3}
    found = found_in({**content, "inherits": "B", "layer_height": "0.1"}, remarks)
    assert (found.raw.parents, found.made_with) == (("B",), "version 2.3.1")
    assert found.raw.values == {"layer_height": "0.1"}
    assert remarks == ["x: some.bin: wall_loops is no text; OrcaSlicer ignores it"]
