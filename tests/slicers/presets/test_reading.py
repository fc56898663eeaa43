"""Files are read once, and faults get the line of their key."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pricing_fdm.shop.faults import Fault, ShopError
from pricing_fdm.slicers.presets.file import ProfileKind
from pricing_fdm.slicers.presets.reading import PresetReader
from tests.slicers.profile_folder import BUNDLED, ProfileFolder


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda path: path.unlink(), "the file is missing"),
        (lambda path: path.unlink() or path.mkdir(), "cannot be read"),
        (lambda path: path.unlink() or subprocess.check_call(["mkfifo", path]), "cannot be read"),
        (lambda path: os.truncate(path, 900 << 20), "cannot be read .*larger than 8 MiB"),
        (lambda path: path.write_text("[" * 100_000), "is not JSON"),
    ],
    ids=["gone", "a folder", "a FIFO", "900 MB", "nested deeply"],
)
def test_a_file_that_cannot_be_read_is_named(
    folder: ProfileFolder, spoil: Callable[[Path], object], fault: str
) -> None:
    """The reason is the file, not a traceback."""
    spoil(folder.path / "filament_pla.json")
    with pytest.raises(ShopError, match=rf"^filament_pla\.json: {fault}"):
        PresetReader(folder.path).read("filament_pla.json", ProfileKind.FILAMENT)


def test_another_kind_of_file_is_no_preset(tmp_path: Path) -> None:
    """A project, or a preset that was packed."""
    with pytest.raises(ShopError, match=r"must end in \.json or \.ini"):
        PresetReader(tmp_path).read("my.3mf", ProfileKind.PROCESS)


def test_a_file_is_read_once() -> None:
    """Twenty printers may share two hundred filaments."""
    reader = PresetReader(BUNDLED)
    first = reader.read("filament_pla.json", ProfileKind.FILAMENT)
    assert reader.read("filament_pla.json", ProfileKind.FILAMENT) is first


def test_a_refusal_is_kept_as_well(tmp_path: Path) -> None:
    """So it is told once."""
    reader = PresetReader(tmp_path)
    for _ in range(2):
        with pytest.raises(ShopError, match="missing"):
            reader.read("a.json", ProfileKind.PROCESS)


def test_lines_are_found_in_every_format(tmp_path: Path) -> None:
    """JSON, ini, and the shop file itself."""
    (tmp_path / "a.json").write_text('{\n "type": "x",\n "name": "y"\n}')
    (tmp_path / "a.ini").write_text("layer_height = 0.2\nperimeters = 3\n")
    (tmp_path / "shop.toml").write_text("schema = 1\n[overrides]\nwall_loops = { min = 1 }\n")
    asked = [
        *(("a.json", "name"), ("a.ini", "perimeters"), ("shop.toml", "overrides.wall_loops")),
        *(("a.json", "missing"), ("gone.json", "name"), ("a.json", "")),
    ]
    faults = [Fault(file, key, None, "is wrong") for file, key in asked]
    located = PresetReader(tmp_path).located(faults)
    assert [fault.line for fault in located] == [3, 2, 3, None, None, None]
