from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import TAKES_LONG, starts_much

ROOT = Path(__file__).resolve().parents[1]
PROMISED = {"setup", "quote", "serve", "test", "lint", "fmt", "type", "ci", "lock", "clean"}


def make(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs make without what a make above us put into the environment."""
    inherited = {k: v for k, v in os.environ.items() if "MAKE" not in k and k != "MFLAGS"}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=inherited,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose setup only notes that it ran."""
    for path in (ROOT / "Makefile", ROOT / "pyproject.toml", *ROOT.glob("requirements*.lock")):
        shutil.copy(path, tmp_path)
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    for name in ("make-venv", "pinned_uv.py", "install-slicer", "install-sandbox"):
        (scripts / name).touch()
    (scripts / "setup-tests").write_text("#!/bin/sh\ntouch .venv/.tests-stamp\n")
    (scripts / "setup-tests").chmod(0o755)
    setup = scripts / "setup"
    setup.write_text(
        '#!/bin/sh\nmkdir -p .venv\necho "setup $* with [$PYTHON]" >>notes\n'
        "touch .venv/.run-stamp\n"
        '[ "$1" = run ] || touch .venv/.setup-stamp\n'
    )
    setup.chmod(0o755)
    return tmp_path


def notes(checkout: Path) -> list[str]:
    file = checkout / "notes"
    return file.read_text().splitlines() if file.exists() else []


def test_make_alone_lists_every_target_with_a_sentence() -> None:
    """It is the first thing that a newcomer types."""
    listed = dict(re.findall(r"^make (\S+) +(\S.*)$", make().stdout, re.MULTILINE))
    [phony] = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(listed) == set(phony.split())
    assert set(listed) >= PROMISED


def test_setup_runs_once(checkout: Path) -> None:
    """The second `make setup` must cost nothing."""
    assert make("setup", folder=checkout).returncode == 0
    assert make("setup", folder=checkout).returncode == 0
    assert len(notes(checkout)) == 1


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements-dev.lock", "scripts/setup"])
def test_setup_runs_again_after_a_change(checkout: Path, changed: str) -> None:
    """A pulled change of the dependencies arrives with the next command."""
    make("setup", folder=checkout)
    stamp_ns = (checkout / ".venv/.setup-stamp").stat().st_mtime_ns
    os.utime(checkout / changed, ns=(stamp_ns + 10**9, stamp_ns + 10**9))
    make("setup", folder=checkout)
    assert len(notes(checkout)) == 2


@pytest.mark.parametrize("target", sorted(PROMISED - {"setup", "lock", "clean"}))
def test_every_other_target_sets_up_first(checkout: Path, target: str) -> None:
    """Each command works on a fresh clone, in whatever order they are tried."""
    make(target, folder=checkout)
    assert len(notes(checkout)) == 1


@pytest.mark.parametrize("target", ["quote", "serve"])
def test_what_runs_is_set_up_without_the_test_tools(checkout: Path, target: str) -> None:
    """A first quote is not to wait for them; once they are there, nothing is set up again."""
    make(target, folder=checkout)
    assert notes(checkout) == ["setup run with []"]
    make("setup", folder=checkout)
    make(target, folder=checkout)
    assert notes(checkout)[1:] == ["setup  with []"]


@pytest.mark.parametrize("target", ["help", "clean"])
def test_what_needs_no_setup_starts_none(checkout: Path, target: str) -> None:
    """Listing and cleaning must not install anything."""
    assert make(target, folder=checkout).returncode == 0
    assert notes(checkout) == []


def test_the_python_can_be_named(checkout: Path) -> None:
    """As a variable of make; scripts/find-python reads it."""
    make("setup", "PYTHON=python3.12", folder=checkout)
    assert notes(checkout) == ["setup  with [python3.12]"]


def test_ci_is_lint_types_tests_attacks_and_scenarios(checkout: Path) -> None:
    """The pipeline calls `make ci`: what is not in it is not checked."""
    commands = make("--dry-run", "ci", folder=checkout).stdout.splitlines()[1:]
    assert [command.removeprefix(".venv/bin/") for command in commands] == [
        "ruff check",
        "ruff format --check",
        "mypy",
        "scripts/setup-tests",
        "python -m pytest -n auto --dist worksteal",
        "python -m scripts.attack",
        'scripts/e2e -m "not beyond_ci"',
    ]


def test_clean_leaves_a_fresh_clone(checkout: Path) -> None:
    """Everything that the commands make is removed, and nothing else."""
    before = sorted(checkout.rglob("*"))
    make("setup", folder=checkout)
    (checkout / "notes").unlink()
    for made in (".slicer/orca", ".mypy_cache", "scripts/__pycache__"):
        (checkout / made).mkdir(parents=True)
    make("clean", folder=checkout)
    assert sorted(checkout.rglob("*")) == before


def test_what_the_fast_tests_leave_out_is_there_and_the_rest_starts_nothing() -> None:
    """A file that moved would be taken in again, and a minute would become ten."""
    tests = ROOT / "tests"
    assert [name for name in TAKES_LONG if not (tests / name).exists()] == []
    assert starts_much(tests / "jobs" / "test_runner.py")
    assert not starts_much(tests / "pricing" / "test_quote.py")
