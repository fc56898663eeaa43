"""One slice may answer for two materials, but only if a slicer would give both the same."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from pricing_fdm.gcode.density import with_density
from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.model import LayerThickness, Material, Metrics, PrintSettings, Supports
from pricing_fdm.slicers.binaries import find_binary
from pricing_fdm.slicers.engine import Engine
from pricing_fdm.slicers.fallback import FallbackEngine
from pricing_fdm.slicers.orca.engine import OrcaEngine, OrcaResult
from pricing_fdm.slicers.presets.preset_set import Profile, ProfileKind, ProfileSet, load_profiles
from pricing_fdm.slicers.prusa.engine import PrusaEngine
from pricing_fdm.slicers.slice_key import UNMOVING, digest
from tests.harness.shapes import tee
from tests.slicers.engines import LIMITS, PROFILES, STANDARD, slice_part
from tests.slicers.profile_folder import Document, ProfileFolder

PETG = dataclasses.replace(STANDARD, material=Material.PETG)

Build = Callable[[ProfileSet], Engine]


def orca(
    profiles: ProfileSet, *, version: str = "2.3.1", result: OrcaResult = OrcaResult.ARCHIVE
) -> Engine:
    """An engine that is asked for names only."""
    return OrcaEngine(Path("/bin/true"), version, profiles, LIMITS, result=result)


def prusa(profiles: ProfileSet, *, version: str = "2.5.0", reproducible: bool = False) -> Engine:
    """The same of the other slicer."""
    binary = Path("/bin/true")
    return PrusaEngine(binary, version, profiles, LIMITS, {}, reproducible=reproducible)


@pytest.fixture(scope="module")
def bundled() -> ProfileSet:
    """What is in the repository."""
    return load_profiles(PROFILES)


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    """Profiles in which PETG is PLA under another name, heavier and dearer."""
    profiles = ProfileFolder(tmp_path / "profiles")
    pla = profiles.read("filament_pla.json")
    profiles.edit("filament_petg.json", lambda petg: petg.update(pla))
    profiles.set(
        "filament_petg.json", name="Heavy", filament_density=["1.6543"], filament_cost=["29.95"]
    )
    return profiles


@pytest.mark.parametrize("build", [orca, prusa])
def test_materials_that_differ_in_density_and_cost_share_a_slice(
    build: Build, folder: ProfileFolder
) -> None:
    """The point of it: many prices of one part out of few slices."""
    engine = build(load_profiles(folder.path))
    assert engine.slice_key(STANDARD) == engine.slice_key(PETG)
    assert engine.info(STANDARD).profile_hash != engine.info(PETG).profile_hash


@pytest.mark.parametrize("build", [orca, prusa])
@pytest.mark.parametrize("thickness", LayerThickness)
def test_of_the_bundled_materials_none_shares(
    build: Build, bundled: ProfileSet, thickness: LayerThickness
) -> None:
    """All eight differ in flow, speed, cooling or temperature, ABS and ASA in a fan's time only."""
    engine = build(bundled)
    keys = {
        engine.slice_key(
            dataclasses.replace(STANDARD, material=material, layer_thickness=thickness)
        )
        for material in Material
    }
    assert len(keys) == len(Material)


@pytest.mark.parametrize("build", [orca, prusa])
@pytest.mark.parametrize(
    "change",
    [
        {"infill_percent": 21},
        {"layer_thickness": LayerThickness.FINE},
        {"supports": Supports.AUTO},
        {"supports": Supports.ALWAYS},
    ],
    ids=["infill", "layer", "auto", "always"],
)
def test_whatever_the_caller_chooses_is_in_the_key(
    build: Build, bundled: ProfileSet, change: dict[str, object]
) -> None:
    """Two settings under one name would give one of them the other's price."""
    changed: PrintSettings = dataclasses.replace(STANDARD, **change)  # type: ignore[arg-type]
    assert build(bundled).slice_key(changed) != build(bundled).slice_key(STANDARD)


@pytest.mark.parametrize("file", ["machine.json", "process_standard.json", "filament_pla.json"])
def test_of_orcaslicer_s_profiles_every_other_key_counts(bundled: ProfileSet, file: str) -> None:
    """A key is left out because it was shown to move nothing, never because it looks like it."""
    usual, left_out = orca(bundled).slice_key(STANDARD), set()
    for profile in bundled.chosen(STANDARD):
        for key in profile.values if profile.path.name == file else ():
            changed = dataclasses.replace(profile, values={**profile.values, key: "changed"})
            if orca(_with(bundled, changed)).slice_key(STANDARD) == usual:
                left_out.add(key)
    assert left_out == (
        {"name", "filament_vendor", "filament_density", "filament_cost"}
        if file == "filament_pla.json"
        else set()
    )


