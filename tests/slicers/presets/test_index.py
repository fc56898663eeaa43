"""The index says which file plays which part, and what each file said when that was agreed on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pricing_fdm.slicers.presets.index import INDEX, read_index, write_index
from pricing_fdm.slicers.presets.preset_set import ProfileError, load_profiles
from tests.harness.qualities import MATERIALS, QUALITIES
from tests.slicers.profile_folder import BUNDLED, Document, ProfileFolder


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    """A copy of the bundled profiles."""
    return ProfileFolder(tmp_path / "profiles")


def faults_of(directory: Path) -> tuple[str, ...]:
    with pytest.raises(ProfileError) as caught:
        read_index(directory)
    return caught.value.faults


def test_the_bundled_index_hashes_the_bundled_files() -> None:
    """Nobody edited a profile and forgot the index; plain SHA-256, as `sha256sum` prints it."""
    entries = list(read_index(BUNDLED).entries())
    assert len(entries) == 1 + len(QUALITIES) + len(MATERIALS)
    for entry in entries:
        assert hashlib.sha256((BUNDLED / entry.file).read_bytes()).hexdigest() == entry.sha256


def test_writing_an_unchanged_index_changes_no_byte(folder: ProfileFolder) -> None:
    """So it can be run at any time, and a difference always means a changed profile."""
    assert write_index(folder.path) == ()
    assert (folder.path / INDEX).read_bytes() == (BUNDLED / INDEX).read_bytes()


def test_a_missing_index_is_written_for_the_bundled_names(folder: ProfileFolder) -> None:
    """A shop that keeps the names needs no index to start with."""
    (folder.path / INDEX).unlink()
    changed = write_index(folder.path)
    assert len(changed) == 1 + len(QUALITIES) + len(MATERIALS)
    assert (folder.path / INDEX).read_bytes() == (BUNDLED / INDEX).read_bytes()


def test_a_shops_own_file_names_are_kept(folder: ProfileFolder) -> None:
    """The index decides who plays which part, not the name of the file."""
    (folder.path / "machine.json").rename(folder.path / "Voron 2.4 @shop.json")
    document = json.loads((folder.path / INDEX).read_bytes())
    document["machine"] = {"file": "Voron 2.4 @shop.json"}
    (folder.path / INDEX).write_text(json.dumps(document))
    assert write_index(folder.path) == ("Voron 2.4 @shop.json",)
    assert load_profiles(folder.path).machine.path.name == "Voron 2.4 @shop.json"


def test_no_draft_is_left_behind(folder: ProfileFolder) -> None:
    """The index is replaced in one step."""
    write_index(folder.path)
    assert {path.name for path in folder.path.iterdir()} == {
        path.name for path in BUNDLED.iterdir()
    }


def test_a_missing_profile_stops_the_writing(folder: ProfileFolder) -> None:
    """An index over a hole would be refused at the next start anyway."""
    (folder.path / "filament_pla.json").unlink()
    before = (folder.path / INDEX).read_bytes()
    with pytest.raises(ProfileError, match=r"filament_pla\.json: the file is missing\."):
        write_index(folder.path)
    assert (folder.path / INDEX).read_bytes() == before


def test_a_missing_index_says_how_to_make_one(tmp_path: Path) -> None:
    """The first thing that someone with own profiles meets."""
    assert faults_of(tmp_path) == ("index.json is missing. Run: pricing-fdm profiles --write",)


@pytest.mark.parametrize("text", ["{", "\x00"], ids=["cut off", "no text"])
def test_a_damaged_index_is_refused(folder: ProfileFolder, text: str) -> None:
    """Guessing the parts would price with the wrong profile."""
    (folder.path / INDEX).write_text(text)
    (fault,) = faults_of(folder.path)
    assert fault.startswith("index.json: cannot be read (")


@pytest.mark.parametrize(
    ("spoil", "parts"),
    [
        (lambda index: index.pop("machine"), ["machine"]),
        (lambda index: index["processes"].pop("300"), ["processes.300"]),
        (
            lambda index: index["filaments"].update(pc=None, tpu={}),
            ["filaments.pc", "filaments.tpu"],
        ),
        (lambda index: index["machine"].update(file="../machine.json"), ["machine"]),
        (lambda index: index["machine"].update(file="/etc/passwd"), ["machine"]),
        (lambda index: index["machine"].update(file=7), ["machine"]),
        (lambda index: index.update(machine="machine.json"), ["machine"]),
    ],
    ids=["no machine", "no economy", "two filaments", "outside", "absolute", "number", "flat"],
)
def test_every_part_must_name_a_file_of_the_folder(
    folder: ProfileFolder, spoil: Callable[[Document], object], parts: list[str]
) -> None:
    """All parts at once, and no path that leaves the folder."""
    document = json.loads((folder.path / INDEX).read_bytes())
    spoil(document)
    (folder.path / INDEX).write_text(json.dumps(document))
    assert faults_of(folder.path) == tuple(
        f"index.json: {part} does not name a profile file." for part in parts
    )


def test_an_index_that_is_a_list_names_every_part(folder: ProfileFolder) -> None:
    """Valid JSON of another shape is no reason for a traceback."""
    (folder.path / INDEX).write_text("[]")
    assert len(faults_of(folder.path)) == 1 + len(QUALITIES) + len(MATERIALS)
