"""The parts of a folder, and their families."""

from __future__ import annotations

import json
from pathlib import Path

from pricing_fdm.training.parts import generated_in, parts_in


def test_a_manifest_names_the_family_wherever_the_file_lies(tmp_path: Path) -> None:
    """As in a collection of several projects."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "gear.stl").write_bytes(b"gear")
    (tmp_path / "manifest.json").write_text(json.dumps([{"file": "gear.stl", "family": "clock"}]))
    [part] = parts_in(tmp_path)
    assert part.family == "clock"


def test_without_a_manifest_a_folder_is_a_family_and_a_lone_file_its_own(tmp_path: Path) -> None:
    """What else is in the folder is no part."""
    (tmp_path / "robot").mkdir()
    for name in ("robot/arm.STL", "robot/leg.step", "vase.3mf", "notes.txt"):
        (tmp_path / name).write_bytes(name.encode())
    found = {part.path.name: part.family for part in parts_in(tmp_path)}
    assert found == {"arm.STL": "robot", "leg.step": "robot", "vase.3mf": "vase"}


def test_generated_parts_of_a_kind_are_a_family(tmp_path: Path) -> None:
    """Errors are then told of kinds that the fit has not seen."""
    parts = generated_in(tmp_path, 18)
    assert parts[0].family == parts[17].family == "generated/plate"
    assert parts[18].family == "generated/block"  # one for each turn of the kinds
    assert len({part.sha256 for part in parts}) == len(parts) == 19
