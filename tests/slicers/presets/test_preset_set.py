"""Profiles are checked once, at start, and everything that is wrong is said at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from pricing_fdm.model import BuildVolume, LayerThickness, Material, PrintSettings, Supports
from pricing_fdm.slicers.presets.preset_set import (
    ProfileError,
    ProfileKind,
    load_profiles,
    write_index,
)
from tests.slicers.profile_folder import BUNDLED, ProfileFolder

STANDARD_PLA = PrintSettings(Material.PLA, 20, LayerThickness.STANDARD)


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    """A copy of the bundled profiles."""
    return ProfileFolder(tmp_path / "profiles")


def faults_of(folder: ProfileFolder) -> tuple[str, ...]:
    with pytest.raises(ProfileError) as caught:
        load_profiles(folder.path)
    return caught.value.faults


def test_the_bundled_profiles_load() -> None:
    """The service starts with what is in the repository."""
    profiles = load_profiles(BUNDLED)
    assert profiles.machine.kind is ProfileKind.MACHINE
    assert set(profiles.processes) == set(LayerThickness)
    assert set(profiles.filaments) == set(Material)
    assert profiles.build_volume == BuildVolume(200.0, 200.0, 200.0)


def test_density_and_diameter_are_the_profiles_own() -> None:
    """Grams of every quote follow from them, so they come as exact decimals."""
    profiles = load_profiles(BUNDLED)
    assert profiles.density_g_cm3(Material.PLA) == Decimal("1.24")
    assert profiles.diameter_mm(Material.TPU) == Decimal("1.75")


@pytest.mark.parametrize("thickness", LayerThickness)
def test_the_line_width_is_the_chosen_process_own(
    folder: ProfileFolder, thickness: LayerThickness
) -> None:
    """Walls are called thin by the lines that would really lay them."""
    folder.set("process_fine.json", outer_wall_line_width="0.38")
    profiles = load_profiles(folder.path)
    expected = 0.38 if thickness is LayerThickness.FINE else 0.42
    settings = PrintSettings(Material.PLA, 20, thickness)
    assert profiles.line_width_mm(settings) == expected


def test_the_chosen_profiles_follow_the_settings() -> None:
    """Layer thickness picks the process, material the filament."""
    profiles = load_profiles(BUNDLED)
    machine, process, filament = profiles.chosen(
        PrintSettings(Material.PETG, 20, LayerThickness.ECONOMY)
    )
    assert machine is profiles.machine
    assert process.text("layer_height") == "0.3"
    assert filament.texts("filament_type") == ("PETG",)


def test_a_profile_keeps_its_header_and_its_lists(folder: ProfileFolder) -> None:
    """Written out again, a profile is the file that was read."""
    profiles = load_profiles(folder.path)
    assert json.loads(json.dumps(dict(profiles.machine.values))) == folder.read("machine.json")


def test_a_later_edit_changes_nothing(folder: ProfileFolder) -> None:
    """What was checked at start is what is used until the next start."""
    profiles = load_profiles(folder.path)
    folder.set("filament_pla.json", filament_density=["9"])
    assert profiles.density_g_cm3(Material.PLA) == Decimal("1.24")


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
        other = PrintSettings(Material.PLA, 90, LayerThickness.STANDARD, Supports.ALWAYS)
        assert hashed(BUNDLED, other) == hashed(BUNDLED, STANDARD_PLA)

    def test_differs_between_any_two_choices(self) -> None:
        """24 choices, 24 hashes."""
        hashes = {
            hashed(BUNDLED, PrintSettings(material, 20, thickness))
            for material in Material
            for thickness in LayerThickness
        }
        assert len(hashes) == len(Material) * len(LayerThickness)


def hashed(directory: Path, settings: PrintSettings) -> str:
    return load_profiles(directory).profile_hash(settings)


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
        ("process_fine.json", {"layer_height": "0.2"}, "offers it for 0.1 mm"),
        ("process_fine.json", {"layer_height": "thin"}, "layer_height is thin"),
        ("process_fine.json", {"layer_height": None}, "layer_height is missing."),
        ("process_fine.json", {"outer_wall_line_width": "wide"}, "line_width is wide, which is"),
        ("process_fine.json", {"outer_wall_line_width": "NaN"}, "gives lines of nan mm"),
        ("process_fine.json", {"outer_wall_line_width": "-0.4"}, "gives lines of -0.4 mm"),
        ("process_fine.json", {"outer_wall_line_width": "42"}, "gives lines of 42 mm"),
        ("process_fine.json", {"compatible_printers": ["Other"]}, '"Generic FDM 200"'),
        ("process_fine.json", {"compatible_printers": None}, '"Generic FDM 200"'),
        ("process_fine.json", {"support_type": "tree(manual)"}, "nobody paints supports"),
        ("filament_pc.json", {"filament_density": ["0"]}, "filament_density must be a number"),
        ("filament_pc.json", {"filament_density": ["1,2"]}, "filament_density must be a number"),
        ("filament_pc.json", {"filament_density": ["NaN"]}, "filament_density must be a number"),
        ("filament_pc.json", {"filament_density": None}, "filament_density must be a number"),
        ("filament_pc.json", {"filament_diameter": ["0"]}, "filament_diameter must be"),
        ("filament_pc.json", {"filament_flow_ratio": ["-1"]}, "filament_flow_ratio must be"),
        ("filament_pc.json", {"filament_max_volumetric_speed": None}, "at 2 mm3/s"),
        ("filament_pc.json", {"filament_type": []}, "filament_type is missing"),
        ("filament_pc.json", {"filament_type": [""]}, "filament_type is missing"),
        ("machine.json", {"printable_height": "0"}, "printable_height is not above zero"),
        ("machine.json", {"printable_height": None}, "printable_height is missing"),
        ("machine.json", {"before_layer_change_gcode": ""}, "must contain G92 E0"),
        ("machine.json", {"use_relative_e_distances": "0"}, "may contain G92 E0"),
    ],
)
def test_a_wrong_profile_is_named_with_what_is_wrong(
    folder: ProfileFolder, file: str, values: dict[str, object], fault: str
) -> None:
    """Each of these would be sliced wrongly, or refused at request time."""
    folder.set(file, **values)
    faults = faults_of(folder)
    assert len(faults) == 1
    assert faults[0].startswith(f"{file}: ")
    assert fault in faults[0]


@pytest.mark.parametrize(
    "values",
    [
        {"use_relative_e_distances": "0", "before_layer_change_gcode": ""},
        {"before_layer_change_gcode": "", "layer_change_gcode": ";NEXT\nG92 E0\n"},
        {"gcode_flavor": "klipper", "before_layer_change_gcode": ""},
        {"gcode_flavor": None, "use_relative_e_distances": None},
    ],
    ids=["absolute", "after the change", "klipper", "defaults of OrcaSlicer"],
)
def test_extrusion_reset_is_asked_for_only_where_the_slicer_asks(
    folder: ProfileFolder, values: dict[str, object]
) -> None:
    """Only Marlin with relative extrusion needs it; elsewhere a shop's profile is left alone."""
    folder.set("machine.json", **values)
    load_profiles(folder.path)


