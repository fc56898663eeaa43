"""What escapes from a run is ended, and nobody else is touched (C2)."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.sandbox import process
from pricing_fdm.sandbox.orphan_reaper import OrphanReaper
from pricing_fdm.sandbox.process import Limits, Outcome, adopt_orphans, orphans_reaped, run
from pricing_fdm.sandbox.sandbox import NoSandbox, Sandbox
from tests.harness.origin import Origin
from tests.harness.puppet import install_fake_prusa, read_records
from tests.harness.service import order, running_service
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until
from tests.sandbox.sandboxes import SANDBOXES
from tests.sandbox.spying import PYTHON

LIMITS = Limits(wall_s=60, cpu_s=60, memory_bytes=2 * 1024**3, file_size_bytes=1024**2)
PR_SET_CHILD_SUBREAPER = 36

# Leaves its group, its session and its parent, tells its id, and stays; "first" does so twice.
ESCAPE = """
import os, time
def escape(name, wiped=False):
    if os.fork():
        return
    os.setsid()
    parent = os.getpid()
    if os.fork():
        os._exit(0)
    while os.getppid() == parent:
        time.sleep(0.001)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(null, stream)
    if name == "first":
        escape("second")
    if wiped:
        script = f"echo $$ >{name}.new; mv {name}.new {name}; exec sleep 600"
        os.execve("/bin/sh", ["sh", "-c", script], {})
    with open(name + ".new", "w") as file:
        file.write(str(os.getpid()))
    os.rename(name + ".new", name)
    time.sleep(600)
def wait_for(*names):
    while not all(map(os.path.exists, names)):
        time.sleep(0.01)
"""
TWO_ESCAPE = ESCAPE + "escape('first'); wait_for('first', 'second')"
ANOTHER = ESCAPE + "open('other', 'w'); wait_for('end'); print('untouched')"

UNCAGED = [sandbox for sandbox in SANDBOXES if sandbox.id in {"none", "landlock"}]
BWRAP = [sandbox for sandbox in SANDBOXES if sandbox.id == "bwrap"]


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> OrphanReaper:
    """The runs of this test only."""
    strays = OrphanReaper()
    monkeypatch.setattr(process, "_REAPER", strays)
    return strays


@pytest.fixture
def adopting(fresh: OrphanReaper) -> Iterator[None]:
    """Makes this process, for one test, what the service is for ever."""
    adopt_orphans()
    yield
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


async def python(text: str, folder: Path, sandbox: Sandbox | None = None) -> Outcome:
    """Runs a Python text as the foreign program."""
    limits = replace(LIMITS, sandbox=sandbox or NoSandbox())
    return await run([PYTHON, "-I", "-S", "-c", text], cwd=folder, env={}, limits=limits)


async def there(path: Path) -> None:
    """Waits for a file that a program makes."""
    await asyncio.to_thread(wait_until, path.exists)


def sleeper() -> subprocess.Popen[bytes]:
    """A child of ours that no run has started."""
    return subprocess.Popen(["/bin/sleep", "600"])


def alive(path: Path) -> bool:
    """Whether the process still runs whose number stands in a file."""
    return Path(f"/proc/{path.read_text().strip()}").exists()


@pytest.mark.usefixtures("adopting")
@pytest.mark.parametrize("sandbox", UNCAGED)
def test_what_escapes_is_gone_when_its_run_ends_c2(sandbox: Sandbox, tmp_path: Path) -> None:
    """C2: two sessions away, and its own child; a run that goes on is not touched."""

    async def story() -> None:
        other = asyncio.create_task(python(ANOTHER, tmp_path, sandbox))
        await there(tmp_path / "other")
        outcome = await python(TWO_ESCAPE, tmp_path, sandbox)
        assert outcome.exit_code == 0
        assert not alive(tmp_path / "first")
        assert not alive(tmp_path / "second")
        assert not other.done()
        (tmp_path / "end").touch()
        assert (await other).stdout == "untouched\n"
        assert orphans_reaped() == 2

    asyncio.run(story())


@pytest.mark.usefixtures("adopting")
@pytest.mark.parametrize("sandbox", BWRAP)
def test_nothing_escapes_from_a_pid_namespace(sandbox: Sandbox, tmp_path: Path) -> None:
    """The kernel ends what is inside; nothing is left for us to find."""
    outcome = asyncio.run(python(TWO_ESCAPE, tmp_path, sandbox))
    assert outcome.exit_code == 0
    assert orphans_reaped() == 0
    working_there = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            working_there += [link] if link.readlink() == tmp_path else []
        except OSError:
            continue
    assert working_there == []


@pytest.mark.usefixtures("adopting")
def test_one_that_wiped_its_environment_is_ended_when_nothing_runs(tmp_path: Path) -> None:
    """It could belong to the other run, so it is left alone until that one has ended."""

    async def story() -> None:
        other = asyncio.create_task(python(ANOTHER, tmp_path))
        await there(tmp_path / "other")
        await python(ESCAPE + "escape('wiped', wiped=True); wait_for('wiped')", tmp_path)
        assert alive(tmp_path / "wiped")
        (tmp_path / "end").touch()
        await other
        assert not alive(tmp_path / "wiped")
        assert orphans_reaped() == 1

    asyncio.run(story())


@pytest.mark.usefixtures("adopting")
def test_children_of_other_code_keep_their_lives_and_their_exit_codes(tmp_path: Path) -> None:
    """A virtual display is our child too; to wait for it here would rob its owner."""
    with (
        sleeper() as display,
        subprocess.Popen(["/bin/sh", "-c", "exit 7"]) as ended,
    ):
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # it has ended and not been reaped
        asyncio.run(python(TWO_ESCAPE, tmp_path))
        asyncio.run(python("pass", tmp_path))
        assert display.poll() is None
        assert ended.wait() == 7
        display.kill()
    assert orphans_reaped() == 2


@pytest.mark.usefixtures("fresh")
def test_without_adopting_nothing_is_looked_for(tmp_path: Path) -> None:
    """As a library, in somebody else's process, their children are their affair."""

    async def story() -> None:
        ours = asyncio.create_task(python(ANOTHER, tmp_path))
        await there(tmp_path / "other")
        theirs = sleeper()
        (tmp_path / "end").touch()
        await ours
        assert theirs.poll() is None
        theirs.kill()
        theirs.wait()

    asyncio.run(story())
    assert orphans_reaped() == 0


