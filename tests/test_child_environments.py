"""No program that the service starts is given the service's own environment."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.harness.origin import Origin
from tests.harness.program import NEW_PYTHON
from tests.harness.puppet import install_fake_orca
from tests.harness.service import order, running_service
from tests.harness.shapes import binary_stl, box
from tests.harness.waiting import wait_until

SECRET = "a-secret-that-no-child-may-ever-see-1"

# Python imports it before anything else, and tells it of every process that is about to start.
WITNESS = """\
import json, os, sys

def note(event, arguments):
    if event == "subprocess.Popen":
        _, words, _, environment = arguments
    elif event in ("os.exec", "os.posix_spawn"):
        _, words, environment = arguments
    elif event in ("os.system", "os.fork", "os.forkpty"):
        words, environment = [event], None
    else:
        return
    shown = None if environment is None else {{str(k): str(v) for k, v in environment.items()}}
    line = json.dumps([[os.fsdecode(word) for word in words], shown]) + "\\n"
    with open({record!r}, "a") as record:
        record.write(line)

if sys.orig_argv[1:3] == ["-m", "pricing_fdm"]:
    sys.addaudithook(note)
"""


@pytest.mark.parametrize("slicer", ["orca", "prusa"])
def test_a_secret_of_the_service_reaches_no_program_that_it_starts(
    origin: Origin, tmp_path: Path, slicer: str
) -> None:
    """Probes, `--version`, the display, the converter and the slicer, in any sandbox or none."""
    record, programs = tmp_path / "record", tmp_path / "programs"
    (tmp_path / "sitecustomize.py").write_text(WITNESS.format(record=str(record)))
    install_xvfb(programs)
    environment = {
        **origin.environment,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(tmp_path),
        "API_TOKEN": SECRET,
        "CALLBACK_SECRET": SECRET,
        "ORCA_DISPLAY": "xvfb",
        "SLICER": slicer,
    }
    if slicer == "orca":
        environment["ORCA_BINARY"] = str(install_fake_orca(programs))
    url = origin.serve("secret.stl", binary_stl(box(20, 20, 20)))
    with running_service(environment, python=NEW_PYTHON) as service:
        answer = service.post(order(url), headers={"Authorization": f"Bearer {SECRET}"})
        assert answer.status_code == 200, answer.text
        wait_until(lambda: "step_to_stl.py" in record.read_text())
    started = [json.loads(line) for line in record.read_text().splitlines()]
    seen = {Path(word).name for words, _ in started for word in words}
    assert seen >= {"Xvfb", "sh", "step_to_stl.py", f"{slicer}-slicer"}
    assert seen >= ({"stdbuf", "true"} if slicer == "prusa" else set())
    for words, given in started:
        assert given is not None, f"{words} inherits the environment"
        assert SECRET not in json.dumps([words, given]), words


def install_xvfb(folder: Path) -> None:
    """A display server that is ready at once and shows nothing."""
    program = folder / "Xvfb"
    program.parent.mkdir()
    program.write_text(
        f"#!{Path(sys.executable).resolve()} -IS\nimport os, sys, time\n"
        "os.write(int(sys.argv[sys.argv.index('-displayfd') + 1]), b'97\\n'); time.sleep(600)\n"
    )
    program.chmod(0o755)
