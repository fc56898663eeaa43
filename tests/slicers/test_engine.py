"""Both slicers stand behind one interface and are held to the same tests."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pricing_fdm.errors import (
    ModelExceedsBuildVolume,
    ModelUnsliceable,
    PricingError,
    ResultIncomplete,
    SlicerCrashed,
    SlicingTimeout,
)
from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.model import BuildVolume, Placement, PrintSettings, Supports, rectangle
from pricing_fdm.plates.packing import pack
from pricing_fdm.slicers.engine import Engine, SlicerUnavailable
from pricing_fdm.slicers.presets.plate_room import plate_room
from tests.harness import qualities
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_orca, install_fake_prusa, read_records
from tests.harness.qualities import MATERIALS, QUALITIES
from tests.harness.service import order, running_service
from tests.harness.shapes import Triangle, binary_stl, box, tee
from tests.mesh.inspecting import inspect_model
from tests.plates.gcode_moves import plate_faults
from tests.slicers.engines import (
    ENGINES,
    KINDS,
    LIMITS,
    REAL,
    STANDARD,
    bundled_presets,
    find,
    gcode_of,
    job_of,
    measure,
    misbehaving,
    slice_part,
    slice_plate,
)
from tests.slicers.profile_folder import only_printer

CUBE = box(20, 20, 20)
ORCA_KINDS = [kind for kind in KINDS if kind.startswith("orca")]
EXAMPLE = Path(__file__).parents[2] / "examples" / "kickstarter-fdm-test.stl"
SMALL = dataclasses.replace(LIMITS, memory_bytes=1024**3)
COARSE = dataclasses.replace(STANDARD, quality=qualities.ECONOMY, infill_percent=10)


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Each engine in turn."""
    return find(request.param, tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module", params=REAL)
def real_engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Each engine that really slices."""
    return find(request.param, tmp_path_factory.mktemp("engine"))


def with_(**changes: object) -> PrintSettings:
    """Standard settings but for the changes."""
    return dataclasses.replace(STANDARD, **changes)  # type: ignore[arg-type]


def test_it_says_who_it_is(engine: Engine) -> None:
    """A quote names engine, version and profiles, so that two prices can be told apart (K5)."""
    info = engine.info(bundled_presets())
    assert info.name == engine.name in {"orca", "prusa"}
    assert info.version == engine.version
    assert info.version[0].isdigit()
    assert len(info.profile_hash) == 16
    petg = engine.info(bundled_presets(with_(material="petg")))
    assert info.profile_hash != petg.profile_hash


def test_a_cube_has_plausible_figures(real_engine: Engine, tmp_path: Path) -> None:
    """8 cm3 of which the walls and a fifth of the inside are plastic."""
    metrics = measure(real_engine, tmp_path / "run", CUBE)
    assert Decimal(3) < metrics.filament_g < Decimal(6)
    assert 600 < metrics.print_time_s < 3600
    assert metrics.layers == 100


def test_more_infill_means_more_grams_and_more_time(real_engine: Engine, tmp_path: Path) -> None:
    """Invariant 2: the setting reaches the slicer; at 100 % the cube is full."""
    metrics = [
        measure(real_engine, tmp_path / str(infill), CUBE, with_(infill_percent=infill))
        for infill in (10, 20, 50, 100)
    ]
    grams = [each.filament_g for each in metrics]
    times = [each.print_time_s for each in metrics]
    assert grams == sorted(set(grams))
    assert times == sorted(set(times))
    assert grams[-1] == pytest.approx(Decimal("9.9"), rel=Decimal("0.08"))


def test_each_layer_height_reaches_the_slicer(real_engine: Engine, tmp_path: Path) -> None:
    """Invariant 2: thinner layers take longer and are more."""
    metrics = [
        measure(real_engine, tmp_path / thickness.id, CUBE, with_(quality=thickness))
        for thickness in QUALITIES
    ]
    times = [each.print_time_s for each in metrics]
    assert times == sorted(times, reverse=True)
    assert [each.layers for each in metrics][1] == 100
    assert metrics[0].layers > 195
    assert metrics[2].layers < 69


def test_supports_are_made_when_asked_for(real_engine: Engine, tmp_path: Path) -> None:
    """Invariant 2: `never` < `auto` <= `always` under a plate that hangs in the air."""
    never, auto, always = (
        measure(real_engine, tmp_path / supports, tee(), with_(supports=supports)).filament_g
        for supports in (Supports.NEVER, Supports.AUTO, Supports.ALWAYS)
    )
    assert never * Decimal("1.05") < auto <= always


def test_every_setting_is_repeated_by_the_gcode(engine: Engine, tmp_path: Path) -> None:
    """Invariant 2: what was asked for stands in the settings block; else there is no figure."""
    settings = with_(infill_percent=35, quality=qualities.FINE, supports=Supports.AUTO)
    sliced, _ = slice_part(engine, tmp_path / "run", CUBE, settings)
    assert {"35%", "1"} <= set(sliced.expected.values())
    assert Decimal(sliced.expected["layer_height"]) == Decimal("0.1")
    extract_metrics(sliced.gcode, sliced.member, sliced.expected)


def test_each_material_reaches_the_slicer(engine: Engine, tmp_path: Path) -> None:
    """Invariant 2: eight filaments, all accepted, each with its density in the figures."""
    for material in MATERIALS:
        sliced, _ = slice_part(engine, tmp_path / material, CUBE, with_(material=material))
        metrics = extract_metrics(sliced.gcode, sliced.member, sliced.expected)
        density = metrics.filament_g / metrics.volume_cm3
        assert density == pytest.approx(Decimal(sliced.expected["filament_density"]))


@pytest.mark.parametrize("turned_deg", [0, 90])
def test_a_plate_of_copies_weighs_what_they_weigh(
    engine: Engine, tmp_path: Path, turned_deg: int
) -> None:
    """Every copy of the 3MF is printed, where it lies: at the edge of the bed, or turned."""
    bar = box(40, 12, 8)
    one = measure(engine, tmp_path / "one", bar)
    shift_mm = 200.0 if turned_deg else 0.0  # a quarter turn about the bed's front left corner
    layout = tuple(
        Placement(0, x_mm + shift_mm, y_mm, turned_deg)
        for x_mm, y_mm in ((-80.0, -90.0), (80.0, -90.0), (-80.0, 90.0), (80.0, 90.0))
    )
    sliced, plate = slice_plate(engine, tmp_path / "four", [bar], layout)
    assert float(plate.filament_g) == pytest.approx(4 * float(one.filament_g), rel=0.005)
    assert plate.layers == one.layers
    assert plate.print_time_s > 3 * one.print_time_s
    assert not sliced.warnings


def test_two_parts_share_a_plate_each_copy_where_it_was_packed(
    real_engine: Engine, tmp_path: Path
) -> None:
    """Three bars and two pillars: the moves of the G-code keep to their places on the bed.

    Their infill is not the preset's: what is asked for holds for all objects of the plate, and is
    read back, else there would be no figures. A bar lies turned, and all at other places than
    by themselves: a slicer that arranges anew is seen.
    """
    bar, pillar = box(40, 12, 8), box(16, 16, 12)
    outlines = [rectangle(80, 120, 94, 106), rectangle(92, 108, 92, 108)]
    settings = with_(infill_percent=35)
    volume = only_printer().build_volume
    room = plate_room(bundled_presets(settings), volume, {}, supported=False)
    packed = pack([(outlines[0], 3), (outlines[1], 2)], room.bed, room.gap_mm, 16)
    spread = (
        *(Placement(0, x_mm, -94.0, 0) for x_mm in (-80.0, 80.0)),
        Placement(0, 106.0, 60.0, 90),
        *(Placement(1, x_mm, 92.0, 0) for x_mm in (-92.0, 92.0)),
    )
    alone = [
        measure(real_engine, tmp_path / name, part, settings)
        for name, part in (("bar", bar), ("pillar", pillar))
    ]
    together_g = float(3 * alone[0].filament_g + 2 * alone[1].filament_g)
    for number, layout in enumerate((*packed, spread)):
        folder = tmp_path / f"plate-{number}"
        sliced, plate = slice_plate(real_engine, folder, [bar, pillar], layout, settings)
        assert plate_faults(gcode_of(sliced), layout, outlines, room.bed, 0.1) == []
        assert float(plate.filament_g) == pytest.approx(together_g, rel=0.005)
        assert plate.layers == alone[1].layers
        assert plate.print_time_s > max(each.print_time_s for each in alone)
        assert "35%" in sliced.expected.values()
        assert not sliced.warnings


def test_the_same_part_gives_the_same_figures_k1(real_engine: Engine, tmp_path: Path) -> None:
    """K1: PrusaSlicer needs one core for it, which `SLICE_REPRODUCIBLE` gives it."""
    first, second = (measure(real_engine, tmp_path / name, tee()) for name in ("a", "b"))
    assert first == second


@pytest.mark.slow
def test_a_real_part_gives_the_same_figures_in_every_run_k1(
    real_engine: Engine, tmp_path: Path
) -> None:
    """K1: PrusaSlicer 2.5.0 was off in the sixth digit when its memory lay elsewhere each time."""
    figures = set()
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        clean = folder / "model.stl"
        inspect_model(EXAMPLE, clean, BuildVolume(200, 200, 200), max_triangles=100_000)
        sliced = asyncio.run(real_engine.slice(job_of(clean, folder, COARSE)))
        metrics = extract_metrics(sliced.gcode, sliced.member, sliced.expected)
        figures.add((metrics.filament_mm, metrics.print_time_s))
    assert len(figures) == 1


def test_all_it_writes_stays_in_the_run_s_folder(engine: Engine, tmp_path: Path) -> None:
    """What is in the folder is deleted with it; what is elsewhere stays for ever."""
    slice_part(engine, tmp_path / "run", CUBE)
    assert {path.name for path in tmp_path.iterdir()} == {"run"}


def test_a_refusal_is_explained_in_plain_words(real_engine: Engine, tmp_path: Path) -> None:
    """The caller reads what to do; the slicer's own words go to the log."""
    with pytest.raises(ModelUnsliceable, match="thinner than one layer") as refusal:
        slice_part(real_engine, tmp_path / "run", box(20, 20, 0.06))
    assert str(tmp_path) not in refusal.value.detail
    assert refusal.value.log_detail


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ({"crash_signal": "SIGSEGV"}, SlicerCrashed),
        ({"crash_signal": "SIGABRT", "stage": "end"}, SlicerCrashed),
        ({"exit_code": 3, "stderr": "something new\n"}, SlicerCrashed),
        ({"exit_code": 0}, ResultIncomplete),
        ({"remove": ["*.gcode", "*.3mf"]}, ResultIncomplete),
        ({"eat_memory_mb": 8000, "limits": SMALL}, PricingError),
    ],
    ids=["crash", "late crash", "unknown end", "nothing done", "no result", "memory"],
)
def test_every_bad_end_has_its_error_and_no_price(
    tmp_path: Path, kind: str, behaviour: dict[str, Any], expected: type[PricingError]
) -> None:
    """Exit code 0 means nothing without a result (C8)."""
    with pytest.raises(expected) as failure:
        slice_part(misbehaving(kind, tmp_path, **behaviour), tmp_path / "run", CUBE)
    assert str(tmp_path) not in failure.value.detail


