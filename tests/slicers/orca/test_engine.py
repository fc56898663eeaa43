"""OrcaSlicer's result is the same in the 3MF and beside it; only the second costs nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.errors import ResultIncomplete
from pricing_fdm.gcode.metrics import extract_metrics
from pricing_fdm.model import PrintSettings, Supports
from tests.harness.models import more_orca_samples
from tests.harness.puppet import PUPPET, read_records
from tests.harness.shapes import box, tee
from tests.slicers.engines import (
    REAL_ORCA,
    STANDARD,
    bundled_presets,
    find,
    job_of,
    measure,
    misbehaving,
    slice_part,
)

MEMBER = "Metadata/plate_1.gcode"
SUPPORTED = dataclasses.replace(STANDARD, supports=Supports.ALWAYS)
FIXTURES = Path(__file__).parents[2] / "gcode" / "fixtures"
MORE_SAMPLES = more_orca_samples()
RECORDED = [
    *sorted(FIXTURES.glob("orca-*.3mf")),
    *sorted(MORE_SAMPLES.glob("*/out.3mf")),
]
PROGRAMS = [
    "orca puppet",
    *([pytest.param("orca", marks=pytest.mark.orca)] if REAL_ORCA else []),
]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("settings", [STANDARD, SUPPORTED], ids=["plain", "supported"])
def test_both_forms_of_the_result_give_the_same_figures(
    tmp_path: Path, program: str, settings: PrintSettings
) -> None:
    """`ORCA_RESULT` decides on time, never on a price."""
    figures = [
        measure(find(name, tmp_path / form), tmp_path / form / "run", tee(), settings)
        for form, name in (("3mf", program), ("gcode", f"{program}, gcode"))
    ]
    assert figures[0] == figures[1]


@pytest.mark.parametrize("archive", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_recorded_results_read_the_same_unpacked(archive: Path, tmp_path: Path) -> None:
    """What the real program wrote, the largest with 35 MB of G-code."""
    with zipfile.ZipFile(archive) as opened:
        gcode = Path(opened.extract(MEMBER, tmp_path))
    assert extract_metrics(gcode, None, {}) == extract_metrics(archive, MEMBER, {})


@pytest.mark.parametrize(
    ("kind", "files", "exports"),
    [
        ("orca", {"out.3mf", "plate_1.gcode", "result.json"}, True),
        ("orca, gcode", {"plate_1.gcode", "result.json"}, False),
    ],
)
def test_no_archive_is_made_that_nobody_reads(
    tmp_path: Path, kind: str, files: set[str], exports: bool
) -> None:
    """The export is 8 % of a slice; and where it is wanted, the mesh in it is not."""
    engine = misbehaving(kind, tmp_path, record_to=tmp_path / "seen")
    sliced, folder = slice_part(engine, tmp_path / "run", box(20, 20, 20))
    arguments = read_records(tmp_path / "seen")[-1]["argv"]
    assert ("--export-3mf" in arguments, "--min-save=1" in arguments) == (exports, exports)
    assert {path.name for path in (folder / "out").iterdir()} == files
    if exports:
        with zipfile.ZipFile(sliced.gcode) as archive:
            assert not [name for name in archive.namelist() if name.startswith("3D/")]


def test_the_command_line_keeps_orcaslicers_rules(tmp_path: Path) -> None:
    """Learnt from the real one, since the puppet takes anything: names, order, a bare file name."""
    engine = misbehaving("orca", tmp_path, record_to=tmp_path / "seen")
    settings = dataclasses.replace(SUPPORTED, infill_percent=100)
    _, folder = slice_part(engine, tmp_path / "run", box(20, 20, 20), settings)
    arguments = read_records(tmp_path / "seen")[-1]["argv"]
    assert arguments[-3:] == [str(folder / "model.stl"), "--slice", "0"]
    assert arguments[arguments.index("--outputdir") + 1] == str(folder / "out")
    assert arguments[arguments.index("--export-3mf") + 1] == "out.3mf"
    words = [word.lstrip("-").partition("=") for word in arguments if "=" in word]
    asked = {name.replace("-", "_") for name, _, _ in words} - {"min_save"}
    recorded = (PUPPET / "orca-slicer.d" / "recorded.gcode").read_text()
    assert len(asked) == 5
    assert all(f"; {name} = " in recorded for name in asked)


@pytest.mark.parametrize("missing", ["plate_1.gcode", "result.json"])
def test_without_an_archive_gcode_and_result_file_are_still_demanded(
    tmp_path: Path, missing: str
) -> None:
    """Exit code 0 alone means nothing."""
    engine = misbehaving("orca, gcode", tmp_path, remove=[missing])
    with pytest.raises(ResultIncomplete):
        slice_part(engine, tmp_path / "run", box(20, 20, 20))


@pytest.mark.parametrize("program", PROGRAMS)
def test_any_number_of_cores_gives_the_same_figures(tmp_path: Path, program: str) -> None:
    """Only therefore may a slice get all cores when it is alone and few when it is not."""
    engine = find(program, tmp_path)
    figures = []
    for sharers in (1, 64):
        _, folder = slice_part(engine, tmp_path / str(sharers), tee())
        again = folder / "again"
        again.mkdir()
        job = job_of(folder / "model.stl", again, sharers=sharers)
        sliced = asyncio.run(engine.slice(job))
        figures.append(extract_metrics(sliced.gcode, sliced.member, sliced.expected))
    assert figures[0] == figures[1]


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_a_request_overrides_is_in_the_process_and_is_read_back(
    tmp_path: Path, program: str
) -> None:
    """In place of the preset's own value, and with its percent sign."""
    overrides = (("infill_wall_overlap", "30"), ("wall_loops", "5"))
    settings = replace(STANDARD, overrides=overrides)
    sliced, folder = slice_part(
        find(program, tmp_path), tmp_path / "run", box(20, 20, 20), settings
    )
    process = json.loads((folder / "process.json").read_text())
    assert (process["wall_loops"], process["infill_wall_overlap"]) == ("5", "30%")
    assert sliced.expected["wall_loops"] == "5"
    assert sliced.expected["infill_wall_overlap"] == "30%"
    extract_metrics(sliced.gcode, sliced.member, sliced.expected)
    assert sliced.engine.profile_hash == bundled_presets().hash  # the presets are the shop's
