"""Which preset a setting belongs to is as the slicers' own libraries have it."""

from __future__ import annotations

import pytest

from pricing_fdm.slicers.importing.kinds import (
    is_list,
    is_of_project,
    kind_of,
    known_keys,
    likeliest_kind,
)
from pricing_fdm.slicers.library.bundle import read_bundle
from pricing_fdm.slicers.library.installed import library_folders
from pricing_fdm.slicers.library.prusa import KINDS
from pricing_fdm.slicers.presets.file import PresetFormat, ProfileKind
from pricing_fdm.slicers.presets.reading import PresetReader
from tests.shop.shops import BUNDLED


@pytest.mark.parametrize("slicer", PresetFormat)
def test_no_setting_belongs_to_two_presets(slicer: PresetFormat) -> None:
    """It would be in the first by chance."""
    sets = [known_keys(slicer, kind) for kind in ProfileKind]
    assert sum(map(len, sets)) == len(frozenset().union(*sets))
    assert not any(is_of_project(slicer, key) for each in sets for key in each)


def test_the_bundled_presets_state_nothing_of_another_kind() -> None:
    """They were written for OrcaSlicer, which reads them."""
    read = PresetReader(BUNDLED)
    for path in sorted(BUNDLED.glob("*.json")):
        kind = ProfileKind(path.name.partition("_")[0].removesuffix(".json"))
        preset = read.read(path.name, kind)
        for other in set(ProfileKind) - {kind}:
            assert not known_keys(PresetFormat.ORCA, other) & preset.values.keys()
        assert likeliest_kind(PresetFormat.ORCA, preset.values.keys()) is kind
        lists = {key for key, value in preset.values.items() if isinstance(value, tuple)}
        known = known_keys(PresetFormat.ORCA, kind)
        assert {key for key in lists & known if not is_list(key, kind)} == set()


def test_prusaslicers_library_states_nothing_of_another_kind() -> None:
    """Of hundreds of printers; some bundles have keys of another slicer's, which are unknown."""
    words = {word: kind for kind, word in KINDS.items()}
    (folder,) = library_folders(["prusa-slicer"])
    stated = 0
    for path in folder.glob("*.ini"):
        for (word, _), section in read_bundle(path).sections.items():
            for key in section if word in words else ():
                others = set(ProfileKind) - {words[word]}
                wrong = any(key in known_keys(PresetFormat.PRUSA, each) for each in others)
                assert not wrong or key == "elefant_foot_compensation", f"{path.name}: {key}"
                stated += 1
    assert stated > 10_000


def test_unknown_settings_are_placed_by_their_beginning() -> None:
    """A later version has more of them."""
    assert kind_of(PresetFormat.ORCA, "filament_sparkle") is ProfileKind.FILAMENT
    assert kind_of(PresetFormat.PRUSA, "machine_sparkle") is ProfileKind.MACHINE
    assert kind_of(PresetFormat.PRUSA, "sparkle") is ProfileKind.PROCESS
    assert kind_of(PresetFormat.ORCA, "printhost_sparkle") is ProfileKind.MACHINE
    assert likeliest_kind(PresetFormat.ORCA, ["sparkle"]) is None


@pytest.mark.parametrize(
    ("slicer", "kind", "keys"),
    [
        (PresetFormat.ORCA, ProfileKind.MACHINE, "nozzle_hrc thumbnails_format bbl_use_printhost"),
        (PresetFormat.ORCA, ProfileKind.MACHINE, "hotend_heating_rate grab_length extruder_type"),
        (PresetFormat.ORCA, ProfileKind.FILAMENT, "pellet_flow_coefficient"),
        (PresetFormat.ORCA, ProfileKind.FILAMENT, "filament_retract_lift_enforce"),
        (PresetFormat.PRUSA, ProfileKind.MACHINE, "autoemit_temperature_commands"),
        (PresetFormat.PRUSA, ProfileKind.FILAMENT, "cooling_slowdown_logic filament_flush_volume"),
    ],
)
def test_settings_of_newer_slicers_are_placed_as_their_sources_have_them(
    slicer: PresetFormat, kind: ProfileKind, keys: str
) -> None:
    """In the lists of Preset.cpp; the library that is installed here does not state them."""
    assert all(
        kind_of(slicer, key) is kind and key in known_keys(slicer, kind) for key in keys.split()
    )
    assert not any(is_of_project(slicer, key) for key in keys.split())
