"""The slicer that is asked for is found, or the reason why not is said."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pricing_fdm.slicers.engine import Engine, SlicerUnavailable
from pricing_fdm.slicers.registry import (
    AUTO,
    ENGINES,
    Engines,
    fallback_choices,
    find_engine,
)
from tests.harness.puppet import install_fake_orca, install_fake_prusa
from tests.harness.shapes import binary_stl, box
from tests.slicers.engines import setup, slice_part
from tests.slicers.profile_folder import ProfileFolder, only_printer
from tests.slicers.tiny.engine import PROGRAM, TinyEngine


def find(choice: str, *, orca: Path | str, prusa: Path | str) -> Engine:
    """Finds with these programs."""
    binaries = {"orca": str(orca), "prusa": str(prusa)}
    return asyncio.run(find_engine(choice, setup(), binaries=binaries))


@pytest.mark.parametrize(
    ("choice", "has_orca", "expected"),
    [
        (AUTO, True, "orca"),
        (AUTO, False, "prusa"),
        ("orca", True, "orca"),
        ("prusa", True, "prusa"),
    ],
)
def test_the_choice_is_obeyed(tmp_path: Path, choice: str, has_orca: bool, expected: str) -> None:
    """`auto` takes OrcaSlicer when it is there, else PrusaSlicer."""
    orca = install_fake_orca(tmp_path) if has_orca else tmp_path / "none"
    assert find(choice, orca=orca, prusa=install_fake_prusa(tmp_path)).name == expected


@pytest.mark.parametrize(
    ("choice", "named"),
    [
        (AUTO, "neither OrcaSlicer (/none/orca) nor PrusaSlicer (/none/prusa)"),
        ("orca", "no OrcaSlicer (/none/orca)"),
        ("prusa", "no PrusaSlicer (/none/prusa)"),
    ],
)
def test_what_is_missing_is_named_with_what_to_do(choice: str, named: str) -> None:
    """The first thing that goes wrong on a new machine."""
    with pytest.raises(SlicerUnavailable) as missing:
        find(choice, orca="/none/orca", prusa="/none/prusa")
    assert str(missing.value) == (
        f"{named} was found on PATH. Run `make setup`, install one, "
        "or set ORCA_BINARY or PRUSA_BINARY to its path."
    )


def test_one_that_is_there_and_does_not_run_is_never_replaced(tmp_path: Path) -> None:
    """A missing library must not change prices in silence."""
    broken = tmp_path / "orca-slicer"
    broken.write_text("#!/nonexistent/interpreter\n")
    broken.chmod(0o755)
    with pytest.raises(SlicerUnavailable, match="orca-slicer"):
        find(AUTO, orca=broken, prusa=install_fake_prusa(tmp_path))


def test_a_program_that_cannot_be_started_at_all_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without util-linux nothing is started."""
    prusa = install_fake_prusa(tmp_path)
    monkeypatch.setattr("shutil.which", lambda name, **_: name if "/" in name else None)
    with pytest.raises(SlicerUnavailable, match="does not start"):
        find("prusa", orca="", prusa=prusa)


def test_profiles_that_prusaslicer_cannot_be_told_are_named_at_start(tmp_path: Path) -> None:
    """A shop's own profile with a pattern that PrusaSlicer lacks would be sliced with another."""
    folder = ProfileFolder(tmp_path / "profiles")
    folder.set("process_fine.json", sparse_infill_pattern="crosshatch")
    engine = find("prusa", orca="", prusa=install_fake_prusa(tmp_path / "bin"))
    samples = only_printer(folder.path).samples()
    faults = {fault for each in samples for fault in engine.faults(each)}
    assert [(fault.file, fault.key) for fault in faults] == [
        ("process_fine.json", "sparse_infill_pattern")
    ]
    assert all("crosshatch" in fault.message for fault in faults)


def test_a_third_engine_is_one_folder_and_one_line(tmp_path: Path) -> None:
    """From the setting to the price. The folder is `tests/slicers/tiny`."""
    text = """
import sys
from pricing_fdm.cli import main
from pricing_fdm.slicers.registry import ENGINES
from tests.slicers.tiny.engine import TinyEngine
ENGINES["tiny"] = TinyEngine
sys.exit(main(["quote", "cube.stl", "--infill", "35", "--json"]))
"""
    (tmp_path / "cube.stl").write_bytes(binary_stl(box(20, 20, 20)))
    ran = subprocess.run(
        [sys.executable, "-c", text],
        cwd=tmp_path,
        env={
            "PATH": f"{PROGRAM.parent}:/usr/bin:/bin",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "SLICER": "tiny",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    quote = json.loads(ran.stdout)
    assert (quote["engine"]["name"], quote["engine"]["version"]) == ("tiny", "0.1")
    assert (quote["print_time_hours"], quote["filament_weight_g"]) == (1.5, 2.9825)
    assert quote["print"]["infill"] == 35


def test_a_third_engine_helps_out_when_another_crashes(tmp_path: Path) -> None:
    """Every engine but the preferred one can be the fallback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ENGINES, "tiny", TinyEngine)
        assert fallback_choices() == ("none", "prusa", "tiny")
        binaries = {"orca": str(install_fake_orca(tmp_path)), "tiny": str(PROGRAM)}
        engine = asyncio.run(find_engine("orca", setup(), binaries=binaries, fallback="tiny"))
    install_fake_orca(tmp_path, crash_signal="SIGSEGV")
    sliced, _ = slice_part(engine, tmp_path / "run", box(20, 20, 20))
    assert sliced.engine.name == "tiny"
    assert "TinySlicer 0.1" in sliced.warnings[0].message


def test_each_slicer_is_found_once(tmp_path: Path) -> None:
    """A printer that names the service's slicer shares it; another gets its own."""
    binaries = {
        "orca": str(install_fake_orca(tmp_path)),
        "prusa": str(install_fake_prusa(tmp_path)),
    }
    engines = Engines(AUTO, setup(), binaries=binaries)

    async def story() -> None:
        usual = await engines.named(None)
        assert usual.name == "orca"
        assert await engines.named("orca") is usual
        other = await engines.named("prusa")
        assert other.name == "prusa"
        assert await engines.named("prusa") is other
        assert list(engines) == [usual, other]

    asyncio.run(story())


def test_a_slicer_that_a_printer_asks_for_may_be_missing(tmp_path: Path) -> None:
    """The others work; the shop says which printer cannot."""
    binaries = {"orca": "/none/orca", "prusa": str(install_fake_prusa(tmp_path))}
    engines = Engines("prusa", setup(), binaries=binaries)

    async def story() -> None:
        await engines.named(None)
        with pytest.raises(SlicerUnavailable, match="no OrcaSlicer"):
            await engines.named("orca")

    asyncio.run(story())
