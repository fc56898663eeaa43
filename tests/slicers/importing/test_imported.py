"""Presets out of files: whose and which kind by content, with parents, and nothing in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.importing.imported import Imported, ImportedPreset, read_files
from pricing_fdm.slicers.importing.kinds import known_keys
from pricing_fdm.slicers.library.installed import vendors_in
from pricing_fdm.slicers.presets.file import PresetFormat, ProfileKind
from tests.slicers.importing.files import ORCA, ORCA_GCODE, PRUSA, archive, prusa_gcode, user
from tests.slicers.library.bundles import BUNDLE
from tests.slicers.library.trees import tiny_tree


def read(*contents: Any, library: Path | None = None) -> Imported:
    """Reads files whose names say nothing."""
    files = [
        (f"{number}.bin", each if isinstance(each, bytes) else _text(each).encode())
        for number, each in enumerate(contents)
    ]
    return read_files(files, list(vendors_in([library])) if library else ())


def _text(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content)


def only(imported: Imported, kind: ProfileKind) -> ImportedPreset:
    (preset,) = imported.of(kind)
    return preset


def fault(*contents: Any, library: Path | None = None) -> str:
    with pytest.raises(ShopError) as error:
        read(*contents, library=library)
    return str(error.value)


WHOLE = {
    "orca-project": (archive({"Metadata/project_settings.config": ORCA, "3D/3dmodel.model": "<"})),
    "orca-gcode": ORCA_GCODE,
    "prusa-ini": PRUSA,
    "prusa-gcode": prusa_gcode(),
    "prusa-project": archive(
        {
            "Metadata/Slic3r_PE.config": "".join(
                f"; {line[2:] if line[0] == '#' else line}\n" for line in PRUSA.splitlines()
            ),
            "3D/3dmodel.model": "<",
        }
    ),
}


@pytest.mark.parametrize("content", WHOLE.values(), ids=WHOLE)
def test_what_holds_all_settings_is_told_apart_by_content(content: Any) -> None:
    """A G-code and a project state every value really used, of all three presets in one list."""
    found = read(content)
    machine, process, filament = (only(found, kind) for kind in ProfileKind)
    names = [each.preset.name for each in (machine, process, filament)]
    assert names == ["My printer", "My process", "My PLA"]
    assert machine.made_with in {"OrcaSlicer 2.3.1", "PrusaSlicer 2.8.1", ""}
    assert "layer_height" in process.preset.values
    assert not {"layer_height", "filament_density"} & machine.preset.values.keys()
    assert filament.preset.values["filament_density"] in {"1.24", ("1.24",)}
    assert not {"wipe_tower_x", "flush_volumes_matrix"} & process.preset.values.keys()


def test_a_gcode_of_orcaslicers_says_the_same_as_its_project() -> None:
    """In the G-code lists and line breaks are written in another way."""
    of_gcode = read(ORCA_GCODE)
    of_project = read(ORCA)
    for kind in ProfileKind:
        stated = only(of_gcode, kind).preset.values
        project = only(of_project, kind).preset.values
        assert {k: v for k, v in project.items() if k in stated} == stated
    machine = only(of_gcode, ProfileKind.MACHINE).preset.values
    assert machine["machine_start_gcode"] == "G28\nM117 hello"
    assert machine["printable_area"] == ("0x0", "120x0", "120x100", "0x100")
    assert only(of_gcode, ProfileKind.FILAMENT).preset.values["filament_start_gcode"] == (
        "; one\n",
    )


def test_keys_that_are_not_known_are_kept_and_listed() -> None:
    """A later version has more of them, and the slicer may know them."""
    process = only(read(ORCA), ProfileKind.PROCESS)
    assert process.unknown == ("sparkle",)
    assert process.preset.values["sparkle"] == "7"


def test_user_presets_inherit_from_one_another_and_from_the_library(tmp_path: Path) -> None:
    """Neither has a `type`, as OrcaSlicer writes them; the kind follows from their keys."""
    mine = user("0.20mm @Tiny", name="Mine", wall_loops="5", print_settings_id="Mine")
    finer = user("Mine", name="Finer", layer_height="0.15")
    found = read(finer, mine, library=tiny_tree(tmp_path))
    processes = {each.preset.name: each.preset for each in found.of(ProfileKind.PROCESS)}
    assert processes["Finer"].chain[:2] == ("Mine", "0.20mm @Tiny")
    assert processes["Finer"].values["wall_loops"] == "5"
    assert processes["Finer"].values["layer_height"] == "0.15"
    assert processes["Finer"].values["top_shell_layers"] == "4"


@pytest.mark.parametrize("unset", [["nil"], [""], [], ["-1"]], ids=["nil", "empty", "none", "-1"])
def test_what_means_not_set_is_the_parents(tmp_path: Path, unset: list[str]) -> None:
    """And nothing that is a value, such as a temperature difference of -1."""
    mine = user("Tiny PLA", name="Mine", nozzle_temperature=unset, idle_offset=["-1"])
    filament = only(read(mine, library=tiny_tree(tmp_path)), ProfileKind.FILAMENT)
    assert filament.preset.values["nozzle_temperature"] == ("210",)
    assert filament.preset.values["idle_offset"] == ("-1",)


def test_bundles_of_orcaslicer_are_opened() -> None:
    """What lies beside the presets, such as pictures and the list of contents, is passed over."""
    printer = {key: ORCA[key] for key in ("nozzle_diameter", "printable_area", "printable_height")}
    bundle = archive(
        {
            "bundle_structure.json": {"bundle_type": "printer config bundle"},
            "printer/Mine.json": {**printer, "name": "Mine", "from": "User"},
            "process/Fine.json": {"name": "Fine", "layer_height": "0.1"},
            "filament/Goo.json": {"name": "Goo", "filament_density": ["1.1"]},
            "Some vendor/Paste.json": {"name": "Paste", "filament_settings_id": ["Paste"]},
            "cover.png": b"\x89PNG\0",
        }
    )
    found = read(bundle)
    assert [(each.kind.value, each.preset.name) for each in found.presets] == [
        ("filament", "Goo"),
        ("machine", "Mine"),
        ("process", "Fine"),
        ("filament", "Paste"),
    ]


def test_config_bundles_of_prusaslicer_are_read_and_printers_addresses_left_out() -> None:
    """`[physical_printer:...]` holds nothing but hosts and keys."""
    found = read(f"{BUNDLE}\n[physical_printer:Attic]\nprint_host = 192.168.1.7\n")
    assert {each.preset.name for each in found.of(ProfileKind.FILAMENT)} >= {"Tiny PLA", "Tiny ABS"}
    assert not [each for each in found.presets if each.preset.name.startswith("*")]
    assert "0.bin: Attic is left out: it says how to reach a printer" in found.remarks
    assert "0.bin: Tiny broken: inherits from *gone*, which is not in the library." in found.remarks


@pytest.mark.parametrize(
    ("contents", "told"),
    [
        (["{}"], "is no preset of OrcaSlicer's or PrusaSlicer's"),
        (["hello"], "is no line of the form"),
        (["{"], "is not JSON"),
        (["[" * 100_000], "is no line of the form"),
        (['{"a": ' + "[" * 100_000], "is not JSON"),
        (
            [b"GCDE\1\0\0\0"],
            "is binary G-code, which is not read here. In PrusaSlicer, File",
        ),
        ([b"\xff\xfe{"], "is not UTF-8 text"),
        ([b"a = 1\0"], "is no text"),
        (["printer_technology = SLA\n"], "is for a printer of resin"),
        ([{"type": "machine_model", "name": "A"}], "is no preset"),
        ([{"layer_height": "1", "nozzle_diameter": ["1"]}], "states no filament_diameter"),
        ([user("A", name="B", layer_height="1")], "inherits from A, which is not in the library"),
        (
            [{"name": "A", "layer_height": "1"}, {"name": "A", "layer_height": "2"}],
            "1.bin: A: there is another process preset of this name in 0.bin",
        ),
        (
            [
                user("B", name="A", layer_height="1"),
                user("A", name="B", layer_height="1"),
            ],
            "inherits from itself: A > B > A",
        ),
    ],
)
def test_what_cannot_be_used_is_named(contents: list[Any], told: str) -> None:
    """With the file, and what is wrong with it."""
    assert told in fault(*contents)


def test_a_name_that_different_vendors_have_is_asked_back(tmp_path: Path) -> None:
    """A parent is never taken by chance."""
    for name, density in (("A", "1.2"), ("B", "1.3")):
        text = BUNDLE.replace("filament_density = 1.24", f"filament_density = {density}")
        (tmp_path / f"{name}.ini").write_text(text)
    mine = "[filament:Mine]\ninherits = Tiny PLA\ntemperature = 230\n"
    assert "several vendors have a preset of this name" in fault(mine, library=tmp_path)
    (tmp_path / "B.ini").unlink()
    filament = only(read(mine, library=tmp_path), ProfileKind.FILAMENT)
    assert filament.preset.values["filament_density"] == "1.2"
    assert filament.format is PresetFormat.PRUSA


def test_a_preset_that_states_everything_needs_no_parent(tmp_path: Path) -> None:
    """PrusaSlicer saves all values; the vendor's bundle may be that of another version."""
    keys = known_keys(PresetFormat.PRUSA, ProfileKind.FILAMENT)
    rows = "".join(f"{key} = 1\n" for key in sorted(keys))
    found = read(f"[filament:Mine]\ninherits = Gone\n{rows}", library=tmp_path)
    assert only(found, ProfileKind.FILAMENT).preset.chain == ()
    remark = "Mine: inherits from Gone, which is not there; it states all values itself"
    assert remark in found.remarks


def test_a_vendors_name_is_the_owners_to_use_and_is_told(tmp_path: Path) -> None:
    """The file counts: that is what its owner prints with."""
    mine = {"name": "0.20mm @Tiny", "layer_height": "0.2", "wall_loops": "9"}
    found = read(mine, library=tiny_tree(tmp_path))
    assert only(found, ProfileKind.PROCESS).preset.values["wall_loops"] == "9"
    assert "a vendor has a preset of this name; the file's is taken" in found.remarks[0]
