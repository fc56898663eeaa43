"""The slicer's sandbox holds: what docs/sandbox.md says that a level refuses is refused."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.sandbox.bubblewrap import BubblewrapSandbox
from pricing_fdm.sandbox.landlock import LandlockSandbox
from pricing_fdm.sandbox.launcher import landlock_abi
from pricing_fdm.sandbox.process import run
from pricing_fdm.sandbox.sandbox import (
    NoSandbox,
    Sandbox,
    display_socket,
    let_in,
    own_paths,
    path_inside,
)
from pricing_fdm.sandbox.user import RUN_USER
from pricing_fdm.slicers.engine import EngineSetup
from pricing_fdm.slicers.presets.chosen import ChosenPresets
from pricing_fdm.slicers.program import find_binary
from pricing_fdm.slicers.prusa.engine import PrusaEngine
from tests.harness.shapes import box
from tests.harness.waiting import wait_until
from tests.sandbox import spying
from tests.sandbox.sandboxes import SANDBOXES, obstacle, sandboxed
from tests.sandbox.spying import LIMITS, PYTHON
from tests.slicers.engines import LIMITS as SLICING
from tests.slicers.engines import measure

ROOT = Path(__file__).parents[2]
OTHER = 10001  # as in the image

# "the user" is whoever runs the tests; root lends itself to be another as well.
USERS = ["the user", "uid 10001"] if os.geteuid() == 0 else ["the user"]


@pytest.fixture(scope="session")
def readable_for_all() -> Iterator[Path]:
    """The package and the spy where any user can read them."""
    with tempfile.TemporaryDirectory(prefix="for-all-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(spying.__file__, folder / "spying.py")
        yield folder


@pytest.fixture(scope="session", params=USERS)
def reached(request: pytest.FixtureRequest, readable_for_all: Path) -> dict[str, dict[str, bool]]:
    """What the spy reached in each level, and freely, as that user."""
    become = ["setpriv", f"--reuid={OTHER}", f"--regid={OTHER}", "--clear-groups"]
    result = subprocess.run(
        [*(become if request.param == "uid 10001" else []), PYTHON, readable_for_all / "spying.py"],
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(readable_for_all / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    found: dict[str, dict[str, bool]] = json.loads(result.stdout)
    return found


def promises(column: str) -> dict[str, str]:
    """A column of the table in docs/sandbox.md."""
    text = (ROOT / "docs" / "sandbox.md").read_text().partition("## What a program can reach")[2]
    lines = [line for line in text.partition("## ")[0].splitlines() if line.startswith("|")]
    header, _, *rows = ([cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines)
    return {row[0]: row[header.index(column)] for row in rows}


@pytest.mark.parametrize(
    ("sandbox", "column"),
    [
        ("bwrap", "bwrap"),
        ("bwrap without /proc", "bwrap"),
        ("landlock", "landlock"),
        ("none", "none"),
    ],
)
def test_a_spy_reaches_exactly_what_the_table_says_a11(
    reached: dict[str, dict[str, bool]], sandbox: str, column: str
) -> None:
    """A11, C9: no network, no files, no processes but its own; a gap is told, not hidden."""
    reason = obstacle(sandbox)
    if reason is not None:
        assert re.search("bwrap: |the kernel has no Landlock|a file outside", reason), reason
        return
    free = reached["the user"]
    expected = {}
    for deed, promise in promises(column).items():
        as_the_user = promise == "as the user may" or ("6.12" in promise and landlock_abi() < 6)
        expected[deed] = free[deed] if as_the_user else promise == "yes"
    assert reached[sandbox] == expected


def test_the_spy_would_notice(reached: dict[str, dict[str, bool]]) -> None:
    """A spy that cannot spy at all proves nothing: unsandboxed it reaches what the user may."""
    may_be_refused = {
        "read /etc/shadow",
        "use root's capabilities, but to enter and read",
        "write to /proc/sys",
        "use bpf",
        # By settings of the kernel.
        "use fanotify",
        "use io_uring",
        "use userfaultfd",
        "use performance events",
        "make a namespace",
        "clone into a namespace",
        "attach to a process as a debugger",  # by kernel.yama.ptrace_scope
        "gain privileges by a setuid program",  # where the tests themselves run without
    }
    assert all(done for deed, done in reached["the user"].items() if deed not in may_be_refused)


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_the_environment_is_exactly_what_was_given_c9(sandbox: Sandbox, tmp_path: Path) -> None:
    """C9: neither ours nor what a sandbox adds to its own."""
    env = {"LANG": "C.UTF-8", "HOME": str(tmp_path)}
    outcome = asyncio.run(
        run(["/usr/bin/env"], cwd=tmp_path, env=env, limits=replace(LIMITS, sandbox=sandbox))
    )
    printed = dict(line.split("=", 1) for line in outcome.stdout.splitlines())
    assert printed.pop("PRICING_FDM_RUN")
    assert printed == env


ENDS = [
    pytest.param("raise SystemExit(3)", 3, None, id="exit 3"),
    pytest.param("raise SystemExit(156)", 156, None, id="OrcaSlicer's -100"),
    pytest.param("raise SystemExit(139)", 139, None, id="a code that looks like a signal"),
    *(
        pytest.param(
            f"import os, signal; signal.signal({number}, 0); os.kill(os.getpid(), {number})",
            None,
            number,
            id=signal.Signals(number).name,
        )
        for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGPIPE)
    ),
    pytest.param("import os; os.kill(os.getpid(), 9)", None, signal.SIGKILL, id="SIGKILL"),
]


@pytest.mark.parametrize("sandbox", SANDBOXES)
@pytest.mark.parametrize(("text", "code", "number"), ENDS)
def test_the_end_is_told_truly_c8(
    sandbox: Sandbox, text: str, code: int | None, number: int | None, tmp_path: Path
) -> None:
    """C8: what stands between must not turn a signal into an exit code, nor the other way."""
    outcome = sandboxed(sandbox, text, tmp_path)
    assert (outcome.exit_code, outcome.ended_by_signal, outcome.limit) == (code, number, None)
    assert outcome.stderr == ""


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_program_that_is_not_there_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    """127 in every level: `version_of` reads it."""
    limits = replace(LIMITS, sandbox=sandbox)
    outcome = asyncio.run(run([str(tmp_path / "none")], cwd=tmp_path, env={}, limits=limits))
    assert outcome.exit_code == 127


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_the_program_dies_with_the_service_c4(sandbox: Sandbox, tmp_path: Path) -> None:
    """C4: a kill -9 of the service mid-slice leaves no slicer, in no level."""
    name = f"slicer-{os.getpid() % 10**6}"
    hang = f"""
