"""PrusaSlicer's vendor bundles are read strictly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pricing_fdm.shop import files
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.library.bundle import quoted_names, read_bundle
from pricing_fdm.slicers.library.prusa import PrusaLibrary
from pricing_fdm.slicers.presets.file import ProfileKind


def written(folder: Path, text: str) -> Path:
    path = folder / "Vendor.ini"
    path.write_text(text)
    return path


def test_a_preset_has_its_parents_and_not_the_words_of_the_bundle(tmp_path: Path) -> None:
    """`renamed_from` and `alias` are no settings."""
    text = "[printer:A & B]\ninherits = *x*; *y*\nrenamed_from = A\nnozzle_diameter = 0.4\n"
    preset = read_bundle(written(tmp_path, text)).preset("printer", "A & B")
    assert preset is not None
    assert preset.parents == ("*x*", "*y*")
    assert preset.values == {"nozzle_diameter": "0.4"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[print:a]\n[print:a]\n", "Vendor.ini:2: [print:a]: stands in this file twice"),
        ("[print:a]\nx = 1\nx = 2\n", "Vendor.ini:3: x: stands in this section twice"),
        ("[print:a]\nnothing\n", "Vendor.ini:2: is no line of the form"),
    ],
)
def test_what_is_ambiguous_is_named(tmp_path: Path, text: str, fault: str) -> None:
    """Two presets of one name would be one of them, by chance."""
    with pytest.raises(ShopError) as error:
        read_bundle(written(tmp_path, text))
    assert fault in str(error.value.faults[0])


def test_a_file_that_is_too_big_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library is text of some hundred kilobytes."""
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    with pytest.raises(ShopError, match="larger than"):
        read_bundle(written(tmp_path, "[print:a]\nx = 1\n"))


def test_a_file_that_never_ends_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe in the place of a library has no size, and would hold the command for ever."""
    os.mkfifo(tmp_path / "Vendor.ini")
    with pytest.raises(ShopError, match="no plain file"):
        read_bundle(tmp_path / "Vendor.ini")


def test_names_may_stand_in_quotes() -> None:
    """Both ways are in PrusaSlicer's own bundles."""
    assert quoted_names('"A";"B"') == ("A", "B")
    assert quoted_names("A; B") == ("A", "B")


def test_a_preset_is_found_by_a_name_that_it_had(tmp_path: Path) -> None:
    """An owner's preset may be older than the bundle."""
    text = '[printer:New]\nrenamed_from = "Old"; Older\nnozzle_diameter = 0.4\n'
    bundle = read_bundle(written(tmp_path, text))
    assert bundle.new_name("printer", "Older") == "New"
    assert bundle.new_name("print", "Older") == ""
    machine = PrusaLibrary(tmp_path / "Vendor.ini").preset(ProfileKind.MACHINE, "Old")
    assert machine is not None
    assert machine.name == "New"