def test_of_what_prusaslicer_is_told_all_but_two_keys_count() -> None:
    """Not even the vendor's name: 2.5.0 lays 0.01 mm more for a longer one."""
    assert set(UNMOVING) == {"filament_density", "filament_cost"}
    told = {"filament_vendor": "Generic", "filament_density": "1.24", "filament_cost": "0"}
    assert digest(told, UNMOVING) == digest({**told, "filament_density": "1.1"}, UNMOVING)
    assert digest(told, UNMOVING) == digest({**told, "filament_cost": "20"}, UNMOVING)
    assert digest(told, UNMOVING) != digest({**told, "filament_vendor": "Another"}, UNMOVING)


@pytest.mark.parametrize("build", [orca, prusa])
@pytest.mark.parametrize(
    "gcode",
    ["{if filament_density[0] > 1.5}G1 E5{endif}", "; {total_weight} g", "; {total_cost} USD"],
    ids=["density", "weight", "cost"],
)
def test_what_custom_gcode_uses_counts(build: Build, folder: ProfileFolder, gcode: str) -> None:
    """Both slicers put any setting into custom G-code, which may then move anything."""
    folder.edit("machine.json", lambda machine: _append(machine, gcode))
    engine = build(load_profiles(folder.path))
    assert engine.slice_key(STANDARD) != engine.slice_key(PETG)


def test_engine_and_version_are_in_the_key_and_the_form_of_the_result_is_not(
    bundled: ProfileSet,
) -> None:
    """Two slicers differ by several percent; an archive and the file in it do not differ."""
    keys = [
        orca(bundled).slice_key(STANDARD),
        orca(bundled, version="2.3.2").slice_key(STANDARD),
        prusa(bundled).slice_key(STANDARD),
        prusa(bundled, version="2.9.2").slice_key(STANDARD),
    ]
    assert len(set(keys)) == len(keys)
    assert orca(bundled, result=OrcaResult.GCODE).slice_key(STANDARD) == keys[0]


def test_whether_figures_must_repeat_is_in_the_key(bundled: ProfileSet) -> None:
    """A slice on all cores, remembered, must not answer who asks for figures that repeat."""
    usual, repeating = prusa(bundled), prusa(bundled, reproducible=True)
    assert usual.slice_key(STANDARD) != repeating.slice_key(STANDARD)


def test_with_a_fallback_both_slicers_are_in_the_key(bundled: ProfileSet) -> None:
    """Either may make the slice."""
    engines = [orca(bundled), orca(bundled, version="2.3.2"), prusa(bundled)]
    keys = {
        FallbackEngine(first, second, total_s=1).slice_key(STANDARD)
        for first, second in itertools.permutations(engines, 2)
    }
    assert len(keys) == 6


@pytest.mark.parametrize("supports", [Supports.NEVER, Supports.ALWAYS])
def test_a_shared_slice_tells_what_the_other_material_s_own_would_have_told(
    tmp_path: Path, folder: ProfileFolder, supports: Supports
) -> None:
    """With the real PrusaSlicer, to the last digit, warnings and support included."""
    profiles = load_profiles(folder.path)
    binary = find_binary("prusa-slicer")
    assert binary is not None, "PrusaSlicer is missing; run `make setup`"
    engine = asyncio.run(PrusaEngine.find(binary, profiles, LIMITS, reproducible=True))

    def metrics_of(material: Material) -> Metrics:
        settings = dataclasses.replace(STANDARD, material=material, supports=supports)
        sliced, _ = slice_part(engine, tmp_path / material, tee(), settings)
        return extract_metrics(sliced.gcode, sliced.member, sliced.expected)

    pla, petg = metrics_of(Material.PLA), metrics_of(Material.PETG)
    assert pla.filament_g != petg.filament_g
    for one, other, material in (
        (pla, petg, Material.PETG),
        (petg, pla, Material.PLA),
        (pla, pla, Material.PLA),
    ):
        shared = with_density(
            one,
            diameter_mm=profiles.diameter_mm(material),
            density_g_cm3=profiles.density_g_cm3(material),
        )
        assert shared == other


def _with(profiles: ProfileSet, changed: Profile) -> ProfileSet:
    """The set with one profile replaced, by its kind."""
    if changed.kind is ProfileKind.MACHINE:
        return dataclasses.replace(profiles, machine=changed)
    if changed.kind is ProfileKind.PROCESS:
        return dataclasses.replace(
            profiles, processes={**profiles.processes, STANDARD.layer_thickness: changed}
        )
    return dataclasses.replace(
        profiles, filaments={**profiles.filaments, STANDARD.material: changed}
    )


def _append(machine: Document, gcode: str) -> None:
    machine["machine_end_gcode"] += "\n" + gcode
