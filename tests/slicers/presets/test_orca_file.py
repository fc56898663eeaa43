"""A preset of OrcaSlicer's is read strictly, where the slicer would use a default in silence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.slicers.profile_folder import ProfileFolder, only_printer


def test_a_profile_keeps_its_header_and_its_lists(folder: ProfileFolder) -> None:
    """Written out again, a profile is the file that was read."""
    machine = only_printer(folder.path).machine
    assert json.loads(json.dumps(dict(machine.values))) == folder.read("machine.json")


@pytest.mark.parametrize(
    ("file", "values", "fault"),
    [
        ("machine.json", {"type": "process"}, 'machine.json: type must be "machine".'),
        ("machine.json", {"from": "User"}, "machine.json: from must be system"),
        ("process_fine.json", {"from": "me"}, "from must be system or User or user."),
        ("process_fine.json", {"from": None}, "from must be"),
        ("filament_pla.json", {"type": None}, 'type must be "filament".'),
        ("filament_pla.json", {"name": None}, "name is missing or reserved"),
        ("filament_pla.json", {"name": ""}, "name is missing or reserved"),
        ("filament_pla.json", {"name": "project_settings"}, "name is missing or reserved"),
        ("process_fine.json", {"wall_loops": 3}, "wall_loops is 3, which OrcaSlicer ignores"),
        ("process_fine.json", {"enable_support": False}, "enable_support is false"),
        ("process_fine.json", {"notes": {"a": "b" * 50}}, 'notes is {"a": "bbbbbbbbbbbbb...'),
        ("filament_pla.json", {"filament_density": [1.24]}, "filament_density is [1.24]"),
        ("process_fine.json", {"inherits": "0.10mm"}, "copy the parent's keys into this file"),
        ("process_fine.json", {"post_process": ["/bin/true"]}, "must not run anything"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(
    folder: ProfileFolder, file: str, values: dict[str, object], fault: str
) -> None:
    """Each of these would be sliced wrongly, or refused at request time."""
    folder.set(file, **values)
    faults = folder.faults()
    assert len(faults) == 1
    assert faults[0].startswith(f"{file}: ")
    assert fault in faults[0]


@pytest.mark.parametrize(
    ("file", "values"),
    [
        ("process_fine.json", {"from": "User", "inherits": "", "post_process": [""]}),
        ("filament_pla.json", {"filament_type": "PLA", "filament_density": "1.24"}),
    ],
    ids=["exported by a user", "text where a list may stand"],
)
def test_harmless_variants_are_accepted(
    folder: ProfileFolder, file: str, values: dict[str, object]
) -> None:
    """OrcaSlicer takes them, so we do."""
    folder.set(file, **values)
    folder.presets()


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda path: path.write_text("{"), "is not JSON"),
        (lambda path: path.write_bytes(b"\xff\xfe\xff"), "is not JSON"),
        (lambda path: path.write_text("[]"), "is not a JSON object"),
    ],
    ids=["cut off", "not text", "a list"],
)
def test_a_file_that_is_no_profile_is_named(
    folder: ProfileFolder, spoil: Callable[[Path], object], fault: str
) -> None:
    """The reason is the file, not a traceback."""
    spoil(folder.path / "filament_pla.json")
    (fault_named,) = folder.faults()
    assert fault_named.startswith("filament_pla.json: ")
    assert fault in fault_named