import ctypes, time
ctypes.CDLL(None).prctl(15, {name.encode()!r}, 0, 0, 0)  # PR_SET_NAME
open("up", "w")
time.sleep(600)
"""
    arguments = {
        "argv": [PYTHON, "-I", "-S", "-c", hang],
        "cwd": tmp_path,
        "env": {},
        "limits": replace(LIMITS, sandbox=sandbox),
    }
    service = f"""
import asyncio, pickle
from pricing_fdm.sandbox.process import run
asyncio.run(run(**pickle.loads({pickle.dumps(arguments)!r})))
"""
    with subprocess.Popen([sys.executable, "-c", service]) as parent:
        try:
            wait_until((tmp_path / "up").exists)
            assert len(named(name)) == 1
        finally:
            parent.kill()
    wait_until(lambda: named(name) == [])


def named(name: str) -> list[str]:
    """The processes of that name."""
    found = []
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().strip() == name:
                found.append(path.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_the_real_slicer_gives_the_same_figures(sandbox: Sandbox, tmp_path: Path) -> None:
    """A sandbox that changed a price would be worse than none."""
    plain, shut_in = (
        measure(prusa(each), tmp_path / name, box(20, 20, 20))
        for name, each in (("plain", NoSandbox()), ("shut in", sandbox))
    )
    assert shut_in == plain


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_no_program_named_in_a_profile_runs_c12(sandbox: Sandbox, tmp_path: Path) -> None:
    """C12: a post-processing script would be a stranger's code in our sandbox."""
    canary = tmp_path / "run" / "canary"

    class WithScript(PrusaEngine):
        def _config(self, presets: ChosenPresets) -> dict[str, str]:
            return {**super()._config(presets), "post_process": f"/usr/bin/touch {canary}"}

    engine = prusa(sandbox)
    engine.__class__ = WithScript
    measure(engine, tmp_path / "run", box(10, 10, 10))
    assert f"post_process = /usr/bin/touch {canary}" in (tmp_path / "run/profile.ini").read_text()
    assert not canary.exists()


