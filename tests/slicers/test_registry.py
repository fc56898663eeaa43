"""The slicer that is asked for is found, or the reason why not is said."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from pricing_fdm.slicers.binaries import find_binary
from pricing_fdm.slicers.engine import Engine, SlicerUnavailable
from pricing_fdm.slicers.environment import slicer_environment
from pricing_fdm.slicers.presets.preset_set import load_profiles
from pricing_fdm.slicers.registry import SlicerChoice, find_engine
from tests.fakes.stand_in import install_fake_prusa, install_stand_in
from tests.slicers.engines import LIMITS, PROFILES
from tests.slicers.profile_folder import ProfileFolder


def find(
    choice: SlicerChoice, *, orca: Path | str, prusa: Path | str, profiles: Path = PROFILES
) -> Engine:
    """Finds with these programs."""
    return asyncio.run(
        find_engine(
            choice,
            orca_binary=str(orca),
            prusa_binary=str(prusa),
            profiles=load_profiles(profiles),
            limits=LIMITS,
        )
    )


@pytest.mark.parametrize(
    ("choice", "has_orca", "expected"),
    [
        (SlicerChoice.AUTO, True, "orca"),
        (SlicerChoice.AUTO, False, "prusa"),
        (SlicerChoice.ORCA, True, "orca"),
        (SlicerChoice.PRUSA, True, "prusa"),
    ],
)
def test_the_choice_is_obeyed(
    tmp_path: Path, choice: SlicerChoice, has_orca: bool, expected: str
) -> None:
    """`auto` takes OrcaSlicer when it is there, else PrusaSlicer."""
    orca = install_stand_in(tmp_path) if has_orca else tmp_path / "none"
    assert find(choice, orca=orca, prusa=install_fake_prusa(tmp_path)).name == expected


@pytest.mark.parametrize("choice", list(SlicerChoice))
def test_what_is_missing_is_named_with_what_to_do(choice: SlicerChoice) -> None:
    """The first thing that goes wrong on a new machine."""
    with pytest.raises(SlicerUnavailable, match="make setup"):
        find(choice, orca="/nonexistent/orca", prusa="/nonexistent/prusa")


def test_one_that_is_there_and_does_not_run_is_never_replaced(tmp_path: Path) -> None:
    """A missing library must not change prices in silence."""
    broken = tmp_path / "orca-slicer"
    broken.write_text("#!/nonexistent/interpreter\n")
    broken.chmod(0o755)
    with pytest.raises(SlicerUnavailable, match="orca-slicer"):
        find(SlicerChoice.AUTO, orca=broken, prusa=install_fake_prusa(tmp_path))


def test_a_program_that_cannot_be_started_at_all_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without util-linux nothing is started."""
    prusa = install_fake_prusa(tmp_path)
    monkeypatch.setattr("shutil.which", lambda name, **_: name if "/" in name else None)
    with pytest.raises(SlicerUnavailable, match="does not start"):
        find(SlicerChoice.PRUSA, orca="", prusa=prusa)


def test_profiles_that_prusaslicer_cannot_be_told_are_named_at_start(tmp_path: Path) -> None:
    """A shop's own profile with a pattern that PrusaSlicer lacks would be sliced with another."""
    folder = ProfileFolder(tmp_path / "profiles")
    folder.set("process_fine.json", sparse_infill_pattern="crosshatch")
    with pytest.raises(SlicerUnavailable, match="crosshatch"):
        find(
            SlicerChoice.PRUSA,
            orca="",
            prusa=install_fake_prusa(tmp_path / "bin"),
            profiles=folder.path,
        )


def test_a_name_is_looked_up_beside_our_own_python_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """There `make setup` puts OrcaSlicer, and nobody has to change PATH."""
    monkeypatch.setenv("PATH", "/nonexistent")
    assert find_binary(Path(sys.executable).name) == Path(sys.executable).absolute()
    assert find_binary("no-such-slicer") is None


def test_a_display_is_handed_on_only_when_there_is_one() -> None:
    """Behaviour must not depend on the host's own display."""
    folder = Path("/run")
    assert "DISPLAY" not in slicer_environment(Path("/bin/true"), folder)
    assert slicer_environment(Path("/bin/true"), folder, ":97")["DISPLAY"] == ":97"
