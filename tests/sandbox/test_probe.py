"""`SANDBOX` means what it says: the best that really holds, or the reason why not."""

from __future__ import annotations

import asyncio
import platform
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pricing_fdm.sandbox import launcher
from pricing_fdm.sandbox.bubblewrap import BubblewrapSandbox
from pricing_fdm.sandbox.probe import ProbeResult, SandboxChoice, find_sandbox
from pricing_fdm.sandbox.sandbox import Level, Sandbox
from pricing_fdm.slicers.engine import SlicerUnavailable
from tests.harness.command import pricing_fdm
from tests.harness.service import started_service, wait_until_ready

Forbid = Callable[[str], None]


# How bubblewrap fares on other machines; {bwrap} is the real one.
BWRAPS = {
    "namespaces": "echo 'bwrap: No permissions to create new namespace' >&2; exit 1",
    "a second /proc": """
case " $* " in *" --proc "*) echo "bwrap: Can't mount proc" >&2; exit 1;; esac
exec {bwrap} "$@"
""",
    # Everything works, and nothing is shut in.
    "keeping files out": 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
}


@pytest.fixture
def forbid(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Forbid:
    """Takes something from this machine, as other machines lack it."""
    which = shutil.which

    def replace_bwrap(path: Path | None) -> None:
        def found(name: str, **_: object) -> str | None:
            return (str(path) if path else None) if name == "bwrap" else which(name)

        monkeypatch.setattr(shutil, "which", found)

    def do(what: str) -> None:
        if what == "bubblewrap":
            replace_bwrap(None)
        elif what == "Landlock":
            monkeypatch.setattr(launcher, "landlock_abi", lambda: 0)
        elif what in BWRAPS:
            script = tmp_path / "bwrap"
            script.write_text("#!/bin/sh\n" + BWRAPS[what].replace("{bwrap}", str(which("bwrap"))))
            script.chmod(0o755)
            replace_bwrap(script)
        else:
            monkeypatch.setattr(platform, "machine", lambda: what)

    return do


def find(choice: str, *, starts_in: frozenset[Level] = frozenset(Level)) -> ProbeResult[str]:
    """What is found for a slicer that starts in some levels."""

    async def start(sandbox: Sandbox) -> str:
        if sandbox.level not in starts_in:
            raise SlicerUnavailable("it wants its libraries")
        return f"started in {sandbox.level}"

    return asyncio.run(find_sandbox(SandboxChoice(choice), start))


def test_the_best_is_taken() -> None:
    """On a machine that `make setup` has prepared and that permits namespaces."""
    for choice in ("auto", "bwrap", "required"):
        finding = find(choice)
        assert finding.started == "started in bwrap"
        assert finding.detail == "bwrap: own file system, processes and network"


@pytest.mark.parametrize(
    ("lacks", "choice", "level", "said"),
    [
        (["bubblewrap"], "auto", Level.LANDLOCK, "bwrap is not installed (package bubblewrap)"),
        (["namespaces"], "auto", Level.LANDLOCK, "No permissions to create new namespace"),
        (["keeping files out"], "auto", Level.LANDLOCK, "a file outside can be read"),
        (["a second /proc"], "auto", Level.BWRAP, "network, without /proc; bwrap does not work: "),
        (["a second /proc"], "bwrap", Level.BWRAP, "Can't mount proc"),
        (["namespaces", "Landlock"], "auto", Level.NONE, "landlock: the kernel has none"),
        (["namespaces", "riscv64"], "auto", Level.NONE, "landlock: not for riscv64"),
        (["namespaces"], "required", Level.LANDLOCK, "bwrap does not work"),
        ([], "landlock", Level.LANDLOCK, "and seccomp: most files and all sockets refused"),
        ([], "none", Level.NONE, "none: only limits hold the slicer"),
    ],
)
def test_what_a_machine_lacks_lowers_the_level_and_is_told(
    lacks: list[str], choice: str, level: Level, said: str, forbid: Forbid
) -> None:
    """An operator who reads `/ready` knows what to install or to permit."""
    for thing in lacks:
        forbid(thing)
    finding = find(choice)
    assert finding.sandbox is not None
    assert finding.sandbox.level is level
    assert finding.started == f"started in {level}"
    assert said in finding.detail


@pytest.mark.parametrize(
    ("lacks", "choice", "said"),
    [
        (
            ["namespaces"],
            "bwrap",
            "SANDBOX=bwrap cannot be had; bwrap does not work: ",
        ),
        (["Landlock"], "landlock", "SANDBOX=landlock cannot be had; landlock: the kernel has none"),
        (
            ["bubblewrap", "Landlock"],
            "required",
            "SANDBOX=required cannot be had; bwrap is not ins",
        ),
    ],
)
def test_what_is_insisted_on_and_cannot_be_had_is_an_error(
    lacks: list[str], choice: str, said: str, forbid: Forbid
) -> None:
    """No sandbox, and no slicer started without it."""
    for thing in lacks:
        forbid(thing)
    finding = find(choice)
    assert (finding.sandbox, finding.started) == (None, None)
    assert said in finding.detail


def test_a_slicer_that_starts_in_no_sandbox_is_still_run_by_auto() -> None:
    """An installation that worked goes on working; that it is not shut in is told."""
    finding = find("auto", starts_in=frozenset({Level.NONE}))
    assert finding.started == "started in none"
    assert "the slicer does not start in bwrap: it wants its libraries" in finding.detail
    assert "the slicer does not start in landlock" in finding.detail


def test_a_slicer_that_starts_in_no_sandbox_is_refused_where_one_is_required() -> None:
    """The reason is the slicer's; the level is the one that was tried first."""
    finding = find("required", starts_in=frozenset({Level.NONE}))
    assert isinstance(finding.sandbox, BubblewrapSandbox)
    assert finding.started is None
    assert finding.obstacle == "it wants its libraries"


@pytest.mark.parametrize("level", ["bwrap", "landlock", "none"])
def test_the_service_tells_its_level(level: str) -> None:
    """In `/ready` for people, in a metric for alarms."""
    with started_service({"SANDBOX": level}) as service:
        wait_until_ready(service)
        checks = service.get("/ready").json()["checks"]
        metrics = service.get("/metrics").text
    assert checks["sandbox"]["ok"]
    assert checks["sandbox"]["detail"].startswith(level)
    assert f'pricing_fdm_sandbox_info{{level="{level}"}} 1.0' in metrics


def test_an_installation_without_the_required_sandbox_is_not_ready(tmp_path: Path) -> None:
    """`check` names the sandbox, starts no slicer without it, and exits with 1."""
    script = tmp_path / "sitecustomize.py"
    script.write_text(
        "from pricing_fdm.sandbox import launcher\nlauncher.landlock_abi = lambda: 0\n"
    )
    result = pricing_fdm("check", environment={"SANDBOX": "landlock", "PYTHONPATH": str(tmp_path)})
    assert result.returncode == 1
    failed = [line for line in result.stdout.splitlines() if line.startswith("FAIL")]
    assert any("SANDBOX=landlock cannot be had" in line for line in failed)
    assert "slicer  " not in result.stdout