@pytest.mark.parametrize("kind", KINDS)
def test_a_slicer_that_hangs_is_ended_at_its_time_limit_c1(tmp_path: Path, kind: str) -> None:
    """C1: with a child that holds its pipes, deaf to SIGTERM."""
    engine = misbehaving(
        kind,
        tmp_path,
        limits=dataclasses.replace(LIMITS, wall_s=2),
        stage="slicing",
        hang=True,
        ignore_sigterm=True,
        child_holds_pipes_s=600,
        record_to=tmp_path / "seen",
    )
    with pytest.raises(SlicingTimeout):
        slice_part(engine, tmp_path / "run", CUBE)
    pids = [record["pid"] for record in read_records(tmp_path / "seen")]
    assert pids
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_slicer_that_changes_a_setting_gives_no_price(tmp_path: Path, kind: str) -> None:
    """Invariant 2: the infill that was asked for is not the one that was printed."""
    key = "fill_density" if kind == "prusa" else "sparse_infill_density"
    engine = misbehaving(kind, tmp_path, gcode_says={key: "15%"})
    with pytest.raises(ResultIncomplete, match="infill"):
        measure(engine, tmp_path / "run", CUBE)


@pytest.mark.parametrize("kind", KINDS)
def test_the_slicer_gets_our_names_and_nothing_of_the_service(tmp_path: Path, kind: str) -> None:
    """B14, C9: arguments and environment are made of our own constants, nothing else."""
    engine = misbehaving(kind, tmp_path, record_to=tmp_path / "seen")
    _, folder = slice_part(engine, tmp_path / "run", CUBE)
    main = read_records(tmp_path / "seen")[-1]
    assert set(main["environ"]) <= {
        "PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "LC_CTYPE", "PWD",
        "LD_PRELOAD", "_STDBUF_O", "PRICING_FDM_RUN", "MALLOC_ARENA_MAX",
    }  # fmt: skip
    assert main["cwd"] == str(folder)
    assert main["no_new_privileges"]
    for argument in main["argv"]:
        assert argument.startswith(("-", str(folder))) or argument in {
            "0", "1", "out.3mf", "", "profile.ini", "out.gcode", "model.stl",
        }, argument  # fmt: skip
    if kind == "prusa":
        assert main["argv"][main["argv"].index("--post-process") + 1] == ""
    else:
        assert main["argv"][-2:] == ["--slice", "0"]