def prusa(sandbox: Sandbox) -> PrusaEngine:
    """The real PrusaSlicer, shut in; equal parts get equal figures."""
    binary = find_binary(os.environ.get("PRUSA_BINARY", "prusa-slicer"))
    assert binary is not None, "PrusaSlicer is missing; run `make setup`"
    limits = replace(SLICING, sandbox=sandbox)
    setup = EngineSetup(limits, reproducible=True)
    return asyncio.run(PrusaEngine.find(binary, setup))


@pytest.mark.parametrize("sandbox", SANDBOXES)
@pytest.mark.parametrize("place", ["prog/bin", "prog"], ids=["with resources", "alone"])
def test_a_slicer_elsewhere_finds_what_came_with_it(
    sandbox: Sandbox, place: str, tmp_path: Path
) -> None:
    """OrcaSlicer is unpacked anywhere, linked from anywhere, and reads its own resources."""
    program = tmp_path / place / "slicer"
    program.parent.mkdir(parents=True)
    beside = tmp_path / "prog" / "resources"
    beside.mkdir()
    (beside / "data").write_text("found\n")
    program.write_text(f"#!/bin/sh\ncat {beside}/data\n")
    program.chmod(0o755)
    link, folder = tmp_path / "link", tmp_path / "run"
    link.symlink_to(program)
    folder.mkdir()
    outcome = asyncio.run(
        run([str(link)], cwd=folder, env={}, limits=replace(LIMITS, sandbox=sandbox))
    )
    assert outcome.stdout == "found\n", outcome.stderr


def test_a_program_is_let_in_with_its_own_folder_only(tmp_path: Path) -> None:
    """A folder that holds the runs' would show them to each other."""
    program, folder = tmp_path / "bin" / "slicer", tmp_path / "runs" / "one"
    assert own_paths(Path("/usr/bin/prusa-slicer"), folder) == ()
    assert own_paths(program, folder) == (tmp_path / "bin",)
    assert own_paths(tmp_path / "slicer", folder) == (tmp_path / "slicer",)
    (tmp_path / "bin").mkdir()
    (tmp_path / "resources").mkdir()
    assert own_paths(program, Path("/tmp/run")) == (tmp_path,)
    assert path_inside(Path("/usr/bin/prusa-slicer")) == Path("/usr/bin/prusa-slicer")


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_what_is_named_readable_can_be_read_and_nothing_beside_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """A converter needs the caller's file and its own libraries; the slicer gets neither."""
    library, folder = tmp_path / "library", tmp_path / "run"
    library.mkdir()
    folder.mkdir()
    (library / "module").write_text("code")
    for name in ("upload", "secret"):
        (tmp_path / name).write_text(name)
    text = f"""
import pathlib
for path in ("library/module", "upload", "secret"):
    try: print(path, pathlib.Path({str(tmp_path)!r}, path).read_text())
    except OSError: print(path, "refused")
for path in ("library/module", "library/new", "upload"):
    try: pathlib.Path({str(tmp_path)!r}, path).write_text("changed")
    except OSError: print(path, "cannot be written")
"""
    outcome = sandboxed(
        sandbox, text, folder, replace(LIMITS, readable=(library, tmp_path / "upload"))
    )
    if isinstance(sandbox, NoSandbox):
        assert "refused" not in outcome.stdout
        return
    assert outcome.stdout.splitlines() == [
        "library/module code",
        "upload upload",
        "secret refused",
        "library/module cannot be written",
        "library/new cannot be written",
        "upload cannot be written",
    ], outcome.stderr


