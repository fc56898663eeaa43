"""Profiles are checked once, at start, and everything that is wrong is named at once."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from pricing_fdm.model import BuildVolume, PrintQuality, PrintSettings, Supports
from pricing_fdm.slicers.presets.preset_set import (
    ProfileError,
    ProfileKind,
    load_profiles,
    write_index,
)
from tests.harness import qualities
from tests.harness.qualities import MATERIALS, QUALITIES
from tests.slicers.profile_folder import BUNDLED, ProfileFolder

STANDARD_PLA = PrintSettings("pla", 20, qualities.STANDARD)


def test_the_bundled_profiles_load() -> None:
    """The service starts with what is in the repository."""
    profiles = load_profiles(BUNDLED)
    assert profiles.machine.kind is ProfileKind.MACHINE
    assert set(profiles.processes) == {each.layer_thickness for each in QUALITIES}
    assert set(profiles.filaments) == set(MATERIALS)
    assert profiles.build_volume == BuildVolume(200.0, 200.0, 200.0)


def test_density_and_diameter_are_the_profiles_own() -> None:
    """Grams of every quote follow from them, so they come as exact decimals."""
    profiles = load_profiles(BUNDLED)
    assert profiles.density_g_cm3("pla") == Decimal("1.24")
    assert profiles.diameter_mm("tpu") == Decimal("1.75")


@pytest.mark.parametrize("thickness", QUALITIES)
def test_the_line_width_is_the_chosen_process_own(
    folder: ProfileFolder, thickness: PrintQuality
) -> None:
    """Walls are called thin by the lines that would really lay them."""
    folder.set("process_fine.json", outer_wall_line_width="0.38")
    profiles = load_profiles(folder.path)
    expected = 0.38 if thickness is qualities.FINE else 0.42
    settings = PrintSettings("pla", 20, thickness)
    assert profiles.line_width_mm(settings) == expected


def test_the_chosen_profiles_follow_the_settings() -> None:
    """Layer thickness picks the process, material the filament."""
    profiles = load_profiles(BUNDLED)
    chosen = profiles.chosen(PrintSettings("petg", 20, qualities.ECONOMY))
    assert chosen.machine is profiles.machine
    assert chosen.process.text("layer_height") == "0.3"
    assert chosen.filament.texts("filament_type") == ("PETG",)


def test_a_later_edit_changes_nothing(folder: ProfileFolder) -> None:
    """What was checked at start is what is used until the next start."""
    profiles = load_profiles(folder.path)
    folder.set("filament_pla.json", filament_density=["9"])
    assert profiles.density_g_cm3("pla") == Decimal("1.24")


class TestProfileHash:
    """The hash names what the three profiles say."""

    def test_is_short_hex(self) -> None:
        """It stands in every quote and every log line."""
        assert len(hashed(BUNDLED, STANDARD_PLA)) == 16
        int(hashed(BUNDLED, STANDARD_PLA), 16)

    def test_does_not_depend_on_spelling(self, folder: ProfileFolder) -> None:
        """Order of keys and white space change no price."""
        for file in ("machine.json", "process_standard.json", "filament_pla.json"):
            turned = dict(reversed(folder.read(file).items()))
            folder.write(file, json.dumps(turned, indent=7))
        assert hashed(folder.path, STANDARD_PLA) == hashed(BUNDLED, STANDARD_PLA)

    @pytest.mark.parametrize(
        ("file", "values"),
        [
            ("machine.json", {"machine_max_jerk_x": ["9"]}),
            ("process_standard.json", {"wall_loops": "2"}),
            ("filament_pla.json", {"filament_flow_ratio": ["0.99"]}),
        ],
        ids=["machine", "process", "filament"],
    )
    def test_changes_with_every_profile_that_takes_part(
        self, folder: ProfileFolder, file: str, values: dict[str, object]
    ) -> None:
        """Equal hashes promise equal prices."""
        folder.set(file, **values)
        assert hashed(folder.path, STANDARD_PLA) != hashed(BUNDLED, STANDARD_PLA)

    def test_ignores_profiles_that_take_no_part(self, folder: ProfileFolder) -> None:
        """A change to PETG throws no cached PLA quote away."""
        folder.set("filament_petg.json", filament_flow_ratio=["0.5"])
        folder.set("process_fine.json", wall_loops="7")
        assert hashed(folder.path, STANDARD_PLA) == hashed(BUNDLED, STANDARD_PLA)

    def test_ignores_infill_and_supports(self) -> None:
        """They are no part of a profile; a quote names them by themselves."""
        other = PrintSettings("pla", 90, qualities.STANDARD, Supports.ALWAYS)
        assert hashed(BUNDLED, other) == hashed(BUNDLED, STANDARD_PLA)

    def test_differs_between_any_two_choices(self) -> None:
        """24 choices, 24 hashes."""
        hashes = {
            hashed(BUNDLED, PrintSettings(material, 20, thickness))
            for material in MATERIALS
            for thickness in QUALITIES
        }
        assert len(hashes) == len(MATERIALS) * len(QUALITIES)


def hashed(directory: Path, settings: PrintSettings) -> str:
    return load_profiles(directory).chosen(settings).hash


def test_everything_wrong_is_named_at_once(folder: ProfileFolder) -> None:
    """Whoever brings profiles corrects them in one round."""
    folder.set("machine.json", printable_area=["0x0", "9x0", "9x9"], before_layer_change_gcode="")
    folder.set("process_economy.json", layer_height="0.2", compatible_printers=["Other"])
    folder.set("filament_abs.json", filament_density=["0"])
    folder.set("filament_tpu.json", name=None)
    faults = folder.faults()
    assert [fault.partition(":")[0] for fault in faults] == [
        "filament_tpu.json",
        "process_economy.json",
        "process_economy.json",
        "filament_abs.json",
        "machine.json",
        "machine.json",
    ]
    with pytest.raises(ProfileError, match=r"filament_abs\.json.*\n.*machine\.json"):
        load_profiles(folder.path)


def test_without_a_machine_the_rest_is_still_judged(folder: ProfileFolder) -> None:
    """A broken machine hides no fault of a filament, and blames no process for its name."""
    folder.write("machine.json", "{}")
    folder.set("filament_abs.json", filament_density=["0"])
    assert {fault.partition(":")[0] for fault in folder.faults()} == {
        "machine.json",
        "filament_abs.json",
    }


def test_an_edit_without_a_new_hash_is_refused(folder: ProfileFolder) -> None:
    """A change of prices is a decision: the index is written on purpose, and shows in a review."""
    file = folder.path / "filament_pla.json"
    file.write_text(file.read_text().replace("1.24", "1.25"))
    (fault,) = folder.faults()
    assert fault == (
        "filament_pla.json: differs from the hash in the index. "
        "If the change is meant, run: pricing-fdm profiles --write"
    )
    assert write_index(folder.path) == ("filament_pla.json",)
    assert load_profiles(folder.path).density_g_cm3("pla") == Decimal("1.25")