@pytest.mark.parametrize("kind", ORCA_KINDS)
def test_warnings_of_the_slicer_join_those_of_the_quote(tmp_path: Path, kind: str) -> None:
    """OrcaSlicer says when an overhang should have had support."""
    plate = {"id": 1, "warning_message": "Support is recommended."}
    result = json.dumps({"return_code": 0, "sliced_plates": [plate]})
    engine = misbehaving(kind, tmp_path, write={"result.json": result})
    sliced, _ = slice_part(engine, tmp_path / "run", CUBE)
    assert [(w.code, w.message) for w in sliced.warnings] == [
        ("slicer_warning", "Support is recommended.")
    ]


@pytest.mark.parametrize("kind", ORCA_KINDS)
def test_bodies_on_a_second_plate_are_not_priced_as_one(tmp_path: Path, kind: str) -> None:
    """OrcaSlicer moves what does not fit to another plate and reports success."""
    engine = misbehaving(kind, tmp_path, write={"plate_2.gcode": "; another plate\n"})
    with pytest.raises(ModelExceedsBuildVolume):
        slice_part(engine, tmp_path / "run", CUBE)


def test_another_version_of_orcaslicer_is_not_taken_c13(tmp_path: Path) -> None:
    """C13: 2.3.2 crashes when it runs headless, and any other moves prices without a word."""
    with pytest.raises(SlicerUnavailable, match=re.escape("OrcaSlicer 2.3.2")):
        misbehaving("orca", tmp_path, version="2.3.2")
    assert misbehaving("orca", tmp_path, version="2.3.1-beta").version == "2.3.1-beta"