@pytest.mark.usefixtures("adopting")
def test_a_program_that_cannot_be_started_is_no_run_that_goes_on(
    tmp_path: Path, fresh: OrphanReaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run counted for ever would keep every stray without a name alive."""
    with monkeypatch.context() as changed:
        changed.setattr("shutil.which", lambda *_args, **_kwargs: None)
        with pytest.raises(FileNotFoundError):
            asyncio.run(python("pass", tmp_path))
    asyncio.run(python(ESCAPE + "escape('wiped', wiped=True); wait_for('wiped')", tmp_path))
    assert not alive(tmp_path / "wiped")
    assert fresh.reaped == 1


@pytest.mark.usefixtures("adopting")
def test_a_stray_that_does_not_die_does_not_hold_up_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In uninterruptible sleep a process survives SIGKILL; the quote is told all the same."""
    real = os.kill
    monkeypatch.setattr("os.kill", lambda *_: None)
    monkeypatch.setattr("pricing_fdm.sandbox.orphan_reaper._POLLS", 3)
    outcome = asyncio.run(python(TWO_ESCAPE, tmp_path))
    assert outcome.exit_code == 0
    monkeypatch.setattr("os.kill", real)
    monkeypatch.setattr("pricing_fdm.sandbox.orphan_reaper._POLLS", 400)
    asyncio.run(python("pass", tmp_path))
    assert not alive(tmp_path / "first")
    assert not alive(tmp_path / "second")
    assert orphans_reaped() == 2  # tried often, counted once


def test_the_service_counts_them_c2(origin: Origin, tmp_path: Path) -> None:
    """The operator's alarm: this metric should stay 0."""
    binary = install_fake_prusa(
        tmp_path / "bin", daemon_s=600, stage="slicing", record_to=tmp_path / "seen"
    )
    environment = {**origin.environment, "PRUSA_BINARY": str(binary), "SANDBOX": "none"}
    url = origin.serve("stray.stl", binary_stl(box(10, 10, 10)))
    with running_service(environment) as service:
        answer = service.post(order(url))
        assert answer.status_code == 200, answer.text
        metrics = service.get("/metrics").text
    daemons = [each["pid"] for each in read_records(tmp_path / "seen") if each["role"] == "daemon"]
    assert len(daemons) == 2  # of the self-test and of the quote
    assert not any(Path(f"/proc/{pid}").exists() for pid in daemons)
    counted = re.search(r"^pricing_fdm_strays_reaped_total (\S+)$", metrics, re.MULTILINE)
    # A daemon's parent that has not quite ended is one more.
    assert counted
    assert float(counted[1]) >= len(daemons)