@pytest.mark.parametrize(
    ("file", "values"),
    [
        ("process_fine.json", {"from": "User", "inherits": "", "post_process": [""]}),
        ("process_fine.json", {"support_type": None}),
        ("filament_pla.json", {"filament_type": "PLA", "filament_density": "1.24"}),
    ],
    ids=["exported by a user", "support type left out", "text where a list may stand"],
)
def test_harmless_variants_are_accepted(
    folder: ProfileFolder, file: str, values: dict[str, object]
) -> None:
    """OrcaSlicer takes them, so we do."""
    folder.set(file, **values)
    load_profiles(folder.path)


def test_everything_wrong_is_said_at_once(folder: ProfileFolder) -> None:
    """Whoever brings profiles mends them in one round."""
    folder.set("machine.json", printable_area=["0x0", "9x0", "9x9"], before_layer_change_gcode="")
    folder.set("process_economy.json", layer_height="0.2", compatible_printers=["Other"])
    folder.set("filament_abs.json", filament_density=["0"])
    folder.set("filament_tpu.json", name=None)
    faults = faults_of(folder)
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
    assert {fault.partition(":")[0] for fault in faults_of(folder)} == {
        "machine.json",
        "filament_abs.json",
    }


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda path: path.write_text("{"), "is not JSON"),
        (lambda path: path.write_bytes(b"\xff\xfe\xff"), "is not JSON"),
        (lambda path: path.write_text("[]"), "is not a JSON object"),
        (lambda path: path.unlink(), "the file is missing"),
        (lambda path: path.unlink() or path.mkdir(), "cannot be read"),
    ],
    ids=["cut off", "not text", "a list", "gone", "a folder"],
)
def test_a_file_that_is_no_profile_is_named(
    folder: ProfileFolder, spoil: Callable[[Path], object], fault: str
) -> None:
    """The reason is the file, not a traceback."""
    spoil(folder.path / "filament_pla.json")
    (said,) = faults_of(folder)
    assert said.startswith("filament_pla.json: ")
    assert fault in said


def test_an_edit_without_a_new_hash_is_refused(folder: ProfileFolder) -> None:
    """A change of prices is a decision: the index is written on purpose, and shows in a review."""
    file = folder.path / "filament_pla.json"
    file.write_text(file.read_text().replace("1.24", "1.25"))
    (fault,) = faults_of(folder)
    assert fault == (
        "filament_pla.json: differs from the hash in the index. "
        "If the change is meant, run: pricing-fdm profiles --write"
    )
    assert write_index(folder.path) == ("filament_pla.json",)
    assert load_profiles(folder.path).density_g_cm3(Material.PLA) == Decimal("1.25")