def test_no_readable_folder_shows_the_runs_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`TEMP_DIR` may lie anywhere, also below a folder that somebody thought harmless."""
    program, run_folder = Path("/usr/bin/python3"), tmp_path / "runs" / "one"
    run_folder.mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    around = [tmp_path, tmp_path / "runs", run_folder, tmp_path / "link", Path()]
    assert let_in(program, run_folder, around) == ()
    beside = [tmp_path / "library", Path("runs/one/upload")]
    assert let_in(program, run_folder, beside) == (
        tmp_path / "library",
        run_folder / "upload",
    )


@pytest.mark.parametrize(
    ("display", "socket"),
    [
        (":99", "/tmp/.X11-unix/X99"),
        (":7.0", "/tmp/.X11-unix/X7"),
        ("host:1", None),
        (":1/../../etc", None),
        ("", None),
    ],
)
def test_a_display_is_let_in_by_its_socket(display: str, socket: str | None) -> None:
    """`ORCA_DISPLAY=xvfb` works in a sandbox; nothing else is opened with it."""
    assert display_socket({"DISPLAY": display}) == (Path(socket) if socket else None)


@pytest.mark.parametrize("sandbox", [c for c in SANDBOXES if c.id != "none"])
def test_the_display_can_be_reached_and_no_other_machine(sandbox: Sandbox, tmp_path: Path) -> None:
    """A real Xvfb would do no more than listen there."""
    import socket

    number = 5000 + os.getpid() % 50_000
    path = Path(f"/tmp/.X11-unix/X{number}")
    path.parent.mkdir(mode=0o1777, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        path.chmod(0o777)  # as an X server does
        try:
            server.listen()
            text = f"""
import socket
socket.socket(socket.AF_UNIX).connect({str(path)!r})
try: socket.create_connection(("127.0.0.1", 9), 1)
except PermissionError: print("refused")
"""
            outcome = asyncio.run(
                run(
                    [PYTHON, "-I", "-S", "-c", text],
                    cwd=tmp_path,
                    env={"DISPLAY": f":{number}"},
                    limits=replace(LIMITS, sandbox=sandbox),
                )
            )
        finally:
            path.unlink()
    assert (outcome.stdout, outcome.stderr) == ("refused\n", "")


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_folder_named_from_where_we_stand_is_found(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator may set `TEMP_DIR=work`."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path)
    outcome = sandboxed(sandbox, "open('mine', 'w'); import os; print(os.getcwd())", Path("work"))
    assert outcome.stdout == f"{tmp_path}/work\n", outcome.stderr


def test_what_it_writes_belongs_to_the_user_of_the_run(tmp_path: Path) -> None:
    """A namespace that mapped users otherwise would leave files that cannot be deleted.

    Who is not root runs programs as himself; root as a user that nobody else is (break-in 10).
    """
    for sandbox in (each.values[0] for each in SANDBOXES):
        assert isinstance(sandbox, NoSandbox | BubblewrapSandbox | LandlockSandbox)
        outcome = sandboxed(sandbox, "open('mine', 'w')", tmp_path)
        assert outcome.exit_code == 0
        mine = tmp_path / "mine"
        is_dropped = os.geteuid() == 0 and not isinstance(sandbox, NoSandbox)
        assert mine.stat().st_uid == (RUN_USER if is_dropped else os.geteuid())
        assert stat.S_IMODE(mine.stat().st_mode) & 0o600 == 0o600
        mine.unlink()