def slice_and_watch(
    engine: Engine, folder: Path, triangles: list[Triangle], **changes: Any
) -> list[tuple[int, bool]]:
    """Each percentage that was reported, and whether the G-code was there by then."""
    folder.mkdir()
    (folder / "upload").write_bytes(binary_stl(triangles))
    clean = folder / "model.stl"
    inspect_model(
        folder / "upload",
        clean,
        only_printer().build_volume,
        max_triangles=1_000_000,
    )
    reported: list[tuple[int, bool]] = []

    def note(percent: int) -> None:
        reported.append((percent, any(folder.glob("**/*.gcode"))))
        (folder.parent / "heard").touch()

    settings = dataclasses.replace(STANDARD, **changes)
    asyncio.run(engine.slice(job_of(clean, folder, settings, on_progress=note)))
    return reported


@pytest.mark.parametrize("name", ENGINES)
def test_each_engine_reports_its_progress_while_it_works(name: str, tmp_path: Path) -> None:
    """From the first step to 100; the first comes long before there is a result."""
    engine = find(name, tmp_path)
    if "puppet" in name:
        install_fake_orca(tmp_path / "bin", stage="slicing", hang_until=tmp_path / "heard")
    reported = slice_and_watch(
        engine,
        tmp_path / "run",
        box(80, 80, 80),
        quality=qualities.FINE,
        infill_percent=40,
    )
    percentages = [percent for percent, _ in reported]
    assert percentages == sorted(set(percentages))
    assert len(percentages) > 3
    assert percentages[0] <= 20
    assert percentages[-1] == 100
    assert not reported[0][1], "reported only when all was over"


HANGS: dict[str, Any] = {"stage": "slicing", "hang": True}  # it has reported two steps by then


@pytest.mark.parametrize("kind", ["orca", "prusa"])
def test_a_slicer_that_hangs_in_a_step_is_ended_by_its_silence(tmp_path: Path, kind: str) -> None:
    """The caller reads a sentence of its own, the log which limit it was."""
    limits = dataclasses.replace(LIMITS, silence_s=1)
    engine = misbehaving(kind, tmp_path, limits=limits, **HANGS)
    with pytest.raises(SlicingTimeout, match="did not get any further") as ended:
        slice_part(engine, tmp_path / "run", CUBE)
    assert str(ended.value.log_detail).startswith("silence limit")


def test_a_hung_slice_is_a_timeout_to_the_caller(origin: Origin, tmp_path: Path) -> None:
    """End to end: the setting reaches the runner, and the sentence the caller."""
    binary = install_fake_prusa(tmp_path / "bin")
    environment = {"PRUSA_BINARY": str(binary), "SLICE_SILENCE_SECS": "1"}
    with running_service({**origin.environment, **environment}) as service:
        install_fake_prusa(tmp_path / "bin", **HANGS)
        answer = service.post(order(origin.serve("hangs.stl", binary_stl(CUBE))))
        assert (answer.status_code, answer.json()["code"]) == (504, "slicing_timeout")
        assert "did not get any further" in answer.json()["detail"]
        request_id = answer.headers["x-request-id"]
        assert "silence limit" in service.event("quote_failed", request_id=request_id)["detail"]
