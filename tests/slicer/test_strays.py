"""What escapes from a run is ended, and nobody else is touched (C2)."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.records import read_records
from tests.fakes.stand_in import install_fake_prusa
from tests.harness.origin import Origin
from tests.harness.service import order, running_service
from tests.harness.shapes import binary_stl, box
from tests.slicer.test_cage import CAGES, PYTHON

# Each scenario needs a process of its own: to adopt orphans is for the whole life of a process.
PRELUDE = f"""
import asyncio, json, os, pickle, subprocess, sys, time
from dataclasses import replace
from pathlib import Path
from pricing_fdm.slicer.process import Limits, adopt_orphans, run, strays_reaped

FOLDER = Path(sys.argv[1])
CAGE = pickle.loads(bytes.fromhex(sys.argv[2]))
LIMITS = Limits(wall_s=60, cpu_s=60, memory_bytes=2 * 1024**3, file_size_bytes=1024**2, cage=CAGE)

# Leaves its group, its session and its parent, tells its id, and stays; twice over.
ESCAPE = '''
import os, sys, time
def escape(name, wiped):
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    if wiped:
        os.execve("/bin/sh", ["sh", "-c", "echo $$ >" + name + "; exec sleep 600"], {{}})
    if name == "first":
        escape("second", False)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(null, stream)
    open(name + ".new", "w").write(str(os.getpid()))
    os.rename(name + ".new", name)
    time.sleep(600)
'''

async def python(text):
    return await run([{PYTHON!r}, "-I", "-S", "-c", text], cwd=FOLDER, env={{}}, limits=LIMITS)

async def there(*names):
    while not all((FOLDER / name).exists() and (FOLDER / name).read_text() for name in names):
        await asyncio.sleep(0.01)

def alive(name):
    try:
        return Path(f"/proc/{{(FOLDER / name).read_text().strip()}}").exists()
    except FileNotFoundError:
        return False

def at_work():
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            found += [link.parent.name] if link.readlink() == FOLDER else []
        except OSError:
            continue
    return found

WAIT = "import os, time\\nwhile not all(map(os.path.exists, {{}})): time.sleep(0.01)\\n"
found = {{}}
"""


def scenario(text: str, folder: Path, cage: object) -> Any:
    """Runs a scenario and returns what it found."""
    result = subprocess.run(
        [sys.executable, "-c", PRELUDE + text, folder, pickle.dumps(cage).hex()],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


UNCAGED = [cage for cage in CAGES if cage.id in {"none", "landlock"}]
ESCAPE_WHILE_ANOTHER_RUNS = """
async def main():
    adopt_orphans()
    other = asyncio.create_task(python(
        "open('other', 'w').write('1')\\n" + WAIT.format(["end"]) + "print('untouched')"))
    await there("other")
    outcome = await python(ESCAPE + "escape('first', False)\\n" + WAIT.format(["first", "second"]))
    found["exit_code"] = outcome.exit_code
    found["alive"] = [alive("first"), alive("second")]
    found["other"] = other.done()
    (FOLDER / "end").touch()
    found["other_said"] = (await other).stdout
    found["reaped"] = strays_reaped()
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    found["children"] = children
asyncio.run(main())
print(json.dumps(found))
"""


@pytest.mark.parametrize("cage", UNCAGED)
def test_what_escapes_is_gone_when_its_run_ends_c2(cage: object, tmp_path: Path) -> None:
    """C2: two sessions away, and its own child; a run that goes on is not touched."""
    assert scenario(ESCAPE_WHILE_ANOTHER_RUNS, tmp_path, cage) == {
        "exit_code": 0,
        "alive": [False, False],
        "other": False,
        "other_said": "untouched\n",
        "reaped": 2,
        "children": "",
    }


@pytest.mark.parametrize("cage", [cage for cage in CAGES if cage.id == "bwrap"])
def test_nothing_escapes_from_a_pid_namespace(cage: object, tmp_path: Path) -> None:
    """The kernel ends what is inside; nothing is left for us to find."""
    text = """
async def main():
    adopt_orphans()
    outcome = await python(ESCAPE + "escape('first', False)\\n" + WAIT.format(["first", "second"]))
    found["exit_code"], found["reaped"] = outcome.exit_code, strays_reaped()
    found["at work"] = at_work()
asyncio.run(main())
print(json.dumps(found))
"""
    assert scenario(text, tmp_path, cage) == {"exit_code": 0, "reaped": 0, "at work": []}


@pytest.mark.parametrize("cage", [cage for cage in CAGES if cage.id == "none"])
def test_one_that_wiped_its_environment_is_ended_when_nothing_runs(
    cage: object, tmp_path: Path
) -> None:
    """It could belong to the other run, so it is left alone until that one has ended."""
    text = """
async def main():
    adopt_orphans()
    other = asyncio.create_task(python("open('other', 'w').write('1')\\n" + WAIT.format(["end"])))
    await there("other")
    await python(ESCAPE + "escape('first', True)\\n" + WAIT.format(["first"]))
    await there("first")
    found["while another runs"] = alive("first")
    (FOLDER / "end").touch()
    await other
    found["afterwards"] = alive("first")
    found["reaped"] = strays_reaped()
asyncio.run(main())
print(json.dumps(found))
"""
    assert scenario(text, tmp_path, cage) == {
        "while another runs": True,
        "afterwards": False,
        "reaped": 1,
    }


@pytest.mark.parametrize("cage", [cage for cage in CAGES if cage.id == "none"])
def test_children_of_other_code_keep_their_lives_and_their_exit_codes(
    cage: object, tmp_path: Path
) -> None:
    """A virtual display is our child too; to wait for it here would rob its owner."""
    text = """
async def main():
    adopt_orphans()
    display = subprocess.Popen(["/bin/sleep", "600"])
    ended = subprocess.Popen(["/bin/sh", "-c", "exit 7"])
    while Path(f"/proc/{ended.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        await asyncio.sleep(0.01)
    await python(ESCAPE + "escape('first', False)\\n" + WAIT.format(["first", "second"]))
    await python("pass")
    found["display"], found["ended"] = display.poll(), ended.wait()
    found["reaped"] = strays_reaped()
    display.kill()
    display.wait()
asyncio.run(main())
print(json.dumps(found))
"""
    found = scenario(text, tmp_path, cage)
    assert found == {"display": None, "ended": 7, "reaped": 2}


@pytest.mark.parametrize("cage", [cage for cage in CAGES if cage.id == "none"])
def test_without_adopting_nothing_is_looked_for(cage: object, tmp_path: Path) -> None:
    """As a library, in somebody else's process, their children are their affair."""
    text = """
async def main():
    run = asyncio.create_task(python("open('up', 'w').write('1')\\n" + WAIT.format(["end"])))
    await there("up")
    theirs = subprocess.Popen(["/bin/sleep", "600"])
    (FOLDER / "end").touch()
    await run
    found["theirs"], found["reaped"] = theirs.poll(), strays_reaped()
    theirs.kill()
    theirs.wait()
asyncio.run(main())
print(json.dumps(found))
"""
    assert scenario(text, tmp_path, cage) == {"theirs": None, "reaped": 0}


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
    assert f"pricing_fdm_strays_reaped_total {float(len(daemons))}" in metrics
